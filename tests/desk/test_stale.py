"""A tab that somebody overtook is told so whatever is pressed, and loses nothing that was typed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from intake import queue
from intake.models import CallbackRequest, Consent
from intake.queue import leave
from tests.desk.conftest import MONDAY
from tests.intake.making import make_request, reload

NOTE = "Ask for 3 minutes"


def overtake(made: CallbackRequest, user: User) -> None:
    """Somebody else changes the request after the page was made."""
    queue.set_consent(request_id=made.pk, user=user, purpose="email", is_granted=True)


def press(client: Client, made: CallbackRequest, move: str, **sent: Any):
    return client.post(f"/desk/{made.pk}/{move}/", {"expected_version": made.version} | sent)


def state_of(made: CallbackRequest) -> tuple[Any, ...]:
    now = reload(made)
    return now.state, now.owner_id, now.lease_until, now.version, Consent.objects.count()


@pytest.mark.parametrize("move", ["claim", "release", "consent", "assign"])
def test_a_stale_sheet_changes_nothing_of_a_waiting_request(
    office: Client, sue: User, dana: User, move: str
) -> None:
    made = make_request()
    if move != "claim":
        made = queue.claim(request_id=made.pk, user=sue)
    overtake(made, dana)
    before = state_of(made)

    sent = {"to": dana.pk, "purpose": "voicemail", "answer": "yes", "note": NOTE}
    response = press(office, made, move, **sent)

    assert response.status_code == 409
    assert "dana changed a consent at 10:14 am." in response.text
    assert NOTE in response.text
    assert state_of(made) == before


def test_a_stale_sheet_reopens_nothing_and_keeps_the_reason(
    office: Client, sue: User, dana: User
) -> None:
    made = make_request()
    queue.record_attempt(request_id=made.pk, user=dana, outcome="declined")
    made = reload(made)
    overtake(made, dana)

    response = press(office, made, "reopen", reason="She called us back")

    assert response.status_code == 409
    assert "She called us back</textarea>" in response.text
    assert reload(made).state == "declined"


def test_a_stale_list_of_what_is_held_frees_nothing(office: Client, dana: User) -> None:
    made = make_request(suspicion="filled in 1 second")
    assert f'name="expected_version" value="{made.version}"' in office.get("/desk/held/").text
    overtake(made, dana)

    assert press(office, made, "free").status_code == 409
    assert reload(made).state == "spam_held"


@pytest.mark.parametrize("move", ["reveal", "consent"])
def test_a_note_that_was_begun_stays_when_the_call_goes_on(
    desk: Client, dana: User, move: str
) -> None:
    made = queue.claim(request_id=make_request(name="Wilhelmina").pk, user=dana)
    typed = {"note": NOTE, "next": "other", "other_at": "2026-11-24T09:30"}

    response = press(desk, made, move, purpose="voicemail", answer="yes", **typed)

    assert response.status_code == 200
    assert f"{NOTE}</textarea>" in response.text
    assert 'value="2026-11-24T09:30"' in response.text
    assert f'data-address="/desk/{made.pk}/"' in response.text


def test_a_closed_sheet_frees_the_request_soon_and_coming_back_keeps_it(
    desk: Client, dana: User, iris: User, clinic: time_machine.Coordinates
) -> None:
    made = queue.claim(request_id=make_request().pk, user=dana)

    assert press(desk, made, "leave").status_code == 204

    clinic.shift(timedelta(minutes=2))
    assert press(desk, made, "renew").text == "10:46 am"
    assert press(desk, made, "leave").status_code == 204
    clinic.shift(timedelta(minutes=3))
    assert queue.claim(request_id=made.pk, user=iris).owner == iris


def test_only_whoever_holds_a_request_can_leave_it(dana: User, iris: User) -> None:
    made = queue.claim(request_id=make_request().pk, user=dana)

    leave(request_id=made.pk, user=iris)

    assert reload(made).lease_until == MONDAY + timedelta(minutes=30)
