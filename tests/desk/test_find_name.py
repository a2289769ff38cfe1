"""Looking for a name: open requests only, seldom, on record, nothing shown."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from intake import name_search, queue
from intake.models import AuditEvent, CallbackRequest, Submission
from intake.name_search import find_by_name, fits, words_of
from tests.desk.conftest import MONDAY
from tests.intake.making import make_request
from tests.tampering import tampered


def look_for(client: Client, name: str):
    return client.post("/desk/find/name/", {"name": name})


def found(response) -> set[int]:
    return {
        one.pk
        for one in CallbackRequest.objects.all()
        if f'href="/desk/{one.pk}/"' in response.text
    }


@pytest.mark.parametrize(
    ("typed", "name", "is_found"),
    [
        ("wil", "Wilhelmina Stone", True),
        ("stone wil", "Wilhelmina Stone", True),
        ("jose", "José Núñez", True),
        ("NUÑEZ", "José Nunez", True),
        ("obrien", "Pat O'Brien", True),
        ("o'brien", "Pat O\N{RIGHT SINGLE QUOTATION MARK}Brien", True),
        ("smith jones", "Ana Smith-Jones", True),
        ("helm", "Wilhelmina Stone", False),
        ("ann ann", "Ann Lee", False),
        ("李", "李 小龙", True),
        ("wil stone ann", "Wilhelmina Stone", False),
    ],
)
def test_each_word_begins_a_word_of_the_name(typed: str, name: str, is_found: bool) -> None:
    assert fits(words_of(typed), name) == is_found


def test_a_name_is_found_among_open_requests_only(desk: Client, dana: User) -> None:
    waits, closed = make_request(name="Wilhelmina Stone"), make_request(name="Wilhelmina Grey")
    make_request(name="Ana")
    queue.record_attempt(request_id=closed.pk, user=dana, outcome="booked", now=MONDAY)

    response = look_for(desk, "wilhelmina")

    assert found(response) == {waits.pk}


def test_no_name_is_shown_nor_logged(
    desk: Client, clinic: object, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    make_request(name="Wilhelmina Stone")

    response = look_for(desk, "wilhelm")

    assert "Stone" not in response.text
    assert "wilhelm" not in response.text.casefold()
    assert "wilhelm" not in caplog.text.casefold()


def test_one_search_is_one_event_with_the_number_of_envelopes(desk: Client, dana: User) -> None:
    for name in ("Ana", "Ben", "Cleo"):
        make_request(name=name)
    before = AuditEvent.objects.filter(action="opened").count()

    look_for(desk, "ana")

    event = AuditEvent.objects.get(action="searched")
    assert event.actor == dana
    assert event.detail == {"by": "name", "purpose": "search", "opened": 3}
    assert AuditEvent.objects.filter(action="opened").count() == before


def test_the_event_is_written_before_anything_is_opened(
    dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_request(name="Ana")

    def opened(*_: object) -> None:
        assert AuditEvent.objects.filter(action="searched").exists()
        raise InterruptedError

    monkeypatch.setattr("intake.envelope._open", opened)
    with pytest.raises(InterruptedError):
        find_by_name("ana", actor=dana)

    assert AuditEvent.objects.filter(action="searched").exists()


def test_only_so_many_searches_in_ten_minutes(
    desk: Client, iris: User, clinic: time_machine.Coordinates
) -> None:
    make_request(name="Ana")
    for _ in range(name_search.PER_PERIOD):
        assert look_for(desk, "ana").status_code == 200

    refused = look_for(desk, "ana")
    assert refused.status_code == 429
    assert "Try again in" in refused.text
    assert AuditEvent.objects.filter(action="searched").count() == name_search.PER_PERIOD
    find_by_name("ana", actor=iris)  # others are not held up

    clinic.shift(timedelta(minutes=10, seconds=1))
    find_by_name("ana", actor=User.objects.get(username="dana"))


@pytest.mark.parametrize("typed", ["", " ", "a", "'", "-"])
def test_too_little_opens_nothing(desk: Client, clinic: object, typed: str) -> None:
    response = look_for(desk, typed)

    assert response.status_code == 422
    assert "Type at least 2 letters" in response.text
    assert not AuditEvent.objects.filter(action="searched").exists()


def test_an_envelope_that_does_not_open_hides_no_other(desk: Client, clinic: object) -> None:
    broken, whole = make_request(name="Ana"), make_request(name="Ana")
    from django.db import connection

    from intake import append_only

    append_only.remove(connection)
    row = broken.submissions.get()
    Submission.objects.filter(pk=row.pk).update(envelope=tampered(row.envelope))
    append_only.install(connection)

    assert found(look_for(desk, "ana")) == {whole.pk}


def test_without_the_key_it_says_so(desk: Client, clinic: object, place: Path) -> None:
    make_request(name="Ana")
    for key in (place / "keys").glob("intake-*.key"):
        key.unlink()

    response = look_for(desk, "ana")

    assert response.status_code == 503
    assert "Search by reference." in response.text
    assert not AuditEvent.objects.filter(action="searched").exists()
