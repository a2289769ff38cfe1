"""Recording a call: each outcome, each refusal, and that nothing typed is ever lost."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from intake import queue
from intake.envelope import open_note
from intake.models import CallAttempt, CallbackRequest, Consent, Note
from intake.queue import CLOSES
from intake.references import show_reference
from tests.desk.conftest import MONDAY, signed_in
from tests.intake.making import make_request, reload

SOON = "2026-11-23T20:00+00:00"  # 1 pm the same day


@pytest.fixture
def taken(desk: Client) -> CallbackRequest:
    """A request that dana holds, with the sheet open in her browser."""
    made = make_request(received_at=MONDAY - timedelta(hours=5), voicemail=True, email="a@b.org")
    desk.post(f"/desk/{made.pk}/claim/")
    return reload(made)


def record(client: Client, made: CallbackRequest, outcome: str, **changes: object):
    form = {
        "outcome": outcome,
        "next": SOON,
        "expected_version": made.version,
        "note": "",
    } | changes
    return client.post(f"/desk/{made.pk}/attempt/", form)


@pytest.mark.parametrize("outcome", CallAttempt.Outcome.values)
def test_each_outcome_is_recorded_and_moves_the_request(
    desk: Client, taken: CallbackRequest, outcome: str
) -> None:
    response = record(desk, taken, outcome)

    assert response.status_code == 302
    now = reload(taken)
    assert now.state == CLOSES.get(outcome, CallbackRequest.State.AWAITING_RETRY)
    assert now.attempts.get().outcome == outcome
    assert now.owner is None
    if outcome not in CLOSES:
        assert now.next_action_at == datetime.fromisoformat(SOON)


def test_a_coordinator_claims_opens_tries_again_and_closes(
    desk: Client, clinic: time_machine.Coordinates
) -> None:
    made = make_request(name="Wilhelmina", received_at=MONDAY - timedelta(hours=2))
    sheet = desk.post("/desk/next/").url
    assert "Wilhelmina" in desk.post(f"{sheet}reveal/", follow=True).text
    record(desk, reload(made), "no_answer")
    clinic.move_to(datetime.fromisoformat(SOON) + timedelta(minutes=1))
    desk = signed_in(User.objects.get(username="dana"))  # hours later, after lunch
    assert desk.post("/desk/next/").url == sheet

    response = desk.post(
        f"{sheet}attempt/",
        {"outcome": "booked", "expected_version": reload(made).version, "note": "Tuesday at 9"},
        follow=True,
    )

    assert f"{show_reference(made.reference)}: spoke, booked." in response.text
    closed = reload(made)
    assert closed.state == "booked"
    assert closed.attempt_count == 2
    assert f"/desk/{made.pk}/" not in re.findall(r'<th scope="row".*?href="([^"]*)"', response.text)


def test_after_a_call_the_next_one_is_handed_over(desk: Client, taken: CallbackRequest) -> None:
    other = make_request(received_at=MONDAY - timedelta(hours=1))

    response = record(desk, taken, "booked", then_next="on")

    assert response.url == f"/desk/{other.pk}/"
    assert "Take it back" in desk.get(response.url).text


def test_whoever_wants_a_break_goes_back_to_the_list(desk: Client, taken: CallbackRequest) -> None:
    make_request(received_at=MONDAY - timedelta(hours=1))

    assert record(desk, taken, "booked").url == "/desk/"


def test_a_note_is_sealed_and_read_by_the_next_caller(
    desk: Client, taken: CallbackRequest, dana: User
) -> None:
    record(desk, taken, "no_answer", note="Ask for Wilhelmina")

    note = Note.objects.get()
    assert b"Wilhelmina" not in bytes(note.envelope)
    assert open_note(note, actor=dana, purpose="test") == "Ask for Wilhelmina"
    sheet = f"/desk/{taken.pk}/"
    desk.post(f"{sheet}claim/")
    assert "Ask for Wilhelmina" not in desk.get(sheet).text
    assert "Ask for Wilhelmina" in desk.post(f"{sheet}reveal/", follow=True).text


def test_asking_us_to_stop_takes_every_consent_back_at_once(
    desk: Client, taken: CallbackRequest
) -> None:
    record(desk, taken, "stop")

    newest = {c.purpose: c.is_granted for c in Consent.objects.filter(request=taken)}
    assert set(newest.values()) == {False}
    assert reload(taken).state == "withdrawn"


def test_a_wrong_number_forbids_messages_from_then_on(desk: Client, taken: CallbackRequest) -> None:
    record(desk, taken, "wrong_number")
    desk.post(f"/desk/{taken.pk}/claim/")

    shown = desk.get(f"/desk/{taken.pk}/").text

    assert "Wrong number before." in shown
    assert "Voicemail is fine." not in shown
    assert 'name="outcome" value="voicemail"' not in shown
    refused = record(desk, reload(taken), "voicemail")
    assert refused.status_code == 422


# -- what is refused, and that typing is kept ---------------------------------------


def refused(response, status: int, sentence: str) -> str:
    assert response.status_code == status
    text = html.unescape(response.text)
    assert sentence in re.sub(r"\s+", " ", text)
    assert "<title>Error: " in text
    return text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"next": ""}, "Choose when to try again."),
        ({"next": "tomorrow"}, "Choose one of the times."),
        ({"next": "2026-11-23T13:00"}, "Choose one of the times."),
        ({"next": "other", "other_at": ""}, "Give the day and the time to try again."),
        ({"next": "other", "other_at": "soon"}, "Give the day and the time to try again."),
        ({"next": "other", "other_at": "2026-11-23T09:00"}, "That time is over."),
        ({"next": "other", "other_at": "2026-11-24T07:30"}, "The law allows calls from 8 am"),
        ({"next": "other", "other_at": "2026-11-24T21:00"}, "The law allows calls from 8 am"),
        ({"next": "other", "other_at": "2026-11-28T12:00"}, "The clinic is closed then."),
        ({"next": "other", "other_at": "2027-03-16T12:00"}, "more than 90 days"),
        ({"note": "x" * 301}, "Keep the note to 300 characters."),
        ({"outcome": "sleepy"}, "sleepy is not one of the available choices."),
        ({"outcome": ""}, "Say how the call went"),
    ],
)
def test_a_refused_form_says_why_and_keeps_what_was_typed(
    desk: Client, taken: CallbackRequest, changes: dict[str, str], sentence: str
) -> None:
    form = {"note": "Ask for Wilhelmina", "outcome": "no_answer"} | changes

    response = record(desk, taken, **form)  # type: ignore[arg-type]

    text = refused(response, 422, sentence)
    assert form["note"] in text
    assert not CallAttempt.objects.exists()
    assert reload(taken).version == taken.version


@pytest.mark.parametrize(
    ("day", "local", "sentence"),
    [
        (
            datetime(2027, 3, 12, 18, tzinfo=UTC),
            "2027-03-14T02:30",
            "Clocks in America/Denver skip",
        ),
        (datetime(2026, 10, 30, 18, tzinfo=UTC), "2026-11-01T01:30", "twice on that day"),
    ],
)
def test_an_hour_that_clocks_skip_or_repeat_is_refused(
    desk: Client, clinic: time_machine.Coordinates, day: datetime, local: str, sentence: str
) -> None:
    clinic.move_to(day)
    desk = signed_in(User.objects.get(username="dana"))
    made = make_request(received_at=day - timedelta(hours=1))
    desk.post(f"/desk/{made.pk}/claim/")

    response = record(desk, reload(made), "no_answer", next="other", other_at=local)

    refused(response, 422, sentence)


def test_a_stale_tab_is_told_who_did_what_and_keeps_the_note(
    desk: Client, taken: CallbackRequest, sue: User
) -> None:
    queue.set_consent(request_id=taken.pk, user=sue, purpose="voicemail", is_granted=False)

    response = record(desk, taken, "booked", note="Tuesday at 9")

    text = refused(response, 409, "sue changed a consent at 10:14 am.")
    assert "Tuesday at 9" in text
    assert not CallAttempt.objects.exists()
    fresh = re.search(r'name="expected_version" value="(\d+)"', text)
    assert fresh is not None
    assert int(fresh[1]) == reload(taken).version
    assert record(desk, reload(taken), "booked", note="Tuesday at 9").status_code == 302


def test_somebody_elses_request_cannot_be_recorded_and_the_note_is_kept(
    desk: Client, taken: CallbackRequest, iris: User
) -> None:
    queue.release(request_id=taken.pk, user=iris, by_supervisor=True)
    queue.claim(request_id=taken.pk, user=iris)

    response = record(desk, taken, "booked", note="Tuesday at 9")

    text = refused(response, 409, "iris has this request until 10:44 am.")
    assert "Your note, not saved" in text
    assert "Tuesday at 9" in text
    assert not CallAttempt.objects.exists()


def test_a_long_call_outlives_its_lease_when_nobody_took_the_request(
    desk: Client, taken: CallbackRequest, clinic: time_machine.Coordinates
) -> None:
    for _ in range(5):
        clinic.shift(timedelta(minutes=10))
        desk.get("/desk/find/")
    queue.release_expired()

    response = record(desk, taken, "booked")

    assert response.status_code == 302
    assert reload(taken).state == "booked"


def test_sending_the_same_call_twice_records_it_once(desk: Client, taken: CallbackRequest) -> None:
    record(desk, taken, "no_answer")

    again = record(desk, taken, "no_answer")

    assert again.status_code == 409
    assert CallAttempt.objects.count() == 1


# -- taking back, letting go, keeping ------------------------------------------------


def test_a_slip_of_the_finger_can_be_taken_back_for_thirty_seconds(
    desk: Client, taken: CallbackRequest, clinic: time_machine.Coordinates
) -> None:
    record(desk, taken, "stop")
    assert "Take it back" in desk.get("/desk/").text
    clinic.shift(timedelta(seconds=29))

    response = desk.post(f"/desk/{taken.pk}/undo/", follow=True)

    assert "is yours again" in response.text
    assert reload(taken).state == "claimed"
    assert CallAttempt.objects.get().undone_at is not None


def test_half_a_minute_later_it_is_too_late(
    desk: Client, taken: CallbackRequest, clinic: time_machine.Coordinates
) -> None:
    record(desk, taken, "booked")
    clinic.shift(timedelta(seconds=31))

    assert "Take it back" not in desk.get("/desk/").text
    refused(desk.post(f"/desk/{taken.pk}/undo/"), 409, "30 seconds only")
    assert reload(taken).state == "booked"


def test_letting_go_frees_the_request_and_covers_the_name(
    desk: Client, taken: CallbackRequest
) -> None:
    desk.post(f"/desk/{taken.pk}/reveal/")

    response = desk.post(f"/desk/{taken.pk}/release/", follow=True)

    assert "You let" in response.text
    assert reload(taken).owner is None
    assert "Take it to see who it is." in desk.get(f"/desk/{taken.pk}/").text


def test_signing_out_lets_go_of_everything(desk: Client, taken: CallbackRequest) -> None:
    desk.post("/sign-out/")

    assert reload(taken).owner is None
    assert desk.get("/desk/").status_code == 302


def test_an_open_sheet_keeps_the_lease(
    desk: Client, taken: CallbackRequest, clinic: time_machine.Coordinates
) -> None:
    clinic.shift(timedelta(minutes=10))

    response = desk.post(f"/desk/{taken.pk}/renew/", headers={"X-Desk-Part": "lease"})

    assert response.text == "10:54 am"
    assert reload(taken).version == taken.version


def test_an_open_sheet_learns_that_the_request_is_somebody_elses(
    desk: Client, taken: CallbackRequest, iris: User
) -> None:
    queue.release(request_id=taken.pk, user=iris, by_supervisor=True)

    response = desk.post(f"/desk/{taken.pk}/renew/")

    assert response.status_code == 409
    assert response.text == "This request is not yours any more. Take it again to go on."


def test_what_somebody_holds_cannot_be_taken(
    desk: Client, taken: CallbackRequest, iris: User
) -> None:
    other = Client()
    other.force_login(iris)

    refused(other.post(f"/desk/{taken.pk}/claim/"), 409, "dana has this request until 10:44 am.")


def test_giving_up_is_a_persons_decision_and_needs_the_tries(
    desk: Client, taken: CallbackRequest
) -> None:
    refused(desk.post(f"/desk/{taken.pk}/unreachable/"), 409, "Try 5 times before giving up")
    CallbackRequest.objects.filter(pk=taken.pk).update(
        attempt_count=5, first_attempt_at=MONDAY - timedelta(hours=3)
    )
    assert "Close: could not be reached" in desk.get(f"/desk/{taken.pk}/").text

    desk.post(f"/desk/{taken.pk}/unreachable/", {"expected_version": taken.version})

    assert reload(taken).state == "unreachable"


def test_a_consent_given_on_the_phone_holds_at_once(desk: Client, taken: CallbackRequest) -> None:
    desk.post(f"/desk/{taken.pk}/consent/", {"purpose": "voicemail", "answer": "no"})

    assert "No voicemail." in desk.get(f"/desk/{taken.pk}/").text
    row = Consent.objects.filter(purpose="voicemail").last()
    assert row is not None
    assert (row.source, row.is_granted) == ("phone", False)


@pytest.mark.parametrize(
    "form", [{}, {"purpose": "voicemail"}, {"purpose": "fame", "answer": "yes"}]
)
def test_an_answer_that_is_none_changes_no_consent(
    desk: Client, taken: CallbackRequest, form: dict[str, str]
) -> None:
    before = Consent.objects.count()

    assert desk.post(f"/desk/{taken.pk}/consent/", form).status_code == 409
    assert Consent.objects.count() == before


def test_only_whoever_holds_a_request_changes_its_consents(
    taken: CallbackRequest, iris: User
) -> None:
    form = {"purpose": "voicemail", "answer": "no"}

    response = signed_in(iris).post(f"/desk/{taken.pk}/consent/", form)

    assert response.status_code == 409
    assert Consent.objects.filter(purpose="voicemail").get().is_granted
