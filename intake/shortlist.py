"""The first lines of the list, found by the database: what the desk shows, and who is next.

The order is defined once, in :mod:`intake.order`. Here the database sorts by a place that is
never behind the true one: for ``callable_at`` it takes the later of the next try and the moment
from which the person's calendar is open. The true places of the first rows are then computed;
as soon as enough of them are not behind the last row that was fetched, no other row can be.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, Count, DateTimeField, IntegerField, Min, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from intake.clock import HORIZON
from intake.durations import epoch_micros
from intake.listing import Listed, Look, Overview, look_at, read_callee
from intake.models import CallbackRequest
from intake.order import Group, Place, sort_key

# The same as ``state__in=WAITING`` (a constraint says so), as the index of the list has it.
_WAITS: Final = Q(closed_at=None) & ~Q(state=CallbackRequest.State.SPAM_HELD)


def overview(*, limit: int, now: datetime | None = None) -> Overview:
    """The first ``limit`` lines of each group, and the counts. At most twelve queries or so.

    What ``summarise(waiting(), limit=limit)`` of :mod:`intake.listing` gives.
    """
    search = _search(now or timezone.now())
    return search.overview(limit)


def first_callable(*, limit: int, now: datetime | None = None) -> list[Listed]:
    """The first ``limit`` requests that can be called now, in calling order."""
    return _search(now or timezone.now()).first(Group.NOW, limit)


def _search(now: datetime) -> _Search:
    look = look_at(now)
    waiting = CallbackRequest.objects.filter(_WAITS)
    callees = list(waiting.values_list("callee", flat=True).distinct())
    late = Q(due_micros__lte=epoch_micros(now))
    agreed = Q(risk_micros=None)
    opens = Case(
        When(late | agreed, then=_opens_at(look, callees, ignore_window=True)),
        default=_opens_at(look, callees, ignore_window=False),
    )
    return _Search(
        look,
        waiting.annotate(
            opens_at=Greatest(opens, Coalesce("next_action_at", Value(now))),
            urgency=Case(
                When(late, then=0),
                When(has_crisis_wording=True, then=1),
                default=2,
                output_field=IntegerField(),
            ),
        ),
    )


def _opens_at(look: Look, callees: list[str], *, ignore_window: bool) -> Case:
    """The moment from which each of these people can be called, or one that is not behind it."""
    found: dict[datetime, list[str]] = defaultdict(list)
    for text in callees:
        moment = look.opens_at(read_callee(text), ignore_window=ignore_window)
        found[moment or look.now + HORIZON].append(text)
    found.pop(look.now, None)  # most of them, in the hours of work
    whens = [When(callee__in=texts, then=Value(moment)) for moment, texts in found.items()]
    return Case(*whens, default=Value(look.now), output_field=DateTimeField())


@dataclass(frozen=True, slots=True)
class _Search:
    look: Look
    rows: QuerySet[Any]  # with ``opens_at``, never behind ``callable_at``, and ``urgency``

    def overview(self, limit: int) -> Overview:
        micros = epoch_micros(self.look.now)
        found = self.rows.aggregate(
            waiting=Count("pk"),
            late=Count("pk", filter=Q(due_micros__lte=micros)),
            at_risk=Count("pk", filter=Q(due_micros__gt=micros, risk_micros__lte=micros)),
            oldest=Min("received_at"),
            **{group: Count("pk", filter=self._is_in(group)) for group in Group},
        )
        return Overview(
            first={group: self.first(group, limit) if found[group] else [] for group in Group},
            counts={group: found[group] for group in Group},
            late=found["late"],
            at_risk=found["at_risk"],
            oldest_received_at=found["oldest"],
        )

    def first(self, group: Group, limit: int) -> list[Listed]:
        """The first lines of a group, in calling order. One query, seldom more."""
        by_moment = ["opens_at"] if group is Group.LATER else []
        rows = (
            self.rows.filter(self._is_in(group))
            .select_related("owner")
            .order_by(*by_moment, "urgency", "due_micros", "received_at", "pk")
        )
        asked = limit
        while True:
            fetched = list(rows[:asked])
            lines = [line for line in self.look.arrange(fetched) if line.group is group]
            if len(fetched) < asked or _is_settled(lines[:limit], self._not_behind(fetched[-1])):
                return lines[:limit]
            asked *= 4

    def _not_behind(self, row: Any) -> Place:
        """The place by which the database sorted a row."""
        return replace(self.look.at(row).place, callable_at=row.opens_at)

    def _is_in(self, group: Group) -> Q:
        held = Q(lease_until__gt=self.look.now)
        decide = ~held & Q(tries_in_vain__gte=self.look.policy.max_attempts)
        call = ~held & Q(tries_in_vain__lt=self.look.policy.max_attempts)
        return {
            Group.NOW: call & Q(opens_at__lte=self.look.now),
            Group.LATER: call & Q(opens_at__gt=self.look.now),
            Group.TAKEN: held,
            Group.DECIDE: decide,
        }[group]


def _is_settled(lines: list[Listed], last: Place) -> bool:
    """Whether no row behind ``last`` can stand before one of these."""
    return bool(lines) and sort_key(lines[-1].place) <= sort_key(last)
