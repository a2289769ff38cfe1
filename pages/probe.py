"""Which release is live, asked in microseconds and without Django's ORM.

On SQLite every request asks, with one row of one index. PostgreSQL would take a round trip for
that, so there a thread listens: it is told of each approval (``NOTIFY``), asks twice a second
besides, and knows when the next scheduled release begins.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg
from django.db import Error as DatabaseAway
from django.db import connection

from pages.models import Release
from pages.models.release import ReleaseId

logger = logging.getLogger(__name__)

CHANNEL: Final = "clinic_releases"
POLL_SECONDS: Final = 0.5
# What was heard longer ago than this says nothing of now: Django has to ask.
TRUSTED_SECONDS: Final = 1.5
# A connection is opened anew now and then, or a database put in the place of another would never
# be seen.
REOPEN_SECONDS: Final = 10.0

# Answered from the index alone; it compares texts, as Django writes them.
_LIVE: Final = (
    "SELECT number, approved_at, built_at FROM pages_release"
    " WHERE approved_at IS NOT NULL AND live_from <= ? ORDER BY live_from DESC, number DESC LIMIT 1"
)


def ask() -> ReleaseId | None:
    """The live release; ``None`` where that cannot be said at once."""
    if connection.vendor == "sqlite":
        return _ask_sqlite()
    return _listener.heard()


def forget() -> None:
    """Ask as a new process would."""
    _mine.until = 0.0


def announce() -> None:
    """Tell every listener when this transaction commits that releases have changed."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")


class _Mine(threading.local):
    """The connection of this thread, and the monotonic second until which it is used."""

    cursor: sqlite3.Cursor | None = None
    until: float = 0.0


_mine = _Mine()


def _ask_sqlite() -> ReleaseId | None:
    now = time.monotonic()
    try:
        if now >= _mine.until or _mine.cursor is None:
            _mine.cursor, _mine.until = _open(), now + REOPEN_SECONDS
        moment = dt.datetime.now(dt.UTC).isoformat(" ")
        row = _mine.cursor.execute(_LIVE, (moment,)).fetchone()
    except sqlite3.Error:
        _mine.cursor = None
        return None
    return ReleaseId(*row) if row else None


def _open() -> sqlite3.Cursor:
    """A cursor that only reads. A file that is not there is not made."""
    place = Path(connection.settings_dict["NAME"]).resolve().as_uri()
    found = sqlite3.connect(f"{place}?mode=rw", uri=True, timeout=1.0, isolation_level=None)
    found.execute("PRAGMA query_only = ON")
    return found.cursor()


class _Known(NamedTuple):
    """What the database said at a moment, in monotonic seconds."""

    at: float
    release: ReleaseId | None
    next_at: float  # seconds since 1970
    next: ReleaseId | None


class _Listener:
    """One thread a process with a connection of its own."""

    def __init__(self) -> None:
        self._known = _Known(-TRUSTED_SECONDS, None, 0.0, None)
        self._pid = 0
        self._starting = threading.Lock()

    def heard(self) -> ReleaseId | None:
        if self._pid != os.getpid():  # after a fork there is no thread
            self._start()
        known = self._known
        if time.monotonic() - known.at > TRUSTED_SECONDS:
            return None
        if known.next is not None and time.time() >= known.next_at:
            return known.next
        return known.release

    def _start(self) -> None:
        with self._starting:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
            threading.Thread(target=self._run, name="releases", daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                self._listen()
            except (DatabaseAway, psycopg.Error) as error:
                logger.warning("Releases cannot be listened for (%s)", type(error).__name__)
            except Exception:
                logger.exception("Listening for releases failed")
            connection.close()
            time.sleep(POLL_SECONDS)

    def _listen(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        line: Any = connection.connection
        while True:
            self._known = _look()
            for _ in line.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass


def _look() -> _Known:
    at = time.monotonic()
    release = Release.objects.which_is_live()
    coming = Release.objects.scheduled()
    soon = coming.values_list("live_from", *ReleaseId._fields).first()
    if soon is None:
        return _Known(at, release, 0.0, None)
    return _Known(at, release, soon[0].timestamp(), ReleaseId.of(*soon[1:]))


_listener = _Listener()
