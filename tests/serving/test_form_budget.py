"""What the form costs the database, from the request to the answer, however much is stored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from intake import keys
from tests.form.sending import URL, fields, send
from tests.serving.conftest import publish_faq

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _open_clinic(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR, settings.KEYS_DIR = tmp_path, tmp_path / "keys"
    keys.create()
    publish_faq()


def asked(work: Callable[[], object]) -> list[str]:
    """The statements about our own tables; savepoints are the tests' own."""
    with CaptureQueriesContext(connection) as queries:
        work()
    return [
        query["sql"] for query in queries if '"pages_' in query["sql"] or "intake_" in query["sql"]
    ]


def test_showing_and_sending_cost_the_same_when_much_is_stored(client: Client) -> None:
    client.get(URL)
    assert send(client).status_code == 303
    costs = [
        len(asked(lambda: client.get(URL))),
        len(asked(lambda: send(client))),
        len(asked(lambda: client.post(URL, fields(phone="12")))),
    ]
    for _ in range(20):
        send(client)

    assert costs == [
        len(asked(lambda: client.get(URL))),
        len(asked(lambda: send(client))),
        len(asked(lambda: client.post(URL, fields(phone="12")))),
    ]
    assert costs[0] <= 1  # which release is live, for the frame around the form
    assert costs[1] <= 2
    assert costs[2] <= 1
