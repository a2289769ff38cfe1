"""What a row and a sheet say of when somebody may be called, in the cases that are seldom."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from intake.desk.person import in_words
from intake.models import CallbackRequest, OpeningHours
from intake.queue import claim
from tests.desk.conftest import MONDAY, words
from tests.intake.making import make_request


def said(client: Client, path: str) -> str:
    return words(client.get(path).text)


def test_a_broken_promise_counts_more_than_the_wish_for_another_hour(desk: Client) -> None:
    made = make_request(received_at=MONDAY - timedelta(hours=49), window="late_afternoon")

    assert "Now late, so outside their hours" in said(desk, "/desk/")
    assert "Outside the hours they asked for, but the promise is broken: call." in said(
        desk, f"/desk/{made.pk}/"
    )


def test_a_lease_that_ran_out_is_said(
    desk: Client, iris: User, clinic: time_machine.Coordinates
) -> None:
    made = make_request()
    claim(request_id=made.pk, user=iris)
    clinic.shift(timedelta(hours=2))

    assert "Lease ran out" in said(desk, "/desk/")
    assert "Lease ran out" in said(desk, f"/desk/{made.pk}/")


def test_hours_that_never_meet_are_said(desk: Client) -> None:
    OpeningHours.objects.all().delete()
    OpeningHours.objects.create(weekday=0, opens_at=time(7), closes_at=time(9))
    made = make_request(phone="+18085550102", state="HI")  # 3:00 to 5:00 there

    assert "Not in sight no hours in common" in said(desk, "/desk/")
    assert "Our hours and the lawful hours there do not meet." in said(desk, f"/desk/{made.pk}/")


def test_where_a_person_decides_the_sheet_says_so(desk: Client) -> None:
    made = make_request()
    CallbackRequest.objects.filter(pk=made.pk).update(
        attempt_count=5, first_attempt_at=MONDAY - timedelta(hours=3)
    )

    assert "A person decides now: try once more, or close it." in said(desk, f"/desk/{made.pk}/")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("adult", None, "Not said"),
        ("adult", True, "Yes"),
        ("adult", False, "No, not yet 18"),
        ("voicemail", True, "Yes"),
        ("voicemail", False, "No"),
        ("for_whom", "other", "Someone else"),
        ("for_whom", "of a later version", "of a later version"),
        ("topic", "phone", "Would rather discuss by phone"),
        ("window", "morning", "Morning, before noon"),
        ("state", "HI", "Hawaii"),
        ("phone", "", "Not given"),
        ("language", "", "Not given"),
    ],
)
def test_every_answer_of_a_form_can_be_read(name: str, value: object, words: str) -> None:
    assert in_words(name, value) == words
