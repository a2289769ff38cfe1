"""Which release is live, asked in microseconds and without Django's ORM.

On SQLite every request looks whether anybody has written (:mod:`pages.wal_index`), and only then
asks for one row of one index. PostgreSQL would take a round trip for that, so there a thread
listens: it is told of each approval (``NOTIFY``), asks twice a second besides, and at the moment
when the next scheduled release begins.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import Error as DatabaseAway
from django.db import connection

from pages import wal_index
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

_IS_SQLITE: Final = settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
# Both are answered from the index alone; they compare texts, as Django writes them.
_LIVE: Final = (
    "SELECT number, approved_at, built_at FROM pages_release"
    " WHERE approved_at IS NOT NULL AND live_from <= ? ORDER BY live_from DESC, number DESC LIMIT 1"
)
_NEXT: Final = (
    "SELECT min(live_from) FROM pages_release WHERE approved_at IS NOT NULL AND live_from > ?"
)


class _Known(NamedTuple):
    """What the database said, and until when it is so if nobody writes."""

    release: ReleaseId | None
    until: float  # seconds since 1970; when the next scheduled release begins
    asked_at: float  # monotonic seconds


NOTHING_KNOWN: Final = _Known(None, 0.0, -math.inf)


def ask() -> ReleaseId | None:
    """The live release; ``None`` where that cannot be said at once."""
    return _ask_sqlite() if _IS_SQLITE else _listener.heard()


def has_heard_since(moment: float) -> bool:
    """Whether PostgreSQL has answered a question that was asked after ``moment`` (monotonic
    seconds). SQLite says at once whether it is there, so it is simply asked."""
    return not _IS_SQLITE and _listener.heard() is not None and _listener.asked_at > moment


def forget() -> None:
    """Ask as a new process would."""
    _mine.line.open_until = 0.0
    _listener.stop()


def announce() -> None:
    """Tell every listener when this transaction commits that releases have changed."""
    if not _IS_SQLITE:
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")


class _Line:
    """A connection, and what was told over it when the database had that version."""

    __slots__ = ("cursor", "header", "known", "open_until", "seen", "version")

    def __init__(self) -> None:
        self.cursor: sqlite3.Cursor | None = None
        self.open_until = 0.0  # monotonic seconds
        self.version: Any = None
        self.known = NOTHING_KNOWN
        self.header: Callable[[], bytes] | None = None
        self.seen: bytes | None = None  # the header before the database was asked last


class _Mine(threading.local):
    """Of this thread. Looked up once for each question: it costs as much as the rest of it."""

    def __init__(self) -> None:
        self.line = _Line()


_mine = _Mine()


def _ask_sqlite() -> ReleaseId | None:
    mine = _mine.line
    try:
        if mine.cursor is None or time.monotonic() >= mine.open_until:
            _open(mine)
            assert mine.cursor is not None
        now = mine.header() if mine.header else None
        if now is None or now != mine.seen or time.time() >= mine.known.until:
            # Differs as soon as another connection has committed anything.
            version = mine.cursor.execute("PRAGMA data_version").fetchone()
            if version != mine.version or time.time() >= mine.known.until:
                mine.known, mine.version = _look_sqlite(mine.cursor), version
            mine.seen = now
            mine.header = mine.header or wal_index.watch(_place())
    except sqlite3.Error:
        mine.cursor = None
        return None
    return mine.known.release


def _open(mine: _Line) -> None:
    """A connection that only reads. A file that is not there is not made.

    Others wait behind this question, so a database that is locked is left to Django at once.
    """
    place = f"{_place().as_uri()}?mode=rw"
    found = sqlite3.connect(place, uri=True, timeout=0.02, isolation_level=None)
    found.execute("PRAGMA query_only = ON")
    mine.cursor, mine.version = found.cursor(), None
    mine.header = mine.seen = None
    mine.open_until = time.monotonic() + REOPEN_SECONDS


def _place() -> Path:
    return Path(connection.settings_dict["NAME"]).resolve()


def _look_sqlite(cursor: sqlite3.Cursor) -> _Known:
    now = dt.datetime.now(dt.UTC).isoformat(" ")
    found = cursor.execute(_LIVE, (now,)).fetchone()
    (soon,) = cursor.execute(_NEXT, (now,)).fetchone()
    until = dt.datetime.fromisoformat(f"{soon}+00:00").timestamp() if soon else math.inf
    return _Known(ReleaseId(*found) if found else None, until, time.monotonic())


class _Listener:
    """One thread a process with a connection of its own."""

    def __init__(self) -> None:
        self._known = NOTHING_KNOWN
        self._pid = 0
        self._starting = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def asked_at(self) -> float:
        return self._known.asked_at

    def heard(self) -> ReleaseId | None:
        if self._pid != os.getpid():  # after a fork there is no thread
            self._start()
        known = self._known
        return known.release if time.monotonic() - known.asked_at < TRUSTED_SECONDS else None

    def _start(self) -> None:
        with self._starting:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._thread = threading.Thread(target=self._run, name="releases", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Hear nothing until somebody asks again."""
        thread, self._thread = self._thread, None
        if thread is not None and self._pid == os.getpid():
            self._stopping.set()
            thread.join()
            self._stopping.clear()
        self._pid, self._known = 0, NOTHING_KNOWN

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except DatabaseAway as error:
                logger.warning("Releases cannot be listened for (%s)", type(error).__name__)
            except Exception:
                logger.exception("Listening for releases failed")
            connection.close()
            self._stopping.wait(POLL_SECONDS)

    def _listen(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        line: Any = connection.connection
        while not self._stopping.is_set():
            self._known = _look()
            wait = min(POLL_SECONDS, max(0.0, self._known.until - time.time()))
            with connection.wrap_database_errors:
                for _ in line.notifies(timeout=wait, stop_after=1):
                    pass


def _look() -> _Known:
    asked_at = time.monotonic()
    release = Release.objects.which_is_live()
    soon = Release.objects.scheduled().values_list("live_from", flat=True).first()
    return _Known(release, soon.timestamp() if soon else math.inf, asked_at)


_listener = _Listener()
