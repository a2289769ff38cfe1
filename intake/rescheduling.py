"""What a change of hours, closures or policy does to the list: shown before, done with it.

A promise is elapsed time and never moves. The next try does: a time that the old rules gave is
given anew by the new ones, and a time that a person chose is moved only if nobody may or will
call then any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from intake import audit
from intake.clock import Calendar, Callee, Schedule, next_callable
from intake.listing import callee_of, due, needs_decision
from intake.models import CallAttempt, CallbackRequest, CallPolicy
from intake.schedule import load_policy, load_schedule

Change = Callable[[], object]
_BATCH: Final = 500
REFERENCES_NOTED: Final = 200


@dataclass(frozen=True, slots=True)
class Move:
    """A next try that changes. ``is_agreed``: the person was told the old time."""

    request: CallbackRequest
    before: datetime
    after: datetime
    is_agreed: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change does to the requests that wait."""

    waiting: int
    moves: tuple[Move, ...]
    later: int  # can be called later than before the change
    sooner: int
    missed: tuple[CallbackRequest, ...]  # cannot be called in time any more
    to_decide: int  # wait for a person's decision now, and did not before
    to_call: int  # the other way round

    @property
    def is_empty(self) -> bool:
        return not (self.moves or self.later or self.sooner or self.to_decide or self.to_call)


def preview(change: Change, *, now: datetime | None = None) -> Preview:
    """What ``change`` would do. It is made and taken back, so that no rule is written twice."""
    with transaction.atomic():
        found = _try(change, now or timezone.now())
        transaction.set_rollback(True)
    return found


@transaction.atomic
def carry_out(
    change: Change,
    *,
    user: AbstractBaseUser | None,
    what: audit.Detail,
    now: datetime | None = None,
) -> Preview:
    """Make the change, move what depends on it, and put both on record as one event.

    No version goes up: nobody decided anything about these requests, and whoever has one open
    loses nothing.
    """
    done = _try(change, now or timezone.now())
    for move in done.moves:
        move.request.next_action_at = move.after
    CallbackRequest.objects.bulk_update(
        [move.request for move in done.moves], ["next_action_at"], batch_size=_BATCH
    )
    moved = [move.request.reference for move in done.moves]
    detail: dict[str, str | int | bool | list[str] | None] = {
        **what,
        "moved": len(moved),
        "requests": moved[:REFERENCES_NOTED],
    }
    audit.record(actor=user, action="changed_hours", detail=detail)
    return done


def _try(change: Change, now: datetime) -> Preview:
    before = _Rules(load_schedule(), load_policy(), now)
    change()
    after = _Rules(load_schedule(), load_policy(), now)
    attempts = CallAttempt.objects.filter(undone_at=None).order_by("at", "pk")
    waiting = list(
        CallbackRequest.objects.filter(state__in=CallbackRequest.WAITING)
        .select_for_update(of=("self",))
        .prefetch_related(Prefetch("attempts", attempts, to_attr="made"))
        .order_by("next_action_at", "received_at", "pk")
    )
    moves = tuple(move for one in waiting if (move := _move(one, before, after)))
    new_times = {move.request.pk: move.after for move in moves}
    looks = [
        _look(one, before, after, new_times.get(one.pk, one.next_action_at)) for one in waiting
    ]
    return Preview(
        waiting=len(waiting),
        moves=moves,
        later=sum(look.is_later for look in looks),
        sooner=sum(look.is_sooner for look in looks),
        missed=tuple(one for one, look in zip(waiting, looks, strict=True) if look.is_missed),
        to_decide=sum(look.must_decide and not look.had_to for look in looks),
        to_call=sum(look.had_to and not look.must_decide for look in looks),
    )


class _Rules:
    """The hours and the policy at one side of the change; each person's calendar is laid out once."""

    def __init__(self, schedule: Schedule, policy: CallPolicy, now: datetime) -> None:
        self.schedule, self.policy, self.now = schedule, policy, now
        self._known: dict[tuple[Callee, bool], Calendar] = {}

    def next(self, callee: Callee, at: datetime, *, ignore_window: bool = False) -> datetime | None:
        if at < self.now:
            return next_callable(self.schedule, callee, at, ignore_window=ignore_window)
        key = (callee, ignore_window)
        if key not in self._known:
            self._known[key] = Calendar(
                self.schedule, callee, self.now, ignore_window=ignore_window
            )
        found = self._known[key].next_span(at)
        return found[0] if found else None

    def retry(self, callee: Callee, attempt: CallAttempt, number: int) -> datetime:
        """When the policy tries again after the attempt with this number, from 1 on."""
        waits = self.policy.retry_minutes
        earliest = attempt.at + timedelta(minutes=waits[min(number - 1, len(waits) - 1)])
        return self.next(callee, earliest) or earliest

    def callable_from(self, request: CallbackRequest, next_at: datetime | None) -> datetime | None:
        is_free = due(request)[1] <= self.now or due(request)[0] == "agreed"
        earliest = max(self.now, next_at or self.now)
        return self.next(callee_of(request), earliest, ignore_window=is_free)


def _move(request: CallbackRequest, before: _Rules, after: _Rules) -> Move | None:
    at = request.next_action_at
    if at is None or at <= after.now:
        return None
    callee = callee_of(request)
    made: list[CallAttempt] = request.made  # type: ignore[attr-defined]
    is_agreed = request.first_contact_at is not None
    last = made[-1] if made else None
    if last and not is_agreed and at == before.retry(callee, last, len(made)):
        new = max(after.retry(callee, last, len(made)), after.now)
    else:
        new = after.next(callee, at, ignore_window=True) or at
    return Move(request, at, new, is_agreed) if new != at else None


@dataclass(frozen=True, slots=True)
class _Look:
    is_later: bool
    is_sooner: bool
    is_missed: bool
    must_decide: bool
    had_to: bool


def _look(
    request: CallbackRequest, before: _Rules, after: _Rules, next_at: datetime | None
) -> _Look:
    far = datetime.max.replace(tzinfo=after.now.tzinfo)
    was = before.callable_from(request, request.next_action_at) or far
    will = after.callable_from(request, next_at) or far
    kind, due_at = due(request)
    is_owed = kind != "agreed" and due_at > after.now
    return _Look(
        is_later=will > was,
        is_sooner=will < was,
        is_missed=is_owed and was < due_at <= will,
        must_decide=bool(needs_decision(request, after.policy)),
        had_to=bool(needs_decision(request, before.policy)),
    )
