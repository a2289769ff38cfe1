"""What the visitor sees after sending, and what its address gives away."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from intake import references, saying
from intake.tokens import Receipt, open_receipt, seal_receipt
from tests.form.sending import receipt_of, send

pytestmark = pytest.mark.django_db
URL = "/contact/received/"
NOON = datetime(2026, 11, 22, 22, 40, tzinfo=UTC)  # 3:40 pm in Denver


def make_receipt(**changes: Any) -> Receipt:
    whole: dict[str, Any] = {
        "reference": "R4TXNW7KQC",
        "submission_key": uuid4(),
        "received_at": NOON,
        "is_by_email": False,
        "has_crisis_wording": False,
    }
    return Receipt(**{**whole, **changes})


def show(client: Client, **changes: Any) -> str:
    with time_machine.travel(NOON, tick=False):
        response = client.get(URL, {"r": seal_receipt(make_receipt(**changes))})
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_the_reference_and_the_moment_48_hours_later_in_the_clinic_s_zone(
    client: Client,
) -> None:
    page = show(client)

    assert "R4TXN-W7KQC" in page
    assert "We will call by" in page
    assert '<time datetime="2026-11-24T15:40-07:00">' in page
    assert (
        '<b>Tuesday, November 24, 3:40\u00a0pm</b> <span class="zone">Mountain Time</span>' in page
    )


def test_the_promise_is_48_hours_also_when_the_clocks_change(client: Client) -> None:
    saturday = datetime(2026, 10, 31, 18, 0, tzinfo=UTC)  # noon in Denver, the day before

    with time_machine.travel(saturday, tick=False):
        page = client.get(URL, {"r": seal_receipt(make_receipt(received_at=saturday))})

    assert "Monday, November 2, 11:00\u00a0am" in page.content.decode()


def test_someone_without_a_phone_is_promised_a_letter_not_a_call(client: Client) -> None:
    page = show(client, is_by_email=True)

    assert "We will write by" in page
    assert "We will call by" not in page


def test_the_crisis_line_and_the_number_are_on_it(client: Client) -> None:
    main = show(client).split("<main")[1].split("</main>")[0]

    assert 'href="tel:988"' in main
    assert 'href="tel:911"' in main
    assert "866-951-HEAL" in main


def test_crisis_wording_puts_help_first_and_claims_nothing(client: Client) -> None:
    main = show(client, has_crisis_wording=True).split("<main")[1]

    assert main.index('href="tel:988"') < main.index("We have your request")
    assert "This form has alerted no one" in main


def test_crisis_wording_in_the_note_leads_to_that_page(client: Client) -> None:
    response = send(client, comment="I want to kill myself")

    assert receipt_of(response).has_crisis_wording
    assert b"please do not wait for our call" in client.get(response["Location"]).content


def test_without_crisis_wording_help_is_not_first(client: Client) -> None:
    assert "please do not wait for our call" not in show(client)


def test_it_is_kept_by_no_cache_and_found_by_no_search_engine(client: Client) -> None:
    response = client.get(send(client)["Location"])

    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.content.decode()


def test_it_shows_nothing_of_what_was_sent(client: Client) -> None:
    sent = {"name": "Xanthippe", "email": "xanthippe@example.org", "comment": "QWXZ"}
    page = client.get(send(client, **sent)["Location"]).content.decode()

    assert not [text for text in [*sent.values(), "303", "5550142"] if text in page]


def test_its_address_can_be_read_by_nobody_else(client: Client) -> None:
    quiet = send(client, comment="")["Location"]
    crisis = send(client, comment="I want to kill myself", phone="720-555-0143")["Location"]
    sealed = parse_qs(urlsplit(crisis).query)["r"][0]

    assert len(quiet) == len(crisis)
    reference = receipt_of(send(client)).reference.encode()
    assert reference not in base64.urlsafe_b64decode(sealed + "==")


def test_it_closes_after_a_day_and_says_that_nothing_is_lost(client: Client) -> None:
    sealed = seal_receipt(make_receipt())

    with time_machine.travel(NOON + timedelta(hours=24, seconds=1), tick=False):
        response = client.get(URL, {"r": sealed})

    page = response.content.decode()
    assert response.status_code == 410
    assert "A request that was confirmed is not lost" in page
    assert "866-951-HEAL" in page
    assert "R4TXN" not in page


@pytest.mark.parametrize("broken", ["x", "%00", "\u00e9", "A" * 200, "=", "a\nb", "-" * 5000])
def test_a_broken_address_is_not_an_error(client: Client, broken: str) -> None:
    response = client.get(URL, {"r": broken})

    assert response.status_code == 410
    assert b"This confirmation has closed" in response.content


def test_a_changed_address_shows_nothing(client: Client) -> None:
    sealed = seal_receipt(make_receipt(received_at=datetime.now(UTC)))
    changed = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]

    assert client.get(URL, {"r": changed}).status_code == 410


def test_without_a_token_it_says_that_there_is_nothing_to_show(client: Client) -> None:
    response = client.get(URL)

    assert response.status_code == 200
    assert b"There is no request to show here" in response.content


def test_an_older_secret_key_still_opens_it(settings: Any) -> None:
    receipt = make_receipt(received_at=datetime.now(UTC).replace(microsecond=0))
    sealed = seal_receipt(receipt)

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 60

    assert open_receipt(sealed) == receipt


def test_the_reference_shown_is_the_one_that_is_stored(client: Client) -> None:
    response = send(client)

    shown = references.show_reference(receipt_of(response).reference)
    assert shown in client.get(response["Location"]).content.decode()


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 7, 1, 18, 0, tzinfo=UTC), "Wednesday, July 1, noon"),
        (datetime(2026, 7, 2, 6, 0, tzinfo=UTC), "Thursday, July 2, midnight"),
        (datetime(2026, 7, 2, 6, 5, tzinfo=UTC), "Thursday, July 2, 12:05\u00a0am"),
        (datetime(2026, 7, 1, 18, 5, tzinfo=UTC), "Wednesday, July 1, 12:05\u00a0pm"),
    ],
)
def test_times_are_said_as_people_say_them(moment: datetime, words: str) -> None:
    assert saying.day_and_time(moment) == words


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/Denver", "Mountain Time"),
        ("America/Phoenix", "Arizona Time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
    ],
)
def test_a_zone_is_named_as_people_name_it(zone: str, name: str) -> None:
    assert saying.zone_name(zone) == name
