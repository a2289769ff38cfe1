"""The waiting list in calling order, with the reasons a coordinator needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from intake.clock import Calendar, Callee, Schedule, Span, is_lawful, is_open
from intake.models import CallbackRequest, CallPolicy
from intake.order import Group, Place, sort_key
from intake.schedule import load_policy, load_schedule

# A time the person chose is kept if the call comes this soon after it.
AGREED_GRACE: Final = timedelta(minutes=30)
AT_RISK_FROM: Final = 0.75  # share of the promise that is used up


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


def waiting(*, now: datetime | None = None) -> list[Listed]:
    """Everything that waits, in calling order. Four queries, however long the list."""
    requests = CallbackRequest.objects.filter(state__in=CallbackRequest.WAITING)
    return arrange(requests.select_related("owner"), now=now or timezone.now())


def list_one(request: CallbackRequest, *, now: datetime | None = None) -> Listed:
    """The line of one waiting request."""
    return arrange([request], now=now or timezone.now())[0]


def arrange(requests: Iterable[CallbackRequest], *, now: datetime) -> list[Listed]:
    """Lines for waiting requests, sorted; the schedule and the policy are read once."""
    look = _Look(load_schedule(), load_policy(), now, {})
    return sorted((look.at(request) for request in requests), key=lambda item: sort_key(item.place))


def callee_of(request: CallbackRequest) -> Callee:
    return Callee(
        zone=request.time_zone,
        possible=tuple(request.possible_zones.split()) or (request.time_zone,),
        window=request.window,
        by_email=not request.phone_index or request.is_phone_wrong,
    )


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


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the whole list: calendars already laid out are kept, for most people share them."""

    schedule: Schedule
    policy: CallPolicy
    now: datetime
    known: dict[tuple[Callee, bool], Calendar]

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
