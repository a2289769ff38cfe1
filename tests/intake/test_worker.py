"""The loop: everything that may wait gets done, whatever fails beside it."""

import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.db import OperationalError

from intake import keys, spool, worker
from intake.escalation import escalate
from intake.models import (
    AuditEvent,
    CallbackRequest,
    CallPolicy,
    Heartbeat,
    Message,
    Note,
    Submission,
)
from intake.queue import claim, record_attempt
from intake.retention import purge
from intake.status import status
from tests.intake.making import NOON, hours, make_request, make_user, reload, send
from tests.operations.place import ROOT, Place

pytestmark = pytest.mark.django_db
State = CallbackRequest.State


def _refuse(*args: object, **kwargs: object) -> None:
    raise OperationalError("could not connect to server: host=secret")


def test_one_round_takes_a_spooled_form_all_the_way_to_the_mail(monkeypatch) -> None:
    monkeypatch.setattr(spool, "insert", _refuse)
    accepted = send()
    monkeypatch.undo()

    assert worker.run_once()

    assert CallbackRequest.objects.get().reference == accepted.reference
    assert len(mail.outbox) == 1
    assert Heartbeat.objects.count() == 1


def test_a_second_round_does_nothing_again() -> None:
    send()
    worker.run_once()

    worker.run_once()

    assert len(mail.outbox) == 1
    assert Heartbeat.objects.count() == 1


def test_a_step_that_fails_does_not_keep_the_others_from_running(caplog) -> None:
    request = make_request()
    claim(request_id=request.pk, user=make_user(), now=NOON)
    send()
    for path in keys.folder().glob("intake-*.key"):
        path.unlink()

    assert worker.run_once()

    assert "admit failed: no private key" in caplog.text
    assert reload(request).state == State.NEW  # the lease was released
    assert Heartbeat.objects.count() == 1


def test_while_the_database_is_away_a_round_ends_early_and_says_so(monkeypatch, caplog) -> None:
    steps = (("drain", _refuse), ("admit", lambda: pytest.fail("went on")))
    monkeypatch.setattr(worker, "STEPS", steps)

    assert not worker.run_once()

    assert "the database failed during drain: OperationalError" in caplog.text
    assert "secret" not in caplog.text


def test_rounds_grow_further_apart_while_the_database_is_away(monkeypatch) -> None:
    monkeypatch.setattr(worker, "run_once", lambda _, hourly: False)
    waits: list[float] = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0)
            if len(waits) == 8:
                self.set()
            return self.is_set()

    worker.run(Stop())

    assert waits == [4, 8, 16, 32, 60, 60, 60, 60]


def test_old_requests_are_looked_for_once_an_hour_and_not_in_every_round(monkeypatch) -> None:
    asked: list[bool] = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            return len(asked) == 3 and (self.set() or True)

    monkeypatch.setattr(worker, "run_once", lambda _, hourly: asked.append(hourly) or True)

    worker.run(Stop())

    assert asked == [True, False, False]


def test_a_stop_is_obeyed_between_two_steps(monkeypatch) -> None:
    stop = threading.Event()

    def first() -> int:
        stop.set()
        return 1

    monkeypatch.setattr(
        worker, "STEPS", (("first", first), ("second", lambda: pytest.fail("went on")))
    )

    assert worker.run_once(stop)


def test_a_public_node_only_drains(settings, monkeypatch) -> None:
    settings.ROLE = "public"
    monkeypatch.setattr(spool, "insert", _refuse)
    send()
    monkeypatch.undo()

    assert worker.run_once()

    assert Submission.objects.count() == 1
    assert not CallbackRequest.objects.exists()
    assert not Heartbeat.objects.exists()


