"""Several coordinators press the same key at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from clinic_site.roles import create_staff
from intake.models import CallAttempt, CallbackRequest
from intake.schedule import set_up
from tests.desk.conftest import MONDAY, PASSWORD, signed_in
from tests.intake.making import all_at_once, make_request, reload

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 8


@pytest.fixture
def crowd() -> Iterator[list]:
    """Eight coordinators at their browsers, 10:14 on a Monday."""
    with time_machine.travel(MONDAY, tick=True):
        set_up()
        names = [f"person{n}" for n in range(PEOPLE)]
        yield [
            signed_in(create_staff(name=name, role="coordinator", password=PASSWORD))
            for name in names
        ]


def test_eight_presses_of_next_are_eight_different_people(crowd: list) -> None:
    for n in range(PEOPLE * 2):
        make_request(received_at=MONDAY - timedelta(hours=1, minutes=n))

    found = all_at_once(PEOPLE, lambda n: crowd[n].post("/desk/next/").url)

    assert len(set(found)) == PEOPLE
    assert CallbackRequest.objects.filter(state="claimed").count() == PEOPLE


def test_one_request_taken_by_eight_has_one_owner_and_seven_are_told(crowd: list) -> None:
    made = make_request()

    found = all_at_once(PEOPLE, lambda n: crowd[n].post(f"/desk/{made.pk}/claim/").status_code)

    assert sorted(found) == [302] + [409] * (PEOPLE - 1)
    assert reload(made).owner is not None


def test_a_call_sent_eight_times_at_once_is_recorded_once(crowd: list) -> None:
    made = make_request()
    crowd[0].post(f"/desk/{made.pk}/claim/")
    form = {"outcome": "booked", "expected_version": reload(made).version}

    found = all_at_once(
        PEOPLE, lambda n: crowd[0].post(f"/desk/{made.pk}/attempt/", form).status_code
    )

    assert found.count(302) == 1
    assert CallAttempt.objects.count() == 1
