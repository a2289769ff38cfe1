"""What the numbers page asks the database: each question walks one index, once.

A promise counts once its time is over or it is kept, so a request that came in a minute ago
neither helps nor hurts. Held spam and merged requests are left out everywhere.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, F, FloatField, Q, QuerySet, Sum
from django.utils import timezone

from intake.durations import Unindexed, Whole, epoch_hour, hour_began
from intake.models import CallAttempt, CallbackRequest

State = CallbackRequest.State

NOT_COUNTED: Final = (State.MERGED, State.SPAM_HELD)
BUCKET_HOURS: Final = 2
PROMISE_HOURS: Final = 24
FEW: Final = 20_000  # so many waits are sorted faster than all the others are stepped over

_attempt_kept: Final = Q(first_attempt_at__lte=F("attempt_due_at"))
_contact_kept: Final = Q(first_contact_at__lte=F("contact_due_at")) | Q(
    closed_at__lte=F("contact_due_at")
)


@dataclass(frozen=True, slots=True)
class Sums:
    """Counts that can be added up."""

    received: int = 0
    attempted: int = 0
    attempted_of: int = 0
    reached: int = 0
    reached_of: int = 0
    with_attempt: int = 0
    with_contact: int = 0
    tries: int = 0  # of those who were reached

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, name) + getattr(other, name) for name in _NAMES))


_NAMES: Final = tuple(Sums.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Calls:
    """So many calls with one outcome by one person in one hour of the clinic's day."""

    hour: int
    by: int
    outcome: str
    count: int


def counted() -> QuerySet[CallbackRequest]:
    return CallbackRequest.objects.exclude(state__in=NOT_COUNTED)


def by_hour(*, since: datetime, now: datetime) -> Iterator[tuple[datetime, Sums]]:
    """The sums of every hour in which somebody asked, in order. One query."""
    rows = (
        counted()
        .filter(received_hour__gte=epoch_hour(since))
        .values("received_hour")
        .annotate(
            received=Count("pk"),
            attempted=Count("pk", filter=_attempt_kept),
            attempted_of=Count("pk", filter=attempt_counts(now)),
            reached=Count("pk", filter=_contact_kept),
            reached_of=Count("pk", filter=_contact_counts(now)),
            with_attempt=Count("first_attempt_at"),
            with_contact=Count("first_contact_at"),
            tries=Sum("attempt_count", filter=Q(first_contact_at__isnull=False)),
        )
        .order_by("received_hour")
        .values_list("received_hour", *_NAMES)
    )
    for hour, *values in rows:
        yield hour_began(hour), Sums(*(value or 0 for value in values))


def attempt_counts(now: datetime) -> Q:
    """The promise of a first attempt was kept or broken, or fell away; it is not still open."""
    closed_before = Q(closed_at__isnull=False) & Q(closed_at__lte=F("attempt_due_at"))
    return Q(first_attempt_at__isnull=False) | (Q(attempt_due_at__lte=now) & ~closed_before)


def attempt_slipped(now: datetime) -> Q:
    closed_before = Q(closed_at__isnull=False) & Q(closed_at__lte=F("attempt_due_at"))
    never = Q(first_attempt_at=None) & Q(attempt_due_at__lte=now) & ~closed_before
    return Q(first_attempt_at__gt=F("attempt_due_at")) | never


def _contact_counts(now: datetime) -> Q:
    return (
        Q(first_contact_at__isnull=False) | Q(closed_at__isnull=False) | Q(contact_due_at__lte=now)
    )


def late(now: datetime) -> Q:
    return (Q(first_attempt_at=None) & Q(attempt_due_at__lt=now)) | (
        Q(first_contact_at=None) & Q(contact_due_at__lt=now)
    )


def by_state(*, since: datetime) -> dict[str, int]:
    """How many requests are in each state. One query."""
    recent = counted().filter(received_hour__gte=epoch_hour(since))
    return dict(recent.values_list("state").annotate(n=Count("pk")).order_by("state"))


def quantile(field: str, share: float, of: int, *, since: datetime) -> timedelta | None:
    """The wait in ``field`` by nearest rank: one that somebody really had. One query.

    Of very many, the database keeps all waits in order and only counts along to the right one;
    few are found by their hour and sorted.
    """
    if not of:
        return None
    known = counted().filter(**{f"{field}__isnull": False})
    waits: QuerySet[Any, Any]
    if of > FEW:
        asked = known.annotate(asked=Unindexed("received_hour"))
        recent = asked.filter(asked__gte=epoch_hour(since))
        waits = recent.order_by(field).values_list(field, flat=True)
    else:
        wait = Unindexed(field, output_field=FloatField())
        few = known.filter(received_hour__gte=epoch_hour(since))
        waits = few.order_by(wait).values_list(wait, flat=True)
    rank = math.ceil(of * share)
    return timedelta(seconds=waits[rank - 1 : rank][0])


def wait_histogram(*, since: datetime) -> list[int]:
    """First attempts by hours waited, in buckets; the last is all over the promise. One query."""
    width, last = BUCKET_HOURS * 3600, PROMISE_HOURS // BUCKET_HOURS
    rows = (
        counted()
        .filter(received_hour__gte=epoch_hour(since), wait_to_attempt__isnull=False)
        .annotate(bucket=Whole(F("wait_to_attempt") / float(width)))
        .values_list("bucket")
        .annotate(n=Count("pk"))
        .order_by("bucket")
    )
    found = [0] * (last + 1)
    for bucket, n in rows:
        found[min(bucket, last)] += n
    return found


def calls(*, since: datetime) -> list[Calls]:
    """Calls by hour of the clinic's day, person and outcome. One query."""
    rows = (
        CallAttempt.objects.filter(undone_at=None, hour__gte=epoch_hour(since))
        .values_list("hour", "by", "outcome")
        .annotate(n=Count("pk"))
        .order_by("hour", "by", "outcome")
    )
    found: dict[tuple[int, int, str], int] = defaultdict(int)
    for hour, by, outcome, n in rows:
        found[timezone.localtime(hour_began(hour)).hour, by, outcome] += n
    return [Calls(*key, n) for key, n in found.items()]


def total(sums: Sequence[Sums]) -> Sums:
    return sum(sums, Sums())


def oldest_waiting() -> datetime | None:
    waiting = counted().filter(state__in=CallbackRequest.WAITING)
    return waiting.order_by("received_at").values_list("received_at", flat=True).first()
