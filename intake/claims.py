"""Taking a request and letting it go: a lease, so that nobody's absence blocks a person's call."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext

from intake import audit
from intake.models import CallbackRequest
from intake.moves import (
    FREE,
    NotYours,
    State,
    apply,
    check_version,
    check_waiting,
    clock_time,
    locked,
    name_of,
    unclaimed_state,
)
from intake.schedule import load_policy
from intake.shortlist import first_callable

# Each round asks anew who is next; more are only needed while others keep being quicker.
_ROUNDS: Final = 20
_CANDIDATES: Final = 32  # of one round: more than there are people at the desk

# Longer than two of the renewals that an open sheet sends.
COMING_BACK: Final = timedelta(minutes=2, seconds=30)


@transaction.atomic
def claim(
    *,
    request_id: int,
    user: AbstractBaseUser,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> CallbackRequest:
    """Take a waiting request for the policy's lease. One's own is simply renewed.

    Raises :exc:`NotYours`, :exc:`Stale`, :exc:`NotAllowed`.
    """
    moment = now or timezone.now()
    request = locked(request_id)
    if is_held(request, moment) and request.owner_id == user.pk:
        return _renewed(request, moment)
    check_free(request, user, moment)
    check_version(request, expected_version)
    check_waiting(request)
    return _taken(request, user, moment, _lease())


def claim_next(*, user: AbstractBaseUser, now: datetime | None = None) -> CallbackRequest | None:
    """Take the request to call next; ``None`` when nothing can be called now.

    Who is next is read without a lock; the claim itself is conditional, and takes the first of
    those seen that nobody was quicker with.
    """
    moment, lease = now or timezone.now(), _lease()
    for _ in range(_ROUNDS):
        candidates = first_callable(limit=_CANDIDATES, now=moment)
        if not candidates:
            return None
        taken = _claim_first([item.request for item in candidates], user, moment, lease)
        if taken:
            return taken
    return None


@transaction.atomic
def _claim_first(
    seen: list[CallbackRequest], user: AbstractBaseUser, now: datetime, lease: timedelta
) -> CallbackRequest | None:
    """Take the first that is as it was seen, past those that others are just changing.

    On SQLite the transaction has the only write lock by now, so that waiting for it is never in
    vain while one of them is left.
    """
    unchanged = Q()
    for request in seen:
        unchanged |= Q(pk=request.pk, version=request.version)
    place = Case(*(When(pk=request.pk, then=n) for n, request in enumerate(seen)))
    free = (
        CallbackRequest.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(unchanged, state__in=CallbackRequest.WAITING)
        .order_by(place)
        .first()
    )
    if free is None or is_held(free, now):
        return None
    return _taken(free, user, now, lease)


@transaction.atomic
def release(
    *,
    request_id: int,
    user: AbstractBaseUser,
    expected_version: int | None = None,
    by_supervisor: bool = False,
) -> CallbackRequest:
    """Let a request go. One that nobody holds stays as it is.

    Raises :exc:`NotYours` for somebody else's, unless a supervisor asks, and :exc:`Stale`.
    """
    request = locked(request_id)
    if request.state != State.CLAIMED:
        return request
    if request.owner_id != user.pk and not by_supervisor:
        raise NotYours(gettext("%(who)s has this request.") % {"who": name_of(request.owner)})
    check_version(request, expected_version)
    apply(request, action="released", user=user, state=unclaimed_state(request), **FREE)
    return request


def release_all(*, user: AbstractBaseUser) -> int:
    """Let go of everything somebody holds, at sign-out, and return how many."""
    held = CallbackRequest.objects.filter(state=State.CLAIMED, owner_id=user.pk)
    released = 0
    for pk in list(held.values_list("pk", flat=True)):
        release(request_id=pk, user=user, by_supervisor=True)
        released += 1
    return released


@transaction.atomic
def renew(
    *, request_id: int, user: AbstractBaseUser, now: datetime | None = None
) -> CallbackRequest:
    """Keep a request while its sheet is open. Changes no version. Raises :exc:`NotYours`."""
    moment = now or timezone.now()
    request = locked(request_id)
    if request.state != State.CLAIMED or request.owner_id != user.pk:
        raise NotYours(gettext("This request is not yours any more. Take it again to go on."))
    return _renewed(request, moment)


@transaction.atomic
def leave(*, request_id: int, user: AbstractBaseUser, now: datetime | None = None) -> None:
    """The sheet was closed: the lease ends soon, unless the sheet is opened again.

    Not at once, because a reload closes a sheet too. Nothing happens to what is not one's own.
    """
    soon = (now or timezone.now()) + COMING_BACK
    mine = CallbackRequest.objects.filter(pk=request_id, state=State.CLAIMED, owner_id=user.pk)
    mine.filter(lease_until__gt=soon).update(lease_until=soon)


def release_expired(*, now: datetime | None = None) -> int:
    """Free requests whose lease ran out, and return how many.

    The version stays: nothing about the request changed, so a coordinator who was on a long
    call can still record it unless somebody took the request meanwhile.
    """
    moment = now or timezone.now()
    expired = CallbackRequest.objects.filter(state=State.CLAIMED, lease_until__lte=moment)
    freed = 0
    for request in list(expired):
        with transaction.atomic():
            unchanged = expired.filter(pk=request.pk, version=request.version)
            if not unchanged.update(state=unclaimed_state(request), **FREE):
                continue
            audit.record(
                actor=None,
                action="expired",
                reference=request.reference,
                detail={"owner": request.owner_id},
            )
            freed += 1
    return freed


def is_held(request: CallbackRequest, now: datetime) -> bool:
    """Whether somebody holds the request at this moment."""
    return (
        request.state == State.CLAIMED
        and request.lease_until is not None
        and request.lease_until > now
    )


def check_free(request: CallbackRequest, user: AbstractBaseUser, now: datetime) -> None:
    """Raises :exc:`NotYours` if somebody else holds the request."""
    if is_held(request, now) and request.owner_id != user.pk:
        assert request.lease_until is not None
        until = clock_time(request.lease_until)
        raise NotYours(
            gettext("%(who)s has this request until %(until)s.")
            % {"who": name_of(request.owner), "until": until}
        )


def _taken(
    request: CallbackRequest, user: AbstractBaseUser, now: datetime, lease: timedelta
) -> CallbackRequest:
    apply(
        request,
        action="claimed",
        user=user,
        state=State.CLAIMED,
        owner=user,
        claimed_at=now,
        lease_until=now + lease,
    )
    return request


def _lease() -> timedelta:
    return timedelta(minutes=load_policy().lease_minutes)


def _renewed(request: CallbackRequest, now: datetime) -> CallbackRequest:
    request.lease_until = now + _lease()
    request.save(update_fields=["lease_until"])
    return request
