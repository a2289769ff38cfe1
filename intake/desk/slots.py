"""When to try again: a few good times, all lawful, all inside our hours.

People who did not answer in the morning may answer in the afternoon, so a time of day that was
not tried yet comes before one that was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from intake import clock
from intake.desk.wording import day_with_time

SEARCH: Final = timedelta(days=10)
STEP: Final = timedelta(minutes=15)
BEFORE_THE_PROMISE: Final = timedelta(minutes=45)
DISTANCE: Final = timedelta(hours=1)  # two offers closer than this are one


@dataclass(frozen=True)
class Slot:
    at: datetime
    words: str
    why: str

    @property
    def value(self) -> str:
        return self.at.isoformat(timespec="minutes")


def part_of_day(moment: datetime, zone: str) -> int:
    """0 morning, 1 early afternoon, 2 late afternoon or evening, as the form divides the day."""
    hour = moment.astimezone(ZoneInfo(zone)).hour
    return 0 if hour < 12 else 1 if hour < 15 else 2


def best_slots(
    *,
    schedule: clock.Schedule,
    callee: clock.Callee,
    now: datetime,
    wait: timedelta,
    tried: Sequence[datetime],
    contact_due_at: datetime,
) -> list[Slot]:
    """At most three times from ``now + wait`` on; fewer or none when nothing is callable."""
    start = _ceil(now + wait)
    spans = clock.callable_spans(schedule, callee, start, start + SEARCH)
    in_their_hours = bool(spans) and callee.window != "any"
    if not spans:
        spans = clock.callable_spans(schedule, callee, start, start + SEARCH, ignore_window=True)
    if not spans:
        return []
    why = gettext("in their hours") if in_their_hours else gettext("in our hours")
    candidates = [_ceil(begin) for begin, end in spans if _ceil(begin) < end]
    chosen: list[tuple[datetime, str]] = [(candidates[0], why)] if candidates else []
    fresh = _other_part_of_day(spans, callee.zone, tried)
    if fresh is not None:
        _offer(chosen, fresh, gettext("a time of day not tried yet"))
    last = _last_before(spans, contact_due_at - BEFORE_THE_PROMISE)
    if last is not None:
        _offer(chosen, last, gettext("last before the 48 h promise"))
    for candidate in candidates[1:]:
        if len(chosen) >= 3:
            break
        _offer(chosen, candidate, why)
    return [Slot(at, _words(at, now), words) for at, words in sorted(chosen)[:3]]


def _offer(chosen: list[tuple[datetime, str]], at: datetime, why: str) -> None:
    if all(abs(at - other) >= DISTANCE for other, _ in chosen):
        chosen.append((at, why))


def _ceil(moment: datetime) -> datetime:
    """Up to the next quarter of an hour."""
    plain = moment.replace(second=0, microsecond=0, minute=moment.minute // 15 * 15)
    return plain if plain == moment else plain + STEP


def _other_part_of_day(
    spans: Sequence[clock.Span], zone: str, tried: Sequence[datetime]
) -> datetime | None:
    """The first callable moment in a part of the day that no earlier try was in."""
    known = {part_of_day(moment, zone) for moment in tried}
    if not known:
        return None
    for begin, end in spans:
        at = _ceil(begin)
        while at < end:
            if part_of_day(at, zone) not in known:
                return at
            at += STEP
    return None


def _last_before(spans: Sequence[clock.Span], limit: datetime) -> datetime | None:
    for begin, end in reversed(spans):
        latest = min(end - STEP, limit)
        if latest >= begin:
            floor = latest.replace(second=0, microsecond=0, minute=latest.minute // 15 * 15)
            return max(floor, _ceil(begin)) if _ceil(begin) <= latest else None
    return None


def _words(at: datetime, now: datetime) -> str:
    words = day_with_time(at, now)
    return words[:1].upper() + words[1:]
