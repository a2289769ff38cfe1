"""The waiting list in calling order, with the reasons a coordinator needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from intake.clock import Calendar, Callee, Schedule, Span, is_lawful, is_open
from intake.models import CallbackRequest, CallPolicy
from intake.order import Group, Place, sort_key
from intake.owed import AGREED_GRACE, AT_RISK_FROM
from intake.schedule import load_policy, load_schedule


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list. All moments in UTC."""

    request: CallbackRequest
    group: Group
    promise: str  # what ``due_at`` is about: "attempt", "contact" or "agreed"
    due_at: datetime
    share_used: float  # of the time from arrival to ``due_at``; above 1 when overdue
    is_overdue: bool
    is_at_risk: bool
    callable_at: datetime | None  # now or the next moment; empty when none is in sight
    callable_until: datetime | None
    waits_for: str  # "", "retry", "lawful", "open", "window": what keeps a later one waiting
    is_outside_window: bool  # callable only because it is overdue
    decision: str  # "", "attempts", "wrong_number": why a person must decide

    @property
    def place(self) -> Place:
        return Place(
            group=self.group,
            is_overdue=self.is_overdue,
            has_crisis_wording=self.request.has_crisis_wording,
            due_at=self.due_at,
            callable_at=self.callable_at,
            received_at=self.request.received_at,
            pk=self.request.pk,
        )


@dataclass(frozen=True, slots=True)
class Overview:
    """The first lines of each group, and how many there are of everything."""

    first: Mapping[Group, Sequence[Listed]]
    counts: Mapping[Group, int]
    late: int
    at_risk: int
    oldest_received_at: datetime | None

    @property
    def waiting(self) -> int:
        return sum(self.counts.values())


def waiting(*, now: datetime | None = None) -> list[Listed]:
    """Everything that waits, in calling order. Four queries, but every row of them.

    :mod:`intake.shortlist` has the first ones without the others.
    """
    requests = CallbackRequest.objects.filter(state__in=CallbackRequest.WAITING)
    return arrange(requests.select_related("owner"), now=now or timezone.now())


def list_one(request: CallbackRequest, *, now: datetime | None = None) -> Listed:
    """The line of one waiting request."""
    return arrange([request], now=now or timezone.now())[0]


def arrange(requests: Iterable[CallbackRequest], *, now: datetime) -> list[Listed]:
    """Lines for waiting requests, sorted; the schedule and the policy are read once."""
    return look_at(now).arrange(requests)


def summarise(items: Sequence[Listed], *, limit: int) -> Overview:
    """An overview of a list that is at hand as a whole."""
    by_group = {group: [item for item in items if item.group is group] for group in Group}
    return Overview(
        first={group: members[:limit] for group, members in by_group.items()},
        counts={group: len(members) for group, members in by_group.items()},
        late=sum(item.is_overdue for item in items),
        at_risk=sum(item.is_at_risk for item in items),
        oldest_received_at=min((item.request.received_at for item in items), default=None),
    )


def callee_of(request: CallbackRequest) -> Callee:
    return Callee(
        zone=request.time_zone,
        possible=tuple(request.possible_zones.split()) or (request.time_zone,),
        window=request.window,
        by_email=not request.phone_index or request.is_phone_wrong,
    )


def read_callee(text: str) -> Callee:
    """The same from the column in which the database keeps it."""
    zone, possible, window, way = text.split("|")
    return Callee(zone, tuple(possible.split()) or (zone,), window, by_email=way == "email")


def due(request: CallbackRequest) -> tuple[str, datetime]:
    """What is owed to the person next, and by when.

    A no-answer does not pause the promise to reach them; after a first contact only a time that
    was agreed on counts.
    """
    if request.first_attempt_at is None:
        return "attempt", request.attempt_due_at
    if request.first_contact_at is None or request.next_action_at is None:
        return "contact", request.contact_due_at
    return "agreed", request.next_action_at + AGREED_GRACE


def needs_decision(request: CallbackRequest, policy: CallPolicy) -> str:
    """Why no machine may offer this request for a call: a person must decide."""
    if request.is_phone_wrong and not request.email_index:
        return "wrong_number"
    if request.first_contact_at is None and request.attempt_count >= policy.max_attempts:
        return "attempts"
    return ""


def look_at(now: datetime) -> Look:
    """Reads the schedule and the policy. Three queries."""
    return Look(load_schedule(), load_policy(), now, {})


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the whole list: calendars already laid out are kept, for most people share them."""

    schedule: Schedule
    policy: CallPolicy
    now: datetime
    known: dict[tuple[Callee, bool], Calendar]

    def arrange(self, requests: Iterable[CallbackRequest]) -> list[Listed]:
        """Lines for waiting requests, in calling order."""
        return sorted(map(self.at, requests), key=lambda item: sort_key(item.place))

    def opens_at(self, callee: Callee, *, ignore_window: bool) -> datetime | None:
        """From when on somebody can be called who waits for no other try."""
        span = self._span(callee, self.now, ignore_window)
        return span[0] if span else None

    def at(self, request: CallbackRequest) -> Listed:
        promise, due_at = due(request)
        is_overdue = due_at <= self.now
        decision = needs_decision(request, self.policy)
        callee = callee_of(request)
        earliest = max(self.now, request.next_action_at or self.now)
        # A time that was agreed on, and a promise already broken, weigh more than the window.
        free = is_overdue or promise == "agreed"
        span = self._span(callee, earliest, free)
        group = self._group(request, span, decision)
        used = (self.now - request.received_at) / max(
            due_at - request.received_at, timedelta(minutes=1)
        )
        in_window = free and (own := self._span(callee, earliest, False)) and own[0] <= self.now
        return Listed(
            request=request,
            group=group,
            promise=promise,
            due_at=due_at,
            share_used=used,
            is_overdue=is_overdue,
            is_at_risk=not is_overdue and used >= AT_RISK_FROM and promise != "agreed",
            callable_at=span[0] if span else None,
            callable_until=span[1] if span else None,
            waits_for=self._waits_for(callee, earliest) if group is Group.LATER else "",
            is_outside_window=group is Group.NOW and free and not in_window,
            decision=decision,
        )

    def _span(self, callee: Callee, earliest: datetime, ignore_window: bool) -> Span | None:
        key = (callee, ignore_window)
        if key not in self.known:
            self.known[key] = Calendar(self.schedule, callee, self.now, ignore_window=ignore_window)
        return self.known[key].next_span(earliest)

    def _group(self, request: CallbackRequest, span: Span | None, decision: str) -> Group:
        held = request.lease_until is not None and request.lease_until > self.now
        if held:
            return Group.TAKEN
        if decision:
            return Group.DECIDE
        return Group.NOW if span and span[0] <= self.now else Group.LATER

    def _waits_for(self, callee: Callee, earliest: datetime) -> str:
        if earliest > self.now:
            return "retry"
        if not callee.by_email and not is_lawful(callee.possible, self.now):
            return "lawful"
        return "window" if is_open(self.schedule, self.now) else "open"
