"""Messages: queued with the change, sent once, patient with a mail server, silent about people."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import transaction

from intake import letters, outbox
from intake.models import AuditEvent, Message
from intake.outbox import queue_message, revive, send_due
from intake.queue import record_attempt, set_consent
from tests.intake.making import NOON, all_at_once, hours, make_request, make_user, send

pytestmark = pytest.mark.django_db

LATER = NOON + hours(24 * 365)  # queue_message stamps the real time


def test_staff_learn_of_a_new_request_by_reference_and_link(settings) -> None:
    settings.SITE_URL = "https://clinic.test"
    request = make_request(received_at=NOON, name="Zephyrine", email="z@example.org")

    assert send_due(now=LATER) == 1

    (letter,) = mail.outbox
    assert letter.to == ["desk@clinic.test"]
    shown = f"{request.reference[:5]}-{request.reference[5:]}"
    assert letter.subject == f"New callback request {shown}"
    assert f"https://clinic.test/desk/{request.pk}/" in letter.body
    assert "Thursday, November 19, 10:00 a.m. MST" in letter.body
    for word in ("Zephyrine", "z@example.org", "3035550142"):
        assert word not in letter.message().as_string()


def test_the_message_id_is_the_same_on_every_try(monkeypatch) -> None:
    make_request()
    message = Message.objects.get()
    monkeypatch.setattr(outbox, "_finish", lambda *_, **__: None)  # dies before noting it

    send_due(now=LATER)
    send_due(now=LATER + outbox.LEASE)

    one, two = mail.outbox
    assert one.extra_headers["Message-ID"] == two.extra_headers["Message-ID"] == message.message_id
    assert re.fullmatch(r"<[0-9a-f]{32}@[^@>]+>", message.message_id)


def test_what_was_sent_is_not_sent_again() -> None:
    make_request()

    assert send_due(now=LATER) == 1
    assert send_due(now=LATER) == 0
    assert Message.objects.get().sent_at is not None


def test_the_same_message_is_queued_once() -> None:
    request = make_request()

    queue_message(kind="due_soon", request=request, milestone="attempt 1")
    queue_message(kind="due_soon", request=request, milestone="attempt 1")
    queue_message(kind="due_soon", request=request, milestone="contact 1")

    assert request.messages.filter(kind="due_soon").count() == 2


def test_a_message_goes_with_its_transaction() -> None:
    request = make_request()

    with transaction.atomic():
        queue_message(kind="overdue", request=request, milestone="x")
        transaction.set_rollback(True)

    assert not request.messages.filter(kind="overdue").exists()


def test_a_message_for_later_waits() -> None:
    request = make_request()
    Message.objects.all().delete()
    queue_message(kind="overdue", request=request, milestone="x", send_after=LATER)

    assert send_due(now=LATER - timedelta(seconds=1)) == 0
    assert send_due(now=LATER) == 1


def test_a_failing_server_is_tried_again_later_and_later(monkeypatch, caplog) -> None:
    make_request()
    monkeypatch.setattr(letters.EmailMessage, "send", _refuse)
    waits, now = [], LATER
    for _ in range(outbox.MAX_TRIES - 1):
        assert send_due(now=now) == 0
        message = Message.objects.get()
        waits.append(message.send_after - now)
        now = message.send_after

    assert waits[:4] == [timedelta(minutes=m) for m in (1, 2, 4, 8)]
    assert max(waits) == outbox.LONGEST_WAIT
    assert message.last_error == "ConnectionRefusedError"
    assert "ConnectionRefusedError" in caplog.text


def test_after_the_last_try_it_is_dead_and_a_person_can_revive_it(monkeypatch, caplog) -> None:
    make_request()
    with monkeypatch.context() as patch:
        patch.setattr(letters.EmailMessage, "send", _refuse)
        now = LATER
        for _ in range(outbox.MAX_TRIES):
            send_due(now=now)
            now = max(Message.objects.get().send_after, now)

    message = Message.objects.get()
    assert message.dead_at is not None
    assert f"message {message.pk} was given up" in caplog.text
    assert send_due(now=now + hours(99)) == 0

    assert revive(message.pk, now=now)
    assert send_due(now=now) == 1
    assert not revive(message.pk, now=now)


def test_one_message_that_fails_does_not_hold_up_the_next(monkeypatch) -> None:
    first, second = make_request(), make_request()
    whole = letters.compose

    def picky(message):
        if message.request == first:
            raise ValueError("no such template")
        return whole(message)

    monkeypatch.setattr(letters, "compose", picky)

    assert send_due(now=LATER) == 1
    assert first.messages.get().tries == 1
    assert second.messages.get().sent_at


def _refuse(*args: object, **kwargs: object) -> None:
    raise ConnectionRefusedError


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_send_each_message_once() -> None:
    for _ in range(20):
        make_request()

    results = all_at_once(6, lambda _: send_due(now=LATER))

    assert sum(results) == 20, results
    ids = [letter.extra_headers["Message-ID"] for letter in mail.outbox]
    assert len(ids) == len(set(ids)) == 20


def test_a_message_whose_sender_died_is_sent_after_the_lease() -> None:
    make_request()
    Message.objects.update(leased_until=LATER + outbox.LEASE)

    assert send_due(now=LATER) == 0
    assert send_due(now=LATER + outbox.LEASE) == 1


def test_a_demo_request_wakes_nobody() -> None:
    request = make_request()
    request.is_demo = True
    Message.objects.all().delete()

    queue_message(kind="overdue", request=request, milestone="x")

    assert not Message.objects.exists()


# -- Receipts ---------------------------------------------------------------------


def make_receipt(**changes: object):
    fields = {"email": "ana@example.org", "email_receipt": True, **changes}
    request = make_request(received_at=NOON, **fields)
    Message.objects.exclude(kind="receipt").delete()
    return request


def test_a_receipt_has_reference_promise_and_crisis_line_and_nothing_else() -> None:
    make_receipt(name="Zephyrine", comment="Kumquat")

    send_due(now=LATER)

    (letter,) = mail.outbox
    assert letter.to == ["ana@example.org"]
    assert "988" in letter.body
    assert "866-951-4325" in letter.body
    assert "Thursday, November 19, 10:00 a.m. MST" in letter.body
    for word in ("Zephyrine", "Kumquat", "/desk/"):
        assert word not in letter.message().as_string()


def test_sending_a_receipt_is_an_opening_on_record() -> None:
    request = make_receipt()

    send_due(now=LATER)

    assert AuditEvent.objects.filter(
        action="opened", reference=request.reference, detail__purpose="receipt"
    ).exists()


def test_a_consent_taken_back_before_sending_stops_the_receipt() -> None:
    request = make_receipt()
    set_consent(request_id=request.pk, user=make_user(), purpose="email", is_granted=False)

    assert send_due(now=LATER) == 0

    assert mail.outbox == []
    assert Message.objects.get().cancelled_at is not None
    assert not AuditEvent.objects.filter(detail__purpose="receipt").exists()


def test_a_corrected_address_gets_the_receipt() -> None:
    from intake.admission import admit_pending

    request = make_receipt(email="ana@example.rog")
    send(key=request.submission_key, email="ana@example.org", email_receipt=True)
    admit_pending()
    Message.objects.exclude(kind="receipt").delete()

    send_due(now=LATER)

    assert {letter.to[0] for letter in mail.outbox} == {"ana@example.org"}


# -- Who is told ------------------------------------------------------------------


def test_supervisors_hear_of_a_broken_promise_beside_the_team() -> None:
    boss = make_user("boss", email="boss@clinic.test")
    boss.user_permissions.add(Permission.objects.get(codename="supervise_desk"))
    make_user("dana", email="dana@clinic.test")
    request = make_request()
    Message.objects.all().delete()
    queue_message(kind="overdue", request=request, milestone="attempt 1")

    send_due(now=LATER)

    assert mail.outbox[0].to == ["desk@clinic.test", "boss@clinic.test"]
    assert "nobody has tried yet" in mail.outbox[0].body


def test_a_promise_at_risk_is_told_to_whoever_holds_the_request() -> None:
    dana, request = make_user(email="dana@clinic.test"), make_request()
    Message.objects.all().delete()
    queue_message(kind="due_soon", request=request, milestone="contact 1", user=dana)

    send_due(now=LATER)

    assert mail.outbox[0].to == ["dana@clinic.test"]
    assert "has not been reached yet" in mail.outbox[0].body


def test_a_promise_that_was_kept_meanwhile_is_not_complained_about() -> None:
    request = make_request()
    Message.objects.all().delete()
    queue_message(kind="overdue", request=request, milestone="attempt 1")
    record_attempt(request_id=request.pk, user=make_user(), outcome="booked")

    assert send_due(now=LATER) == 0
    assert Message.objects.get().cancelled_at is not None


def test_a_first_attempt_made_meanwhile_answers_the_message_about_it() -> None:
    request = make_request()
    Message.objects.all().delete()
    for promise in ("attempt", "contact"):
        queue_message(kind="overdue", request=request, milestone=f"{promise} 1")
    record_attempt(request_id=request.pk, user=make_user(), outcome="no_answer")

    assert send_due(now=LATER) == 1
    assert Message.objects.get(cancelled_at=None).milestone == "contact 1"


def test_with_nobody_to_tell_the_message_stays_and_says_why(settings) -> None:
    settings.NOTIFY_EMAILS = []
    make_request()

    assert send_due(now=LATER) == 0
    assert Message.objects.get().last_error == "NobodyToTell"
