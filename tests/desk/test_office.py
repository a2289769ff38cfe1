"""What supervisors keep in order: phrases, messages that did not go out, unusual readings."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from intake import audit
from intake.models import AuditEvent, Message, QuickPhrase
from intake.outbox import send_due
from intake.references import show_reference
from tests.desk.conftest import MONDAY, signed_in, words
from tests.intake.making import make_request

# -- quick phrases -------------------------------------------------------------------


def test_a_phrase_is_added_on_record_and_offered_beside_the_note(
    office: Client, desk: Client
) -> None:
    office.post("/desk/phrases/", {"text": "Rang out, no machine."})
    made = make_request()
    desk.post(f"/desk/{made.pk}/claim/")

    sheet = desk.get(f"/desk/{made.pk}/").text

    assert 'data-key="a" data-phrase="Rang out, no machine."' in sheet
    event = AuditEvent.objects.get(action="changed_phrases")
    assert event.detail == {"added": "Rang out, no machine."}


def test_phrases_keep_their_order_and_can_be_moved_up_and_removed(office: Client) -> None:
    for text in ("one", "two", "three"):
        office.post("/desk/phrases/", {"text": text})
    third = QuickPhrase.objects.get(text="three")

    office.post(f"/desk/phrases/{third.pk}/up/")
    assert [p.text for p in QuickPhrase.objects.all()] == ["one", "three", "two"]

    office.post(f"/desk/phrases/{third.pk}/remove/")
    assert [p.text for p in QuickPhrase.objects.all()] == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This field is required."),
        ("Call 303-555-0142", "Leave out numbers and addresses"),
        ("Write to ana@example.org", "Leave out numbers and addresses"),
        ("one", "These words are there already."),
        ("x" * 81, "at most 80 characters"),
    ],
)
def test_a_phrase_that_cannot_fit_anybody_is_refused(
    office: Client, text: str, sentence: str
) -> None:
    QuickPhrase.objects.create(text="one")

    response = office.post("/desk/phrases/", {"text": text})

    assert response.status_code == 422
    assert sentence in response.text
    assert QuickPhrase.objects.count() == 1


def test_there_are_as_many_phrases_as_free_keys(office: Client) -> None:
    from intake.desk.noting import MOST

    for n in range(MOST):
        QuickPhrase.objects.create(text=f"phrase {n}", position=n)

    assert office.post("/desk/phrases/", {"text": "one more"}).status_code == 422


def test_the_keys_of_phrases_are_nobody_elses(desk: Client) -> None:
    from intake.desk.noting import KEYS
    from intake.desk.page import CALL_KEYS, LIST_KEYS, OUTCOME_KEYS

    taken = {cap.lower() for caps, _ in [*CALL_KEYS, *LIST_KEYS, *OUTCOME_KEYS] for cap in caps}

    assert not set(KEYS) & (taken | {"x"})


@pytest.mark.parametrize("path", ["/desk/phrases/", "/desk/unsent/"])
def test_these_pages_are_for_supervisors(desk: Client, path: str) -> None:
    assert desk.get(path).status_code == 403


# -- messages that did not go out ----------------------------------------------------


def test_a_dead_letter_is_shown_with_its_reason_and_sent_again(office: Client, settings) -> None:
    settings.NOTIFY_EMAILS = ["desk@clinic.test"]
    made = make_request()
    Message.objects.update(dead_at=MONDAY, last_error="SMTPServerDisconnected", tries=10)
    message = Message.objects.get()

    page = office.get("/desk/unsent/").text
    assert "SMTPServerDisconnected" in page
    assert show_reference(made.reference) in page
    assert '<span class="count">1</span>' in page
    response = office.post(f"/desk/unsent/{message.pk}/again/", follow=True)

    assert "It goes out with the worker" in response.text
    assert "Everything went out." in response.text
    assert send_due(now=MONDAY + timedelta(minutes=1)) == 1
    assert len(mail.outbox) == 1
    assert AuditEvent.objects.get(action="sent_again").reference == made.reference


def test_sending_again_twice_is_one_message(office: Client) -> None:
    make_request()
    Message.objects.update(dead_at=MONDAY)
    message = Message.objects.get()
    office.post(f"/desk/unsent/{message.pk}/again/")

    response = office.post(f"/desk/unsent/{message.pk}/again/", follow=True)

    assert "on its way already" in response.text
    assert AuditEvent.objects.filter(action="sent_again").count() == 1
    assert office.post("/desk/unsent/999999/again/", follow=True).status_code == 200


# -- unusual readings ----------------------------------------------------------------


def test_searching_a_lot_is_marked(
    office: Client, dana: User, clinic: time_machine.Coordinates
) -> None:
    for _ in range(16):
        clinic.shift(timedelta(minutes=1))
        audit.record(actor=dana, action="searched", detail={"by": "phone", "found": 0})

    text = office.get("/desk/record/").text

    assert text.count("16 searches in an hour") == 1
    assert "15 searches in an hour" not in text


def test_searches_and_openings_are_counted_apart(office: Client, dana: User) -> None:
    for _ in range(12):
        audit.record(actor=dana, action="searched")
        audit.record(actor=dana, action="opened", reference="A" * 10)

    assert "in an hour" not in office.get("/desk/record/").text


def test_a_search_outside_our_hours_and_an_export_of_names_are_marked(
    sue: User, clinic: time_machine.Coordinates
) -> None:
    audit.record(actor=sue, action="exported", detail={"people": True, "rows": 3})
    audit.record(actor=sue, action="exported", detail={"people": False, "rows": 3})
    clinic.shift(timedelta(hours=12))
    audit.record(actor=sue, action="searched", detail={"by": "name", "opened": 4})

    text = words(signed_in(sue).get("/desk/record/").text)

    assert text.count("names exported") == 1
    assert text.count("outside our hours") == 1
    assert "opened: 4" in text
