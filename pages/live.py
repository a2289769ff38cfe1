"""Which release is live, and what this process knows of it.

Whoever must be sure asks the database with :func:`live`. A front before Django asks :func:`known`,
which costs microseconds and answers ``None`` where only Django can say.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from django.db import Error as DatabaseAway

from pages import last_release, probe
from pages.days import day_ends_at, today
from pages.models import Release
from pages.models.release import ReleaseId
from pages.packed import Packed
from pages.releases import Content
from pages.site import ContentError, Site, build_site

logger = logging.getLogger(__name__)

# After a database refused, how long to answer from memory before asking again; longer where it took
# long to hear of it (a name that nobody looks up, a machine that swallows everything), so that few
# readers wait for that.
RETRY_SECONDS = 2.0
MOST_RETRY_SECONDS: Final = 30.0


@dataclass(frozen=True)
class Live:
    """One release on one day: its tree and the pages drawn from it so far, by path.

    What readers see changes at midnight too (``pages.days``); the content is kept so that
    the tree of a new day needs no database.
    """

    release: ReleaseId
    day: dt.date
    content: Content
    site: Site
    drawn: dict[str, Packed] = field(default_factory=dict)
    drawing: dict[str, threading.Lock] = field(default_factory=dict)
    starts_at: float = 0.0  # seconds since 1970; the day in the clinic's time zone
    ends_at: float = 0.0


NOTHING: Final = Live(ReleaseId(0, "", ""), dt.date.min, {}, Site(0, {}))


class _Memory:
    """What this process knows. Replaced as a whole, so readers need no lock."""

    def __init__(self) -> None:
        self.live: Live | None = None
        self.failed_at = 0.0  # monotonic seconds; 0 while the database answers
        self.rest = 0.0  # seconds
        self.asking = threading.Lock()
        self.loading = threading.Lock()

    def note_failure(self, began: float) -> None:
        """The database refused what was asked at ``began`` (monotonic seconds)."""
        self.failed_at = time.monotonic()
        self.rest = min(max(RETRY_SECONDS, 10 * (self.failed_at - began)), MOST_RETRY_SECONDS)

    def rests(self) -> bool:
        """Whether it is too early to ask again a database that refused."""
        is_early = time.monotonic() < self.failed_at + self.rest
        return is_early and not probe.has_heard_since(self.failed_at)

    @contextmanager
    def turn_to_ask(self) -> Iterator[bool]:
        """Whether to ask the database now. While it is away one thread may, now and then, and
        nobody waits behind it."""
        if not self.failed_at:
            yield True
        elif self.rests() or not self.asking.acquire(blocking=False):
            yield False
        else:
            try:
                yield True
            finally:
                self.asking.release()


_memory = _Memory()


def forget() -> None:
    """Start as a new process would."""
    _memory.live = None
    _memory.failed_at = 0.0
    probe.forget()


def live_site() -> Site:
    """The site of the live release; an empty one with number 0 before there is any.

    ``live_site().at(path)`` is the site in the language of an address.
    """
    return live().site


def known() -> Live | None:
    """What is live, as far as that can be said without Django; ``None`` where it cannot."""
    kept = _memory.live
    if kept is None or not kept.starts_at <= time.time() < kept.ends_at:
        return None
    if _memory.failed_at and (_memory.rests() or _memory.asking.locked()):
        return kept
    return kept if probe.ask() == kept.release else None


def live() -> Live:
    """The live release as this process can know it: database, else memory, else disk."""
    with _memory.turn_to_ask() as may_ask:
        if may_ask:
            began = time.monotonic()
            try:
                found = _from_database()
            except (DatabaseAway, ContentError) as error:
                _memory.note_failure(began)
                logger.warning(
                    "The live release cannot be read (%s); the last known is served", error
                )
            else:
                _memory.failed_at = 0.0
                return found
    if _memory.live is None:
        _memory.live = _from_disk()
    if _memory.live is not NOTHING and _memory.live.day != today():
        _memory.live = _built(_memory.live.release, _memory.live.content)
    return _memory.live


def _built(release: ReleaseId, content: Content) -> Live:
    day = today()
    return Live(
        release,
        day,
        content,
        build_site(release.number, content, today=day),
        starts_at=day_ends_at(day - dt.timedelta(days=1)),
        ends_at=day_ends_at(day),
    )


def _from_database() -> Live:
    release = _ask()
    kept = _memory.live
    if release is None:
        return NOTHING
    if kept is not None and _is_current(kept, release):
        return kept
    with _memory.loading:
        if _memory.live is not None and _is_current(_memory.live, release):
            return _memory.live
        content: Content = Release.objects.values_list("content", flat=True).get(
            number=release.number
        )
        _memory.live = _built(release, content)
    last_release.write(release, content)
    return _memory.live


def _is_current(kept: Live, release: ReleaseId) -> bool:
    return kept.release == release and kept.day == today()


def _ask() -> ReleaseId | None:
    """Which release is live: the one query of a request that Django answers with a page."""
    return Release.objects.which_is_live()


def _from_disk() -> Live:
    saved = last_release.read()
    try:
        return _built(*saved) if saved else NOTHING
    except (ValueError, KeyError, TypeError, AttributeError):
        logger.exception("The saved release cannot be read")
        return NOTHING
