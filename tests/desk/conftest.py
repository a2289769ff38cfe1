"""The desk on an ordinary Monday, with keys, hours and one of each role."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from clinic_site.roles import create_staff
from intake import keys
from intake.models import CallbackRequest
from intake.schedule import set_up
from tests.intake.making import make_request

PASSWORD = "a long pass phrase for tests"

# A Monday, 10:14 in Denver: the clinic is open, and it is lawful to call everywhere but Hawaii.
MONDAY = datetime(2026, 11, 23, 17, 14, tzinfo=UTC)

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def place(settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    settings.KEYS_DIR = tmp_path / "keys"
    settings.REQUIRE_SECOND_FACTOR = False
    keys.create()
    return tmp_path


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def clinic(db: None, clock: time_machine.Coordinates) -> time_machine.Coordinates:
    """Opening hours and a policy, at 10:14 on a Monday."""
    set_up()
    return clock


@pytest.fixture
def dana(clinic: object) -> User:
    return create_staff(name="dana", role="coordinator", password=PASSWORD)


@pytest.fixture
def iris(clinic: object) -> User:
    return create_staff(name="iris", role="coordinator", password=PASSWORD)


@pytest.fixture
def sue(clinic: object) -> User:
    return create_staff(name="sue", role="supervisor", password=PASSWORD)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk(dana: User) -> Client:
    """The browser of a coordinator called dana."""
    return signed_in(dana)


@pytest.fixture
def office(sue: User) -> Client:
    """The browser of a supervisor called sue."""
    return signed_in(sue)


def words(text: str) -> str:
    """What a page says, without its markup, each space one."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def fill(count: int) -> None:
    """Many requests quickly; their envelopes are never opened here."""
    template = make_request()
    CallbackRequest.objects.bulk_create(
        CallbackRequest(
            submission_key=f"00000000-0000-4000-8000-{n:012}",
            reference=template.reference,
            received_at=MONDAY - timedelta(minutes=n),
            attempt_due_at=MONDAY - timedelta(minutes=n) + timedelta(hours=24),
            contact_due_at=MONDAY - timedelta(minutes=n) + timedelta(hours=48),
            window=CallbackRequest.Window.values[n % 4],
            time_zone=template.time_zone,
            possible_zones=template.possible_zones,
            phone_index=f"{n:064x}",
        )
        for n in range(count)
    )
