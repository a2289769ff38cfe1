"""A published page is the next thing that anybody reads; with the real database asked as it is."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from pages import live, probe
from pages.models import Question, Release
from pages.publishing import publish_rows
from tests.operations.servers import wait_until
from tests.serving.conftest import Site, publish_faq

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site() -> Site:
    publish_faq()
    site = Site()
    site.ask("/faq/")
    wait_until(lambda: not site.ask("/faq/").by_django, "an answer from memory")
    return site


def publish(words: str) -> None:
    Question.objects.update(question=words)
    publish_rows(keys=["question:driving-home"], by=None)


def in_another_thread(work: Callable[[], object]) -> None:
    """With a database connection of its own, as another process has."""

    def run() -> None:
        work()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_readers_have_a_release_that_another_process_published(site: Site) -> None:
    in_another_thread(lambda: publish("Is it new?"))

    if connection.vendor == "postgresql":
        wait_until(lambda: b"Is it new?" in site.ask("/faq/").content, "the release", 5)
    assert b"Is it new?" in site.ask("/faq/").content


def test_a_scheduled_release_begins_at_its_moment_without_anybody_writing(site: Site) -> None:
    Question.objects.update(question="Is it time?")
    moment = timezone.now() + dt.timedelta(seconds=2)
    publish_rows(keys=["question:driving-home"], by=None, live_from=moment)
    assert b"Is it time?" not in site.ask("/faq/").content

    time.sleep(max(0.0, (moment - timezone.now()).total_seconds()))

    if connection.vendor == "postgresql":
        wait_until(lambda: b"Is it time?" in site.ask("/faq/").content, "the moment", 5)
    assert b"Is it time?" in site.ask("/faq/").content


def test_nothing_else_that_is_written_makes_a_page_be_drawn_again(site: Site) -> None:
    in_another_thread(lambda: Question.objects.update(question="Only saved?"))

    assert not site.ask("/faq/").by_django


def test_the_probe_and_django_say_the_same_release(site: Site) -> None:
    assert probe.ask() == Release.objects.which_is_live() == live.live().release


def test_the_question_is_answered_without_reading_past_the_content(site: Site) -> None:
    if connection.vendor != "sqlite":
        return  # asked twice a second, not on every request
    with connection.cursor() as cursor:
        for sql in (probe._LIVE, probe._NEXT):
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}".replace("?", "%s"), ["2026"])
            assert "COVERING INDEX release_live" in str(cursor.fetchall())


def test_sqlite_is_not_asked_while_nobody_writes(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        return  # a thread listens there
    live = probe.ask()

    monkeypatch.setattr(probe._mine.line, "cursor", object())  # cannot be asked anything

    assert probe.ask() == live is not None


def test_what_is_published_while_sqlite_is_asked_is_seen_the_next_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        return
    look = probe._look_sqlite

    def and_then_somebody_publishes(cursor: sqlite3.Cursor) -> probe._Known:
        found = look(cursor)
        publish("Third?")
        return found

    publish("Second?")
    monkeypatch.setattr(probe, "_look_sqlite", and_then_somebody_publishes)
    before = probe.ask()
    monkeypatch.undo()

    assert probe.ask() == Release.objects.which_is_live() != before
