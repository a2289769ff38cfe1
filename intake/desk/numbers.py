"""How the desk is doing, put together from what the database counted (``intake.desk.counts``)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake.desk import counts
from intake.desk.counts import BUCKET_HOURS, PROMISE_HOURS, Calls, Sums
from intake.models import CallAttempt, CallbackRequest

__all__ = [
    "BUCKET_HOURS",
    "PERIODS",
    "PROMISE_HOURS",
    "Bar",
    "Day",
    "Hour",
    "Numbers",
    "Share",
    "first_moment",
    "numbers",
]

PERIODS: Final = (14, 28, 91)  # days

OUTCOME_WORDS: Final = {
    "booked": _("Booked"),
    "contacted": _("Spoke, thinking it over"),
    "in_hand": _("Not reached yet, in hand"),
    "declined": _("Declined"),
    "referred_out": _("Referred elsewhere"),
    "unreachable": _("Could not be reached"),
    "withdrawn": _("Asked us to stop"),
}


@dataclass(frozen=True)
class Share:
    """``kept`` of ``of``; ``percent`` is ``None`` when there is nothing to count."""

    kept: int
    of: int

    @property
    def percent(self) -> int | None:
        """Rounded down, so 100% means all of them."""
        return math.floor(100 * self.kept / self.of) if self.of else None


@dataclass(frozen=True)
class Day:
    """One day, or one week named by its Monday, of the clinic's calendar."""

    date: date
    received: int
    attempted: Share
    reached: Share


@dataclass(frozen=True)
class Bar:
    label: str
    count: int
    key: str = ""


@dataclass(frozen=True)
class Caller:
    """What one coordinator did in the period: calls made, people reached, bookings."""

    name: str
    calls: int
    reached: Share
    booked: int


@dataclass(frozen=True)
class Hour:
    """The calls made in one hour of the clinic's day, and how many reached the person."""

    hour: int
    label: str
    reached: Share


@dataclass(frozen=True)
class Numbers:
    """Everything on the numbers page. Lengths of time are ``None`` when nothing was measured."""

    since: datetime
    received: int
    waiting: int
    late: int
    oldest_received_at: datetime | None
    attempted: Share
    reached: Share
    median_to_attempt: timedelta | None
    ninety_to_attempt: timedelta | None
    median_to_contact: timedelta | None
    ninety_to_contact: timedelta | None
    tries_per_contact: float | None
    waits: list[Bar]
    days: list[Day]
    weeks: list[Day]
    callers: list[Caller]
    hours: list[Hour]
    outcomes: list[Bar]
    slipped: list[CallbackRequest]


def first_moment(now: datetime, days: int) -> datetime:
    """Midnight in the clinic's zone, ``days - 1`` days before today."""
    zone = timezone.get_current_timezone()
    first = timezone.localtime(now, zone).date() - timedelta(days=days - 1)
    return datetime.combine(first, time.min, zone)


def numbers(*, now: datetime, days: int) -> Numbers:
    """The figures of the requests received in the last ``days`` days of the clinic's calendar."""
    since = first_moment(now, days)
    hourly = list(counts.by_hour(since=since, now=now))
    sums = counts.total([one for _, one in hourly])
    calls = counts.calls(since=since)
    still = counts.counted().filter(state__in=CallbackRequest.WAITING)
    late = counts.counted().filter(counts.late(now), state__in=CallbackRequest.WAITING)
    return Numbers(
        since=since,
        received=sums.received,
        waiting=still.count(),
        late=late.count(),
        oldest_received_at=counts.oldest_waiting(),
        attempted=Share(sums.attempted, sums.attempted_of),
        reached=Share(sums.reached, sums.reached_of),
        median_to_attempt=counts.quantile("wait_to_attempt", 0.5, sums.with_attempt, since=since),
        ninety_to_attempt=counts.quantile("wait_to_attempt", 0.9, sums.with_attempt, since=since),
        median_to_contact=counts.quantile("wait_to_contact", 0.5, sums.with_contact, since=since),
        ninety_to_contact=counts.quantile("wait_to_contact", 0.9, sums.with_contact, since=since),
        tries_per_contact=sums.tries / sums.with_contact if sums.with_contact else None,
        waits=_waits(since),
        days=_by(hourly, since=since, now=now, step=1, name=_same_day),
        weeks=_by(hourly, since=since, now=now, step=7, name=_monday),
        callers=_callers(calls),
        hours=_hours(calls),
        outcomes=_outcomes(since),
        slipped=list(
            counts.counted()
            .filter(counts.attempt_slipped(now), received_at__gte=since)
            .only("pk", "reference", "received_at", "first_attempt_at")
            .order_by("-received_at")[:20]
        ),
    )


