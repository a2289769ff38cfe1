"""When may and should we call? Pure functions: no database, no settings, no reading of a clock.

Everything is computed in UTC. A rule about local time ("8:00 to 21:00 where the person is")
means what a wall clock there shows, so each rule is laid over the stretches of constant UTC
offset, one by one; that stays right when clocks go forward or back, at any hour.
"""

from __future__ import annotations

import bisect
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

# The promise of the contact page, as elapsed time: weekends and clock changes do not stretch it.
ATTEMPT_WITHIN: Final = timedelta(hours=24)
CONTACT_WITHIN: Final = timedelta(hours=48)

# 47 CFR 64.1200(c)(1): no calls before 8 a.m. or after 9 p.m. at the called party's location.
LAWFUL_FROM: Final = time(8)
LAWFUL_UNTIL: Final = time(21)

# How the boxes of the form read; "any" is missing because it limits nothing.
WINDOWS: Final = {
    "morning": (time.min, time(12)),
    "early_afternoon": (time(12), time(15)),
    "late_afternoon": (time(15), time.max),
}

HORIZON: Final = timedelta(days=62)  # the longest closure that we look beyond
_STEP: Final = timedelta(days=7)

Span = tuple[datetime, datetime]  # UTC; the end is not part of it


class NoSuchTime(ValueError):
    """A local time that clocks skip in spring."""


class TwiceThatDay(ValueError):
    """A local time that clocks show twice in autumn."""


@dataclass(frozen=True, slots=True)
class Promise:
    attempt_due_at: datetime
    contact_due_at: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """The clinic's hours, in its own zone. No hours at all means open around the clock."""

    zone: str
    hours: tuple[tuple[int, time, time], ...] = ()  # weekday (Monday is 0), opens, closes
    closures: tuple[tuple[date, date], ...] = ()  # first day, last day


@dataclass(frozen=True, slots=True)
class Callee:
    """What of a person decides when they may be called."""

    zone: str
    possible: tuple[str, ...]  # a call must be lawful in each of these zones
    window: str = "any"
    by_email: bool = False  # no number: a mail can be written at any hour


def promise(received_at: datetime) -> Promise:
    """24 hours to the first attempt and 48 to reaching the person, elapsed."""
    received = received_at.astimezone(UTC)
    return Promise(received + ATTEMPT_WITHIN, received + CONTACT_WITHIN)


def instant(local: datetime, zone: str) -> datetime:
    """The moment at which clocks in ``zone`` show ``local`` (naive), in UTC.

    Raises :exc:`NoSuchTime` or :exc:`TwiceThatDay` around a clock change.
    """
    aware = local.replace(tzinfo=ZoneInfo(zone), fold=0)
    moment = aware.astimezone(UTC)
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(fold=0):
        raise NoSuchTime(
            gettext("Clocks in %(zone)s skip %(local)s on that day.")
            % {"zone": zone, "local": f"{local:%H:%M}"}
        )
    if aware.utcoffset() != aware.replace(fold=1).utcoffset():
        raise TwiceThatDay(
            gettext("Clocks in %(zone)s show %(local)s twice on that day.")
            % {"zone": zone, "local": f"{local:%H:%M}"}
        )
    return moment


def is_lawful(possible: Sequence[str], at: datetime) -> bool:
    """Whether a call is lawful at this moment in every zone the person may be in."""
    return all(
        LAWFUL_FROM <= at.astimezone(ZoneInfo(zone)).time() < LAWFUL_UNTIL for zone in possible
    )


def is_open(schedule: Schedule, at: datetime) -> bool:
    """Whether coordinators work at this moment."""
    moment = at.astimezone(UTC)
    return _holds(_open_spans(schedule, moment, moment + timedelta(minutes=1)), moment)


def callable_at(
    schedule: Schedule, callee: Callee, at: datetime, *, ignore_window: bool = False
) -> bool:
    """Whether this person may be called at this moment."""
    moment = at.astimezone(UTC)
    end = moment + timedelta(minutes=1)
    return _holds(callable_spans(schedule, callee, moment, end, ignore_window), moment)


def next_callable(
    schedule: Schedule, callee: Callee, at: datetime, *, ignore_window: bool = False
) -> datetime | None:
    """The first moment from ``at`` on, in UTC; ``None`` if there is none within the horizon."""
    found = next_span(schedule, callee, at, ignore_window=ignore_window)
    return found[0] if found else None


def next_span(
    schedule: Schedule, callee: Callee, at: datetime, *, ignore_window: bool = False
) -> Span | None:
    """The first stretch from ``at`` on, in UTC, cut off a week after it begins."""
    start = at.astimezone(UTC)
    last = start + HORIZON
    while start < last:
        for span in callable_spans(schedule, callee, start, start + _STEP, ignore_window):
            return span
        start += _STEP
    return None


