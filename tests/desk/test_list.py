"""The list: everything that waits, in order, in words, with nothing personal in it."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from intake import queue
from intake.models import CallAttempt, CallbackRequest, Submission
from intake.references import show_reference
from tests.desk.conftest import MONDAY, fill
from tests.intake.making import make_content, make_request, send


def test_requests_stand_in_the_order_of_the_queue(desk: Client) -> None:
    young = make_request(received_at=MONDAY - timedelta(hours=1))
    late = make_request(received_at=MONDAY - timedelta(hours=25))
    afternoon = make_request(received_at=MONDAY - timedelta(hours=20), window="late_afternoon")

    text = desk.get("/desk/").text

    places = [text.index(f'id="request-{r.pk}"') for r in (late, young, afternoon)]
    assert places == sorted(places)
    assert text.index("Call now") < places[0] < text.index("Call later") < places[2]


def test_a_row_says_why_it_is_or_is_not_callable(desk: Client) -> None:
    make_request(received_at=MONDAY - timedelta(hours=25))
    make_request(received_at=MONDAY - timedelta(hours=23), window="morning")
    make_request(phone="+18085550102", state="HI")
    make_request(window="late_afternoon")

    text = re.sub(r"<[^>]+>", "", desk.get("/desk/").text)

    assert "late by 1 h" in text
    assert "1 h at risk" in text
    assert "Now until noon" in text
    assert "11:00 am 8:00 am there" in text
    assert "7:14 am Hawaii" in text
    assert "3:00 pm their wish" in text


def test_the_tally_counts(desk: Client) -> None:
    make_request(received_at=MONDAY - timedelta(hours=30))
    make_request(received_at=MONDAY - timedelta(hours=20))
    make_request(window="late_afternoon")

    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", desk.get("/desk/").text))

    assert "Late 1 At risk 1 Callable now 2 Waiting 3 Oldest 30 h" in text


def test_an_empty_list_says_so(desk: Client) -> None:
    text = desk.get("/desk/").text

    assert "Nobody is waiting." in text
    assert "<table" not in text


def test_a_new_request_is_admitted_before_the_list_is_shown(desk: Client) -> None:
    accepted = send()

    assert show_reference(accepted.reference) in desk.get("/desk/").text


def test_without_the_keys_the_list_still_shows_and_says_what_is_wrong(
    desk: Client, place: Path
) -> None:
    made = make_request()
    send()
    for key in (place / "keys").glob("intake-*.key"):
        key.unlink()

    response = desk.get("/desk/")

    assert response.status_code == 200
    assert "the intake keys are missing or wrong" in response.text
    assert show_reference(made.reference) in response.text
    assert Submission.objects.filter(admitted_at=None).count() == 1


def test_nothing_a_visitor_wrote_is_in_the_list(
    desk: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    make_request(**make_content(name="Wilhelmina", email="w@example.org", comment="my back hurts"))

    text = desk.get("/desk/").text

    for secret in ("Wilhelmina", "w@example.org", "back hurts", "5550142"):
        assert secret not in text
        assert secret not in caplog.text


def test_the_part_that_refreshes_is_the_list_alone(desk: Client) -> None:
    made = make_request()

    response = desk.get("/desk/?part=queue", headers={"X-Desk-Part": "queue"})

    assert response.text.lstrip().startswith('<div id="queue"')
    assert f'id="request-{made.pk}"' in response.text
    assert "<html" not in response.text


def test_ten_requests_and_a_hundred_cost_the_same_queries(desk: Client) -> None:
    fill(10)
    desk.get("/desk/")
    with CaptureQueriesContext(connection) as ten:
        desk.get("/desk/")
    CallbackRequest.objects.all().delete()
    fill(100)

    with CaptureQueriesContext(connection) as hundred:
        desk.get("/desk/")

    assert len(hundred) == len(ten)
    assert len(ten) <= 20


def test_a_long_group_is_cut_and_can_be_shown_whole(desk: Client) -> None:
    fill(220)

    short, whole = desk.get("/desk/").text, desk.get("/desk/?all=1").text

    assert "further down the line" in short
    assert "further down the line" not in whole
    assert whole.count("data-row") == 221


def test_next_call_takes_the_first_and_opens_its_sheet(desk: Client, dana: User) -> None:
    make_request(received_at=MONDAY - timedelta(hours=1))
    late = make_request(received_at=MONDAY - timedelta(hours=25))

    response = desk.post("/desk/next/")

    assert response.url == f"/desk/{late.pk}/"
    late.refresh_from_db()
    assert late.owner == dana


def test_next_call_with_nobody_callable_says_so(desk: Client) -> None:
    make_request(window="late_afternoon")

    response = desk.post("/desk/next/", follow=True)

    assert "Nobody can be called at this minute." in response.text
    assert not CallbackRequest.objects.exclude(owner=None).exists()


def test_two_coordinators_are_never_handed_the_same_person(
    desk: Client, iris: User, clinic: time_machine.Coordinates
) -> None:
    other = Client()
    other.force_login(iris)
    for hour in range(4):
        make_request(received_at=MONDAY - timedelta(hours=hour + 1))

    taken = [client.post("/desk/next/").url for client in (desk, other, desk, other)]

    assert len(set(taken)) == 4


def test_a_request_whose_tries_are_used_up_waits_for_a_decision(desk: Client, dana: User) -> None:
    made = make_request(received_at=MONDAY - timedelta(hours=20))
    CallbackRequest.objects.filter(pk=made.pk).update(
        attempt_count=5, first_attempt_at=MONDAY - timedelta(hours=19)
    )

    text = desk.get("/desk/").text

    assert "tries are used up" in text
    assert desk.post("/desk/next/").url == "/desk/"
    assert CallAttempt.objects.count() == 0
    assert queue.waiting(now=MONDAY)[0].group == "decide"


def test_the_list_to_print_has_todays_calls_and_nothing_personal(desk: Client) -> None:
    today, tomorrow = make_request(name="Wilhelmina"), make_request(phone="+13035550177")
    CallbackRequest.objects.filter(pk=tomorrow.pk).update(
        state="awaiting_retry", next_action_at=MONDAY + timedelta(days=1)
    )

    text = desk.get("/desk/day/").text

    assert "Monday, November 23" in text
    assert show_reference(today.reference) in text
    assert show_reference(tomorrow.reference) not in text
    assert "Wilhelmina" not in text
    assert "5550177" not in text.replace("-", "")
