"""A machine's clock was ahead and was put right: nothing waits for a moment far away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from intake.admission import RETRY_AFTER, admit_pending
from intake.models import CallbackRequest, Heartbeat, Message, Submission
from intake.outbox import LONGEST_WAIT, send_due
from intake.retention import purge
from intake.status import status
from tests.intake.making import make_request, send

pytestmark = pytest.mark.django_db
AHEAD = timedelta(hours=13)


def test_a_message_put_off_by_it_is_sent_now() -> None:
    make_request()
    Message.objects.update(send_after=timezone.now() + AHEAD)

    assert send_due() == 1


def test_a_message_that_waits_for_its_next_try_still_waits() -> None:
    make_request()
    Message.objects.update(send_after=timezone.now() + LONGEST_WAIT - timedelta(minutes=1))

    assert send_due() == 0


def test_a_message_leased_by_it_is_sent_now() -> None:
    make_request()
    Message.objects.update(leased_until=timezone.now() + AHEAD)

    assert send_due() == 1


def test_a_form_put_off_by_it_is_admitted_now() -> None:
    send()
    Submission.objects.update(retry_at=timezone.now() + AHEAD)

    assert admit_pending() == 1
    assert CallbackRequest.objects.count() == 1


def test_a_form_that_waits_for_its_next_try_still_waits() -> None:
    send()
    Submission.objects.update(retry_at=timezone.now() + RETRY_AFTER - timedelta(minutes=1))

    assert admit_pending() == 0


def test_a_sign_of_life_from_the_future_hides_no_silent_worker() -> None:
    now = timezone.now()
    Heartbeat.objects.create(worker="dead", at=now + AHEAD)
    Heartbeat.objects.create(worker="alive", at=now - timedelta(minutes=5))

    assert status().worker_last_seen == now - timedelta(minutes=5)


def test_signs_of_life_from_the_far_future_are_cleared_away() -> None:
    Heartbeat.objects.create(worker="dead", at=timezone.now() + timedelta(days=30))

    purge()

    assert not Heartbeat.objects.exists()