class Calendar:
    """:func:`next_span` for one person asked for many times from ``now`` on: a week is laid out once.

    Gives exactly what :func:`next_span` gives.
    """

    def __init__(
        self, schedule: Schedule, callee: Callee, now: datetime, *, ignore_window: bool = False
    ) -> None:
        self._schedule, self._callee, self._ignore_window = schedule, callee, ignore_window
        self._start = self._end = now.astimezone(UTC)
        self._spans: list[Span] = []

    def next_span(self, at: datetime) -> Span | None:
        """The first stretch from ``at`` on, which must not be before ``now``."""
        start = at.astimezone(UTC)
        last = start + -(-HORIZON // _STEP) * _STEP
        while True:
            index = bisect.bisect_right(self._spans, start, key=itemgetter(1))
            if index < len(self._spans) and self._reaches(index, start):
                begin, end = self._spans[index]
                begin = max(begin, start)
                if begin >= last:
                    return None
                # next_span() looks week by week, and cuts a stretch off where its week ends.
                return begin, min(end, start + ((begin - start) // _STEP + 1) * _STEP)
            if self._end >= last:
                return None
            self._lay_out_a_week()

    def _reaches(self, index: int, start: datetime) -> bool:
        """Whether the end of this span is known, at least as far as it would be cut off."""
        begin, end = self._spans[index]
        return end < self._end or self._end >= max(begin, start) + 2 * _STEP

    def _lay_out_a_week(self) -> None:
        until = self._end + _STEP
        more = callable_spans(self._schedule, self._callee, self._end, until, self._ignore_window)
        self._spans, self._end = _joined([*self._spans, *more]), until


def callable_spans(
    schedule: Schedule,
    callee: Callee,
    start: datetime,
    end: datetime,
    ignore_window: bool = False,
) -> list[Span]:
    """All stretches between two moments in which the person may be called, in order."""
    spans = _open_spans(schedule, start, end)
    if callee.by_email:
        return spans
    for zone in callee.possible:
        spans = _both(spans, _daily(zone, LAWFUL_FROM, LAWFUL_UNTIL, start, end))
    if callee.window in WINDOWS and not ignore_window:
        spans = _both(spans, _daily(callee.zone, *WINDOWS[callee.window], start, end))
    return spans


def _open_spans(schedule: Schedule, start: datetime, end: datetime) -> list[Span]:
    open_all_day = not schedule.hours
    spans: list[Span] = []
    for from_, until, offset in constant_offsets(schedule.zone, start, end):
        for day in _days(from_ + offset, until + offset):
            if any(first <= day <= last for first, last in schedule.closures):
                continue
            if open_all_day:
                spans += _clip(day, time.min, time.max, from_, until, offset)
            for weekday, opens, closes in schedule.hours:
                if day.weekday() == weekday:
                    spans += _clip(day, opens, closes, from_, until, offset)
    return _joined(spans)


def _daily(zone: str, opens: time, closes: time, start: datetime, end: datetime) -> list[Span]:
    spans: list[Span] = []
    for from_, until, offset in constant_offsets(zone, start, end):
        for day in _days(from_ + offset, until + offset):
            spans += _clip(day, opens, closes, from_, until, offset)
    return _joined(spans)


def _clip(
    day: date, opens: time, closes: time, start: datetime, end: datetime, offset: timedelta
) -> list[Span]:
    """One wall-clock stretch of one day in UTC, as far as it lies between ``start`` and ``end``."""
    begin = datetime.combine(day, opens, UTC) - offset
    midnight = datetime.combine(day + timedelta(days=1), time.min, UTC)
    finish = (midnight if closes == time.max else datetime.combine(day, closes, UTC)) - offset
    begin, finish = max(begin, start), min(finish, end)
    return [(begin, finish)] if begin < finish else []


def _days(local_start: datetime, local_end: datetime) -> Iterator[date]:
    day = local_start.date()
    while day <= local_end.date():
        yield day
        day += timedelta(days=1)


@functools.lru_cache(maxsize=4096)
def _offset(zone: str, at: datetime) -> timedelta:
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset


def constant_offsets(
    zone: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Cut a stretch of UTC where the zone changes its offset, to the second.

    Looks every twelve hours: no zone has changed twice in less.
    """
    begun, at = start, start
    while at < end:
        following = min(at + timedelta(hours=12), end)
        if _offset(zone, at) != _offset(zone, following):
            change = _change_between(zone, at, following)
            yield begun, change, _offset(zone, at)
            begun = change
        at = following
    yield begun, end, _offset(zone, begun)


def _change_between(zone: str, low: datetime, high: datetime) -> datetime:
    """The first whole second with the new offset; the last bit by bisection."""
    before = _offset(zone, low)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _both(one: list[Span], other: list[Span]) -> list[Span]:
    """Where two ordered lists of spans overlap."""
    found, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        begin, finish = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if begin < finish:
            found.append((begin, finish))
        if one[i][1] <= other[j][1]:
            i += 1
        else:
            j += 1
    return found


def _joined(spans: list[Span]) -> list[Span]:
    """Ordered, with overlapping and touching spans made one."""
    joined: list[Span] = []
    for begin, finish in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], finish))
        else:
            joined.append((begin, finish))
    return joined


def _holds(spans: list[Span], moment: datetime) -> bool:
    return any(begin <= moment < finish for begin, finish in spans)
