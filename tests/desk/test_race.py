"""Several coordinators press the same key at the same moment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from clinic_site.roles import create_staff
from intake.models import CallAttempt, CallbackRequest
from intake.schedule import set_up
from tests.desk.conftest import MONDAY, PASSWORD, fill, signed_in
from tests.intake.making import all_at_once, make_request, reload

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, WAITING, PRESSES = 16, 200, 13  # a few more presses than requests


@pytest.fixture
def crowd() -> Iterator[list]:
    """Sixteen coordinators at their browsers, 10:14 on a Monday."""
    with time_machine.travel(MONDAY, tick=True):
        set_up()
        names = [f"person{n}" for n in range(PEOPLE)]
        yield [
            signed_in(create_staff(name=name, role="coordinator", password=PASSWORD))
            for name in names
        ]


def test_sixteen_who_press_next_again_and_again_never_get_the_same_person(crowd: list) -> None:
    fill(WAITING - 1)  # and the one they are like
    CallbackRequest.objects.update(window="any")

    def press(n: int) -> list[str]:
        return [crowd[n].post("/desk/next/").url for _ in range(PRESSES)]

    found = [url for urls in all_at_once(PEOPLE, press) for url in urls]

    sheets = [url for url in found if url != "/desk/"]
    assert len(sheets) == len(set(sheets)) == WAITING
    assert CallbackRequest.objects.filter(state="claimed").count() == WAITING


def test_one_request_taken_by_all_has_one_owner_and_the_others_are_told(crowd: list) -> None:
    made = make_request()

    found = all_at_once(PEOPLE, lambda n: crowd[n].post(f"/desk/{made.pk}/claim/").status_code)

    assert sorted(found) == [302] + [409] * (PEOPLE - 1)
    assert reload(made).owner is not None


def test_a_call_sent_many_times_at_once_is_recorded_once(crowd: list) -> None:
    made = make_request()
    crowd[0].post(f"/desk/{made.pk}/claim/")
    form = {"outcome": "booked", "expected_version": reload(made).version}

    found = all_at_once(
        PEOPLE, lambda n: crowd[0].post(f"/desk/{made.pk}/attempt/", form).status_code
    )

    assert found.count(302) == 1
    assert CallAttempt.objects.count() == 1