def _waits(since: datetime) -> list[Bar]:
    """Requests by hours to the first try, in buckets of two; the last bar is all over 24."""
    found = counts.wait_histogram(since=since)
    labels = [
        gettext("%(from)s to %(to)s") % {"from": i * BUCKET_HOURS, "to": (i + 1) * BUCKET_HOURS}
        for i in range(PROMISE_HOURS // BUCKET_HOURS)
    ]
    return [
        Bar(label, count)
        for label, count in zip(
            [*labels, gettext("Over %(hours)s") % {"hours": PROMISE_HOURS}],
            found,
            strict=True,
        )
    ]


def _same_day(day: date) -> date:
    return day


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _by(
    hourly: Iterable[tuple[datetime, Sums]],
    *,
    since: datetime,
    now: datetime,
    step: int,
    name: Callable[[date], date],
) -> list[Day]:
    """One row for each day or week of the clinic's calendar, those without any included."""
    found: dict[date, Sums] = defaultdict(Sums)
    for hour, sums in hourly:
        found[name(timezone.localtime(hour).date())] += sums
    first, last = name(timezone.localtime(since).date()), timezone.localtime(now).date()
    return [
        Day(
            date=at,
            received=found[at].received,
            attempted=Share(found[at].attempted, found[at].attempted_of),
            reached=Share(found[at].reached, found[at].reached_of),
        )
        for at in (first + timedelta(days=n) for n in range(0, (last - first).days + 1, step))
    ]


def _callers(calls: Iterable[Calls]) -> list[Caller]:
    """Coordinators by the number of their calls. One query, for the names."""
    made: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in calls:
        made[one.by][one.outcome] += one.count
    users = User.objects.filter(pk__in=made).in_bulk()
    callers = [
        Caller(
            name=users[pk].get_full_name() or users[pk].get_username(),
            calls=(total := sum(outcomes.values())),
            reached=Share(sum(outcomes.get(o, 0) for o in CallAttempt.CONTACTS), total),
            booked=outcomes.get(CallAttempt.Outcome.BOOKED, 0),
        )
        for pk, outcomes in made.items()
    ]
    return sorted(callers, key=lambda caller: (-caller.calls, caller.name))


def _hours(calls: Iterable[Calls]) -> list[Hour]:
    """The hours of the day from the first to the last in which anybody called."""
    made: dict[int, int] = defaultdict(int)
    reached: dict[int, int] = defaultdict(int)
    for one in calls:
        made[one.hour] += one.count
        reached[one.hour] += one.count if one.outcome in CallAttempt.CONTACTS else 0
    if not made:
        return []
    return [
        Hour(
            hour,
            f"{hour % 12 or 12} {'pm' if hour >= 12 else 'am'}",
            Share(reached[hour], made[hour]),
        )
        for hour in range(min(made), max(made) + 1)
    ]


def _outcomes(since: datetime) -> list[Bar]:
    """Each request once, by how it ended; those that wait are in hand."""
    found: dict[str, int] = defaultdict(int)
    for state, n in counts.by_state(since=since).items():
        found["in_hand" if state in CallbackRequest.WAITING else state] += n
    return [Bar(str(words), found[key], key) for key, words in OUTCOME_WORDS.items()]
