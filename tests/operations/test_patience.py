"""No visitor waits for ever for a database that keeps its connection and does not answer."""

from __future__ import annotations

import importlib
import sys

import pytest
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created

from clinic_site import patience

END_THE_SLEEPER = """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%'"""

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_a_statement_without_an_answer_ends_and_the_next_one_has_a_new_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.2)
    connection.close()
    patience.begin()
    try:
        with (
            pytest.raises(OperationalError, match="no answer within"),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT pg_sleep(60)")
        connection.close_if_unusable_or_obsolete()
        with connection.cursor() as cursor:
            cursor.execute(END_THE_SLEEPER)
            found = cursor.fetchall()
    finally:
        connection_created.disconnect(dispatch_uid="clinic_site.patience")
        connection.close()

    assert found == [(True,)]


def test_a_listener_that_heard_nothing_keeps_its_connection() -> None:
    connection.close()
    patience.begin()
    try:
        connection.ensure_connection()
        heard = list(connection.connection.notifies(timeout=0.05))
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            found = cursor.fetchone()
    finally:
        connection_created.disconnect(dispatch_uid="clinic_site.patience")
        connection.close()

    assert (heard, found) == ([], (1,))


def test_the_web_server_is_what_limits_its_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "clinic_site.asgi", raising=False)
    importlib.import_module("clinic_site.asgi")

    try:
        connection.close()
        connection.ensure_connection()
        assert "wait" in vars(connection.connection)
    finally:
        connection_created.disconnect(dispatch_uid="clinic_site.patience")
        connection.close()
