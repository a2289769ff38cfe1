"""What callers say: supervisors write it, the sheet shows it, and a message tells nothing."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from intake import callers_words, queue
from intake.models import AuditEvent, CallPolicy
from tests.desk.test_sheet import take, words
from tests.intake.making import make_request

OPENING = "Hello, I am [your name]. Is [their name] there?"
VOICEMAIL = "This is [your first name], 866-951-HEAL or 866-951-4325."


def send(client: Client, *, opening: str = OPENING, voicemail: str = VOICEMAIL):
    return client.post("/desk/wording/", {"opening_words": opening, "voicemail_words": voicemail})


def test_what_a_supervisor_writes_is_on_the_sheet_and_on_record(
    office: Client, desk: Client
) -> None:
    made = make_request(voicemail=True)
    sheet = take(desk, made)
    before = words(desk.get(sheet).text)
    assert callers_words.OPENING in before
    assert callers_words.VOICEMAIL in before

    assert send(office).status_code == 302

    after = words(desk.get(sheet).text)
    assert OPENING in after
    assert VOICEMAIL in after
    assert OPENING in words(office.get("/desk/wording/").text)
    event = AuditEvent.objects.get(action="changed_wording")
    assert event.detail == {"opening_words": OPENING, "voicemail_words": VOICEMAIL}


def test_saving_the_same_words_leaves_no_event(office: Client) -> None:
    send(office, opening=callers_words.OPENING, voicemail=callers_words.VOICEMAIL)

    assert not AuditEvent.objects.filter(action="changed_wording").exists()


def test_a_coordinator_may_not_write_them(desk: Client) -> None:
    assert send(desk).status_code == 403
    assert CallPolicy.objects.get().opening_words == callers_words.OPENING


@pytest.mark.parametrize(
    ("voicemail", "sentence"),
    [
        ("About your Ketamine", "Leave out “ketamine”."),
        ("Your infusions, 866-951-HEAL", "Leave out “infusions”."),
        ("This is the CLINIC.", "Leave out “clinic”."),
        ("About treatment", "Leave out “treatment”."),
        ("About depression", "Leave out “depression”."),
        ("About your pain-free day", "Leave out “pain”."),
        ("Men\N{SOFT HYPHEN}tal", "Leave out “mental”."),
        ("Call Blue Door back", "Leave out “blue door”."),
        ("Call 303-555-0142", "numbers that are not ours"),
        ("x" * 201, "at most 200 characters"),
        ("", "This field is required."),
    ],
)
def test_a_message_that_tells_too_much_is_refused_and_stays_typed(
    office: Client, settings: Settings, voicemail: str, sentence: str
) -> None:
    settings.CLINIC_NAME = "Blue Door"

    response = send(office, voicemail=voicemail)

    assert response.status_code == 422
    shown = words(response.text)
    assert sentence in shown
    assert voicemail in shown
    assert OPENING in shown
    assert CallPolicy.objects.get().opening_words == callers_words.OPENING
    assert not AuditEvent.objects.filter(action="changed_wording").exists()


def test_a_word_inside_another_is_not_refused_nor_anything_in_the_opening(office: Client) -> None:
    assert send(office, opening="Our clinic calls.", voicemail="Painting.").status_code == 302
    assert send(office, opening="x" * 301).status_code == 422


def test_the_words_to_start_from_keep_the_rules() -> None:
    CallPolicy().clean_fields()
    assert len(callers_words.OPENING) <= 300


def test_the_words_are_only_where_they_may_be_said(desk: Client, dana: User) -> None:
    made = make_request(voicemail=False)
    assert callers_words.OPENING not in words(desk.get(f"/desk/{made.pk}/").text)

    sheet = take(desk, made)
    shown = words(desk.get(sheet).text)
    assert callers_words.OPENING in shown
    assert callers_words.VOICEMAIL not in shown

    queue.record_attempt(request_id=made.pk, user=dana, outcome="wrong_number")
    shown = words(desk.get(take(desk, made)).text)
    assert "Wrong number before." in shown
    assert callers_words.OPENING not in shown
    assert callers_words.VOICEMAIL not in shown