def _holds_back_sigterm(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    blocked = int(status.partition("SigBlk:")[2].split()[0], 16)
    return bool(blocked >> (signal.SIGTERM - 1) & 1)


def test_the_process_stops_cleanly_when_told(migrated: Place, tmp_path: Path) -> None:
    site = migrated.copy_to(tmp_path / "site")
    site.must("intake_keys", "--create")
    words = [sys.executable, str(ROOT / "manage.py"), "run_worker"]
    process = subprocess.Popen(words, env=site.environment())
    try:
        while not _holds_back_sigterm(process.pid):  # from then on it asks for signals
            assert process.poll() is None
            time.sleep(0.05)

        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.wait()


# -- Promises at risk and broken --------------------------------------------------


def milestones(request: CallbackRequest) -> list[tuple[str, str]]:
    told = request.messages.filter(kind__in=["due_soon", "overdue"]).order_by("pk")
    return [(m.kind, m.milestone.partition(" ")[0]) for m in told]


def test_each_promise_is_told_at_three_quarters_and_when_broken_once() -> None:
    request = make_request(received_at=NOON)
    for hour in (17.9, 18, 18.1, 24, 24.1, 36, 48, 48.1):
        escalate(now=NOON + hours(hour))

    assert milestones(request) == [
        ("due_soon", "attempt"),
        ("overdue", "attempt"),
        ("due_soon", "contact"),
        ("overdue", "contact"),
    ]


def test_nothing_is_told_before_it_is_time() -> None:
    request = make_request(received_at=NOON)

    escalate(now=NOON + hours(17.9))

    assert milestones(request) == []


def test_what_was_told_before_is_not_queued_again() -> None:
    for _ in range(3):
        make_request(received_at=NOON - hours(1))
    escalate(now=NOON + hours(24))
    make_request(received_at=NOON)

    assert escalate(now=NOON + hours(24)) == 1
    assert escalate(now=NOON + hours(24)) == 0


def test_a_promise_that_is_kept_is_not_told() -> None:
    request = make_request(received_at=NOON)
    record_attempt(request_id=request.pk, user=make_user(), outcome="no_answer", now=NOON)

    escalate(now=NOON + hours(25))
    assert milestones(request) == []
    escalate(now=NOON + hours(37))
    assert milestones(request) == [("due_soon", "contact")]


def test_the_holder_is_told_that_it_is_at_risk() -> None:
    dana, request = make_user(), make_request(received_at=NOON)
    claim(request_id=request.pk, user=dana, now=NOON + hours(18))

    escalate(now=NOON + hours(18))

    assert request.messages.get(kind="due_soon").user == dana


def test_after_an_outage_a_promise_already_broken_is_told_as_broken_only() -> None:
    request = make_request(received_at=NOON)

    escalate(now=NOON + hours(25))

    assert milestones(request) == [("overdue", "attempt")]


def test_a_promise_made_anew_is_told_anew() -> None:
    request = make_request(received_at=NOON)
    escalate(now=NOON + hours(25))
    record_attempt(
        request_id=request.pk, user=make_user(), outcome="declined", now=NOON + hours(26)
    )
    send(key=request.submission_key, comment="changed my mind", now=NOON + hours(30))
    from intake.admission import admit_pending

    admit_pending()
    escalate(now=NOON + hours(55))

    assert milestones(request) == [("overdue", "attempt"), ("overdue", "attempt")]


# -- Deleting ---------------------------------------------------------------------


def make_closed(outcome: str = "declined", **changes: object) -> CallbackRequest:
    request = make_request(received_at=NOON - hours(1), **changes)
    user = make_user(f"user{request.pk}")
    record_attempt(request_id=request.pk, user=user, outcome=outcome, note="a note", now=NOON)
    return request


def test_what_led_to_nothing_is_deleted_with_everything_about_it() -> None:
    request = make_closed()

    assert purge(now=NOON + timedelta(days=89)) == 0
    assert purge(now=NOON + timedelta(days=91)) == 1

    for model in (CallbackRequest, Submission, Note, Message):
        assert not model.objects.exists(), model
    assert AuditEvent.objects.filter(action="purged", reference=request.reference).count() == 1


def test_the_policy_says_after_how_many_days() -> None:
    make_closed()
    CallPolicy.objects.create(unconverted_days=10)

    assert purge(now=NOON + timedelta(days=9)) == 0
    assert purge(now=NOON + timedelta(days=11)) == 1


def test_spam_goes_after_thirty_days() -> None:
    make_request(received_at=NOON, suspicion="links")

    assert purge(now=NOON + timedelta(days=29)) == 0
    assert purge(now=NOON + timedelta(days=31)) == 1
    assert not Submission.objects.exists()


def test_what_waits_was_booked_or_is_on_hold_stays() -> None:
    make_request(received_at=NOON)
    make_closed("booked")
    held = make_closed()
    CallbackRequest.objects.filter(pk=held.pk).update(is_on_legal_hold=True)

    assert purge(now=NOON + timedelta(days=999)) == 0
    assert CallbackRequest.objects.count() == 3


def test_a_form_that_also_belongs_to_another_request_stays() -> None:
    closed, other = make_closed(), make_request(received_at=NOON)
    other.submissions.add(closed.submissions.get())

    purge(now=NOON + timedelta(days=91))

    assert other.submissions.count() == 2


# -- Status -----------------------------------------------------------------------


def test_the_status_counts_what_needs_a_look(monkeypatch) -> None:
    make_request(received_at=NOON - hours(25))
    send(now=NOON - hours(2))
    send(now=NOON - hours(1))
    monkeypatch.setattr(spool, "insert", _refuse)
    send()
    monkeypatch.undo()
    Heartbeat.objects.create(worker="one", at=NOON)
    Heartbeat.objects.create(worker="two", at=NOON - hours(3))
    Message.objects.update(send_after=NOON)

    found = status(now=NOON)

    assert found.worker_last_seen == NOON
    assert (found.unadmitted, found.oldest_unadmitted_at) == (2, NOON - hours(2))
    assert (found.unsent, found.dead, found.refused) == (1, 0, 0)
    assert found.spool_depth == 1
    assert found.overdue == 1


def test_the_status_of_an_empty_house_is_all_clear() -> None:
    found = status(now=NOON)

    assert found.worker_last_seen is None
    assert (found.unadmitted, found.oldest_unadmitted_at, found.overdue) == (0, None, 0)
