"""Escalations to a pager: signed, silent about people, patient, against a real HTTP server."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from intake import outbox, webhook
from intake.escalation import escalate
from intake.models import Message
from intake.outbox import queue_message, send_due
from intake.queue import record_attempt
from tests.intake.making import NOON, hours, make_request, make_user
from tests.project.test_configuration import PRODUCTION, start

pytestmark = pytest.mark.django_db

SECRET = "a secret of more than thirty-two characters"
LATER = NOON + hours(24 * 365)


@dataclass
class Pager:
    """A receiver on this machine; ``answers`` are its next status codes, then 204."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def pager(settings) -> Iterator[Pager]:
    pager = Pager()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            pager.got.append((dict(self.headers), body))
            status = pager.answers.pop(0) if pager.answers else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", pager.url + "elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    pager.url = settings.WEBHOOK_URL = f"http://127.0.0.1:{server.server_port}/"
    settings.WEBHOOK_SECRET = SECRET
    yield pager
    server.shutdown()
    server.server_close()
    thread.join()


def broken_promise() -> Message:
    request = make_request(
        received_at=NOON, name="Zephyrine", phone="+13035550142", email="z@example.org"
    )
    Message.objects.all().delete()
    queue_message(
        kind="overdue", request=request, milestone="attempt 202611191700", channel="webhook"
    )
    return Message.objects.get()


def test_the_pager_learns_of_a_broken_promise(pager: Pager, settings) -> None:
    settings.SITE_URL = "https://clinic.test"
    message = broken_promise()

    assert send_due(now=LATER) == 1

    ((_, body),) = pager.got
    request = message.request
    assert json.loads(body) == {
        "id": message.message_id.strip("<>"),
        "event": "overdue",
        "promise": "attempt",
        "reference": f"{request.reference[:5]}-{request.reference[5:]}",
        "due_at": datetime(2026, 11, 19, 17, 0, tzinfo=UTC).isoformat(),
        "link": f"https://clinic.test/desk/{request.pk}/",
    }
    assert mail.outbox == []


def test_nothing_personal_is_sent(pager: Pager) -> None:
    broken_promise()

    send_due(now=LATER)

    sent = str(pager.got)
    for word in ("Zephyrine", "5550142", "z@example.org"):
        assert word not in sent


def test_the_signature_covers_time_and_body(pager: Pager) -> None:
    broken_promise()

    send_due(now=LATER)

    ((headers, body),) = pager.got
    timestamp = headers["Clinic-Timestamp"]
    assert int(timestamp) == int(LATER.timestamp())
    wanted = hmac.new(SECRET.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    assert headers["Clinic-Signature"] == f"v1={wanted.hexdigest()}"


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 500, 503])
def test_what_is_not_taken_is_tried_again_later(pager: Pager, status: int, caplog) -> None:
    broken_promise()
    pager.answers = [status]

    assert send_due(now=LATER) == 0
    message = Message.objects.get()
    assert message.send_after == LATER + outbox.FIRST_WAIT
    assert message.last_error == "HTTPError"
    assert len(pager.got) == 1  # a redirect was not followed

    assert send_due(now=message.send_after) == 1


def test_a_pager_that_stays_away_makes_a_dead_letter(settings, caplog) -> None:
    settings.WEBHOOK_URL, settings.WEBHOOK_SECRET = "http://127.0.0.1:9/", SECRET
    broken_promise()
    now = LATER
    for _ in range(outbox.MAX_TRIES):
        send_due(now=now)
        now = max(Message.objects.get().send_after, now)

    assert Message.objects.get().dead_at is not None
    assert list(outbox.dead()) == [Message.objects.get()]


def test_a_pager_that_never_answers_does_not_hold_the_worker(
    pager: Pager, settings, monkeypatch: pytest.MonkeyPatch, caplog
) -> None:
    import socket

    silent = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setattr(webhook, "TIMEOUT", 0.2)
    settings.WEBHOOK_URL = f"http://127.0.0.1:{silent.getsockname()[1]}/"
    broken_promise()

    assert send_due(now=LATER) == 0

    assert Message.objects.get().last_error in {"TimeoutError", "URLError"}
    silent.close()


def test_a_promise_kept_meanwhile_is_not_told(pager: Pager) -> None:
    message = broken_promise()
    record_attempt(request_id=message.request_id, user=make_user(), outcome="booked")

    assert send_due(now=LATER) == 0
    assert pager.got == []
    assert Message.objects.get().cancelled_at is not None


def test_without_an_address_the_message_stays_and_says_why(settings, caplog) -> None:
    settings.WEBHOOK_URL = ""
    broken_promise()

    assert send_due(now=LATER) == 0
    assert Message.objects.get().last_error == "NotConfigured"


# -- escalation ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (17.9, set()),
        (18, {("due_soon", "attempt")}),
        (24, {("overdue", "attempt")}),
        (36, {("overdue", "attempt"), ("due_soon", "contact")}),
        (48, {("overdue", "attempt"), ("overdue", "contact")}),
    ],
)
def test_each_milestone_is_told_once_by_each_channel(pager: Pager, after: float, told) -> None:
    make_request(received_at=NOON)
    Message.objects.all().delete()
    now = NOON + hours(after)

    for _ in range(3):
        escalate(now=now)

    rows = Message.objects.values_list("kind", "milestone", "channel")
    found = [(kind, milestone.split()[0], channel) for kind, milestone, channel in rows]
    wanted = [(*one, channel) for one in told for channel in ("mail", "webhook")]
    assert sorted(found) == sorted(wanted)


def test_without_a_webhook_only_mail_is_queued(settings) -> None:
    settings.WEBHOOK_URL = ""
    make_request(received_at=NOON)
    Message.objects.all().delete()

    escalate(now=NOON + hours(24))

    assert {message.channel for message in Message.objects.all()} == {"mail"}


def test_the_database_refuses_the_same_milestone_twice() -> None:
    message = broken_promise()
    message.pk, message.message_id = None, "<other@clinic.test>"

    with pytest.raises(IntegrityError), transaction.atomic():
        message.save(force_insert=True)


# -- settings ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"CLINIC_WEBHOOK_URL": "pager"}, "CLINIC_WEBHOOK_URL"),
        ({"CLINIC_WEBHOOK_URL": "ftp://x.org/"}, "CLINIC_WEBHOOK_URL"),
        ({"CLINIC_WEBHOOK_URL": "http://127.0.0.1/"}, "CLINIC_WEBHOOK_SECRET"),
        (PRODUCTION | {"CLINIC_WEBHOOK_URL": "http://pager.example.org/"}, "CLINIC_WEBHOOK_URL"),
        (
            {"CLINIC_WEBHOOK_URL": "http://127.0.0.1/", "CLINIC_WEBHOOK_SECRET": "short"},
            "CLINIC_WEBHOOK_SECRET",
        ),
    ],
)
def test_a_webhook_that_cannot_work_stops_the_start(tmp_path: Path, changes, name) -> None:
    started = start(tmp_path, **changes)

    assert started.returncode != 0
    assert name in started.stderr.strip().splitlines()[-1]
