"""What an operator types."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from intake import wordings
from intake.models import (
    CallbackRequest,
    CallPolicy,
    ConsentWording,
    Message,
    OpeningHours,
    Submission,
)
from intake.outbox import send_due
from intake.queue import record_attempt, waiting
from tests.intake.making import NOON, make_request, make_user

pytestmark = pytest.mark.django_db


def test_requests_are_listed_without_anything_personal(capsys) -> None:
    request = make_request(received_at=NOON, name="Zephyrine", email="z@example.org")

    call_command("list_requests", json=True)

    text = capsys.readouterr().out
    (row,) = json.loads(text)
    assert row["reference"] == request.reference
    assert row["state"] == "new"
    assert row["received_at"] == "2026-11-18T17:00:00+00:00"
    assert row["attempt_due_at"] == "2026-11-19T17:00:00+00:00"
    assert row["attempts"] == 0
    for word in ("Zephyrine", "z@example.org", "3035550142", request.phone_index):
        assert word not in text


def test_closed_requests_are_listed_when_asked_for(capsys) -> None:
    request = make_request()
    record_attempt(request_id=request.pk, user=make_user(), outcome="booked")

    call_command("list_requests", json=True)
    assert json.loads(capsys.readouterr().out) == []
    call_command("list_requests", json=True, all=True)
    assert json.loads(capsys.readouterr().out)[0]["state"] == "booked"


def test_the_list_can_be_read_by_people(capsys) -> None:
    request = make_request()

    call_command("list_requests")

    assert f"{request.reference[:5]}-{request.reference[5:]}  new" in capsys.readouterr().out


def test_a_new_clinic_starts_with_hours_a_policy_and_the_wordings() -> None:
    call_command("setup_intake")
    call_command("setup_intake")

    assert OpeningHours.objects.count() == 5
    assert CallPolicy.objects.count() == 1
    assert ConsentWording.objects.count() == 8


def test_hours_that_a_supervisor_deleted_do_not_come_back() -> None:
    call_command("setup_intake")
    OpeningHours.objects.all().delete()

    call_command("setup_intake")

    assert not OpeningHours.objects.exists()


def test_the_start_stops_when_a_wording_was_changed_under_its_id(monkeypatch) -> None:
    call_command("setup_intake")
    changed = wordings.Wording("call-1", "call", "Other words")
    monkeypatch.setitem(wordings.WORDINGS["en"], "call", changed)

    with pytest.raises(CommandError, match="call-1 was shown with other words"):
        call_command("setup_intake")


def test_demo_requests_are_believable_marked_sealed_and_wake_nobody() -> None:
    call_command("demo_queue", "40")

    demo = CallbackRequest.objects.filter(is_demo=True)
    assert demo.count() == 40
    assert not Message.objects.exists()
    assert len({request.reference for request in demo}) == 40
    assert demo.exclude(attempt_count=0).exists()
    assert len(waiting()) == demo.filter(state__in=CallbackRequest.WAITING).count() > 20


def test_demo_requests_go_with_one_command_and_real_ones_stay() -> None:
    real = make_request()
    call_command("demo_queue", "10")

    call_command("demo_queue", remove=True)

    assert list(CallbackRequest.objects.all()) == [real]
    assert Submission.objects.count() == 1


def test_a_demo_of_nothing_is_refused() -> None:
    with pytest.raises(CommandError, match="Say how many"):
        call_command("demo_queue")


def test_mail_that_was_given_up_on_is_sent_once_the_server_works_again(capsys, settings) -> None:
    settings.NOTIFY_EMAILS = ["desk@clinic.test"]
    make_request()
    make_request()
    Message.objects.update(dead_at=timezone.now(), tries=10)
    assert send_due() == 0

    call_command("revive_mail")

    assert "2 messages will be sent again." in capsys.readouterr().out
    assert send_due(now=timezone.now() + timedelta(minutes=1)) == 2
    call_command("revive_mail")
    assert "0 messages" in capsys.readouterr().out
