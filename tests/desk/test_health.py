"""Alive or not, and whether a person must look."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from intake import outbox
from intake.admission import admit_pending
from intake.models import Heartbeat, Message, Submission
from tests.desk.conftest import MONDAY
from tests.intake.making import make_request, send
from tests.tampering import guards_down, tampered


@pytest.fixture
def well(clinic: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is as it should be."""
    Heartbeat.objects.create(worker="one", at=MONDAY - timedelta(seconds=4))
    monkeypatch.setattr("clinic_site.health.live_site", lambda: type("Site", (), {"number": 7}))


def test_alive_asks_no_database() -> None:
    response = Client().get("/health/live")  # without a database mark, a query would fail

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_all_is_well(well: None) -> None:
    response = Client().get("/health/ready")

    assert response.status_code == 200
    assert response.json() == {
        "database": "ok",
        "release": 7,
        "worker_seen_seconds_ago": 4,
        "unadmitted": 0,
        "oldest_unadmitted_seconds": None,
        "refused": 0,
        "unsent": 0,
        "oldest_unsent_seconds": None,
        "dead": 0,
        "spool_depth": 0,
        "overdue": 0,
        "ready": True,
        "problems": [],
    }
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("ago", "status"), [(timedelta(minutes=2), 200), (timedelta(minutes=2, seconds=1), 503)]
)
def test_a_silent_worker_needs_a_person(well: None, ago: timedelta, status: int) -> None:
    Heartbeat.objects.update(at=MONDAY - ago)

    assert Client().get("/health/ready").status_code == status


def test_a_request_that_does_not_reach_the_desk_needs_a_person(well: None) -> None:
    send(now=MONDAY - timedelta(minutes=11))

    response = Client().get("/health/ready")

    assert response.status_code == 503
    assert response.json()["oldest_unadmitted_seconds"] == 660


def test_no_release_needs_a_person(well: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic_site.health.live_site", lambda: type("Site", (), {"number": 0}))

    assert Client().get("/health/ready").status_code == 503


def test_the_database_being_away_is_an_answer_not_a_crash(
    well: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("secret-host:5432 refused")

    monkeypatch.setattr("clinic_site.health.status", away)

    response = Client().get("/health/ready")

    assert response.status_code == 503
    assert response.json()["database"] == "away"
    assert "secret-host" not in response.text


def test_figures_and_nothing_personal(well: None, place: Path) -> None:
    made = make_request(name="Wilhelmina", received_at=timezone.now() - timedelta(hours=25))

    response = Client().get("/health/ready")

    assert response.json()["overdue"] == 1
    assert response.status_code == 200
    assert made.reference not in response.text
    assert "Wilhelmina" not in response.text
    assert Submission.objects.get().reference not in response.text


def test_the_desk_shows_the_same_in_words(well: None, desk: Client) -> None:
    before = _said(desk)
    make_request(received_at=MONDAY - timedelta(hours=30))
    outbox.queue_message(
        kind="overdue", request=make_request(), send_after=MONDAY - timedelta(hours=1)
    )
    Heartbeat.objects.update(at=MONDAY - timedelta(minutes=3))
    page = _said(desk)

    assert "seen 4 seconds ago. On the way to the list: 0, mail waiting: 0, in" in before
    assert "The worker has been silent for 3 min: no mail goes out." in page
    assert "mail waiting: 3 (the oldest for 1 h)" in page
    assert "in this machine&#x27;s spool: 0, late: 1." in page


def _said(client: Client) -> str:
    return client.get("/desk/").content.decode()


def test_mail_that_does_not_go_out_needs_a_person(well: None, settings: Settings) -> None:
    settings.NOTIFY_EMAILS = ["desk@clinic.test"]
    make_request(received_at=MONDAY - timedelta(minutes=16))
    Message.objects.update(send_after=MONDAY - timedelta(minutes=16))

    late = Client().get("/health/ready")
    Message.objects.update(dead_at=MONDAY)
    dead = Client().get("/health/ready")

    assert late.status_code == dead.status_code == 503
    assert late.json()["problems"] == ["Mail has been due for more than 15 minutes."]
    assert "Mail was given up on" in dead.json()["problems"][0]


def test_a_form_that_does_not_open_needs_a_person(well: None) -> None:
    send(now=MONDAY)
    with guards_down():
        Submission.objects.update(envelope=tampered(Submission.objects.get().envelope))
    admit_pending()

    response = Client().get("/health/ready")

    assert response.status_code == 503
    assert "Is a private key missing?" in response.json()["problems"][0]
