"""Finding a request by exactly what somebody says on the phone."""

from __future__ import annotations

import html
import logging
from pathlib import Path

import pytest
from django.test import Client

from intake.models import AuditEvent, CallbackRequest
from intake.references import show_reference
from tests.intake.making import make_request


@pytest.fixture
def made(clinic: object) -> CallbackRequest:
    return make_request(phone="+13035550142", email="w@example.org")


def look_for(client: Client, what: str):
    return client.post("/desk/find/", {"what": what})


@pytest.mark.parametrize("how", [str.upper, str.lower, lambda t: t.replace("-", " ")])
def test_a_reference_however_it_is_typed_leads_to_its_sheet(
    desk: Client, made: CallbackRequest, how
) -> None:
    response = look_for(desk, how(show_reference(made.reference)))

    assert response.url == f"/desk/{made.pk}/"


@pytest.mark.parametrize(
    "what", ["303-555-0142", "+1 303 555 0142", "(303) 555.0142", "W@Example.org"]
)
def test_an_exact_phone_or_email_finds_every_request_of_it(
    desk: Client, made: CallbackRequest, what: str
) -> None:
    other = make_request(phone="+13035550142", email="w@example.org")

    text = look_for(desk, what).text

    assert f'href="/desk/{made.pk}/"' in text
    assert f'href="/desk/{other.pk}/"' in text


def test_each_search_is_on_record_without_what_was_searched(
    desk: Client, made: CallbackRequest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    look_for(desk, "303-555-0142")

    event = AuditEvent.objects.get(action="searched")
    assert event.detail == {"by": "phone", "found": 1}
    assert event.actor is not None
    assert event.actor.username == "dana"
    assert "5550142" not in str(event.__dict__)
    assert "5550142" not in caplog.text


@pytest.mark.parametrize("what", ["ZZZZZ-ZZZZZ", "720-555-0199", "nobody@example.org"])
def test_what_is_not_there_is_said(desk: Client, made: CallbackRequest, what: str) -> None:
    response = look_for(desk, what)

    assert response.status_code == 200
    assert "No request fits that exactly." in response.text


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("", "Type a reference, a phone number or an email address."),
        ("w@", "That is not a whole email address."),
        ("Wilhelmina", "A reference has ten letters and digits"),
        ("12", "The phone number has 2 digits"),
    ],
)
def test_what_cannot_be_searched_is_explained(
    desk: Client, made: CallbackRequest, what: str, sentence: str
) -> None:
    response = look_for(desk, what)

    assert response.status_code == 422
    assert sentence in html.unescape(response.text)
    assert "<title>Error: Find" in response.text
    assert not AuditEvent.objects.filter(action="searched").exists()


def test_without_the_index_key_it_says_so(desk: Client, made: CallbackRequest, place: Path) -> None:
    (place / "keys" / "index.key").unlink()

    response = look_for(desk, "303-555-0142")

    assert response.status_code == 503
    assert "Search by reference." in response.text


def test_the_empty_page_can_be_visited(desk: Client) -> None:
    assert desk.get("/desk/find/").status_code == 200
