"""The strip on a sheet: when we may, can and should call in the hours ahead, where the person is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import dateformat, timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from intake import clock
from intake.desk.drawing import Tick, strip
from intake.desk.wording import day, day_and_time, is_today, time_of_day
from intake.queue import Listed

FROM_HOUR, UNTIL_HOUR = 6, 22  # what the strip of an ordinary day shows
HOUR: Final = timedelta(hours=1)
MANY_HOURS: Final = 17  # with more, only every third hour is named


@dataclass(frozen=True)
class _Stretch:
    """What the strip shows: from and until, in UTC, on the clocks of ``zone``."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    def place(self, moment: datetime) -> float:
        """Hours since the strip begins; elapsed, so that it is right when clocks change."""
        return (moment - self.start) / HOUR

    def places(self, spans: Sequence[clock.Span]) -> list[tuple[float, float]]:
        return [(self.place(begin), self.place(finish)) for begin, finish in spans]


def draw_day(
    listed: Listed, *, schedule: clock.Schedule, callee: clock.Callee, now: datetime
) -> SafeString:
    """Today where the person is; the night and tomorrow when nothing is left of today."""
    there = clock.Schedule(zone=callee.zone)
    by_phone = replace(callee, by_email=False)
    midnight = _at_hour(now, 0, ZoneInfo(callee.zone))
    office = clock.callable_spans(
        schedule, replace(callee, by_email=True), midnight, midnight + 24 * HOUR
    )
    shown = _stretch(listed, office, ZoneInfo(callee.zone), now)
    office = clock.callable_spans(schedule, replace(callee, by_email=True), shown.start, shown.end)
    lawful = clock.callable_spans(there, replace(by_phone, window="any"), shown.start, shown.end)
    wanted = clock.callable_spans(there, by_phone, shown.start, shown.end)
    is_due = shown.start <= listed.due_at < shown.end
    return strip(
        hours=shown.place(shown.end),
        lawful=shown.places(lawful),
        clinic=shown.places(office),
        wanted=shown.places(wanted),
        ticks=list(_ticks(shown)),
        now=shown.place(now),
        due=shown.place(listed.due_at) if is_due else None,
        label=_label(shown, lawful, office, wanted, listed, now),
    )


def _at_hour(moment: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """``hour`` o'clock of the day that ``moment`` is in there, in UTC. 24 is the next midnight."""
    local = timezone.localtime(moment, zone).replace(minute=0, second=0, microsecond=0, fold=0)
    ahead = timedelta(days=hour // 24)
    return (local.replace(hour=hour % 24) + ahead).astimezone(UTC)


def _stretch(
    listed: Listed, office: Sequence[clock.Span], zone: ZoneInfo, now: datetime
) -> _Stretch:
    """6 am to 10 pm, wider where it is night there or we work in their night.

    When the next moment to call lies beyond midnight, the 24 hours from now on.
    """
    this_hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    midnight = _at_hour(now, 24, zone)
    soonest = listed.callable_at
    if soonest is not None and midnight <= soonest < this_hour + 24 * HOUR:
        return _Stretch(this_hour, this_hour + 24 * HOUR, zone)
    inside = [this_hour, now + HOUR / 2, *(moment for span in office for moment in span)]
    start = min(_at_hour(now, FROM_HOUR, zone), *inside)
    end = max(_at_hour(now, UNTIL_HOUR, zone), *inside)
    return _Stretch(max(start, _at_hour(now, 0, zone)), min(end, midnight), zone)


def _ticks(shown: _Stretch) -> Iterator[Tick]:
    """The named hours; midnight is named by the day that begins."""
    step = 2 if shown.place(shown.end) <= MANY_HOURS else 3
    at = shown.start.replace(minute=0)
    while at < shown.end - HOUR / 2:
        local = at.astimezone(shown.zone)
        if at > shown.start + HOUR / 2 and local.minute == 0 and local.hour % step == 0:
            hour = f"{local.hour % 12 or 12}{'a' if local.hour < 12 else 'p'}"
            yield Tick(shown.place(at), hour if local.hour else dateformat.format(local, "D"))
        at += HOUR / 2


def _label(
    shown: _Stretch,
    lawful: Sequence[clock.Span],
    office: Sequence[clock.Span],
    wanted: Sequence[clock.Span],
    listed: Listed,
    now: datetime,
) -> str:
    def clock_there(moment: datetime) -> str:
        return time_of_day(moment, shown.zone)

    def said(spans: Sequence[clock.Span]) -> str:
        words = gettext("%(opens)s to %(closes)s")
        hours = [words % {"opens": clock_there(a), "closes": clock_there(b)} for a, b in spans]
        return gettext(" and ").join(hours) or gettext("at no hour")

    last = shown.end - HOUR
    days = gettext("Today")
    if not is_today(last, now, shown.zone):
        days = gettext("Today and %(day)s") % {"day": day(last, now, shown.zone)}
    return gettext(
        "%(days)s where the person is, %(start)s to %(end)s. Lawful %(lawful)s; we are open %(open)s; they asked for %(wanted)s; now %(now)s; due %(due)s."
    ) % {
        "days": days,
        "start": clock_there(shown.start),
        "end": clock_there(shown.end),
        "lawful": said(lawful),
        "open": said(office),
        "wanted": said(wanted),
        "now": clock_there(now),
        "due": day_and_time(listed.due_at, now, shown.zone),
    }
