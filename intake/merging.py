"""Treating two requests of one person as one, by a person's decision, and taking it back.

The one merged closes with the outcome "merged" and keeps what is its own: forms, consents,
attempts, notes. The one it went into speaks for both from then on; its sheet shows both.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from intake.claims import check_free
from intake.models import CallbackRequest, Merge
from intake.moves import FREE, NotAllowed, State, apply, check_version, locked, unclaimed_state
from intake.references import show_reference

_MOMENTS: Final = ("next_action_at", "closed_at")


@transaction.atomic
def merge(
    *,
    request_id: int,
    into_id: int,
    user: AbstractBaseUser,
    expected_version: int | None = None,
    expected_into_version: int | None = None,
    now: datetime | None = None,
) -> CallbackRequest:
    """Close ``request_id`` because ``into_id`` is the same person's; returns the one that stays.

    Promises do not change, so of two that wait the one that asked first must stay. Raises
    :exc:`NotYours` if a colleague is on either, :exc:`Stale`, :exc:`NotAllowed`.
    """
    moment = now or timezone.now()
    request, into = _locked_pair(request_id, into_id)
    for one in (request, into):
        check_free(one, user, moment)
    check_version(request, expected_version)
    check_version(into, expected_into_version)
    _check_may_merge(request, into)
    before = {"request": _snapshot(request), "into": _snapshot(into)}
    changes = _what_the_other_takes_over(request, into, moment)
    apply(
        request,
        action="merged",
        user=user,
        detail={"into": into.reference},
        state=State.MERGED,
        outcome="merged",
        merged_into=into,
        closed_at=moment,
        closed_by=user,
        next_action_at=None,
        **FREE,
    )
    apply(into, action="took_in", user=user, detail={"took": request.reference}, **changes)
    before["into"]["version"] = into.version
    Merge.objects.create(request=request, into=into, at=moment, by_id=user.pk, before=before)
    return into


@transaction.atomic
def undo_merge(
    *,
    request_id: int,
    user: AbstractBaseUser,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> CallbackRequest:
    """Give a merged request back its own state: it was somebody else's after all.

    What the other one took over goes back too, unless something happened to that one since.
    Raises :exc:`NotYours`, :exc:`Stale`, :exc:`NotAllowed`.
    """
    moment = now or timezone.now()
    found = Merge.objects.filter(request_id=request_id, undone_at=None).first()
    if found is None:
        raise NotAllowed(gettext("This request is not merged into another."))
    request, into = _locked_pair(request_id, found.into_id)
    held = Merge.objects.filter(pk=found.pk, undone_at=None)
    if not held.update(undone_at=moment, undone_by_id=user.pk):
        raise NotAllowed(gettext("Somebody has already taken these two apart."))
    check_free(into, user, moment)
    check_version(request, expected_version)
    if into.state == State.WITHDRAWN:
        raise NotAllowed(
            gettext(
                "This person asked us to stop. If it was somebody else, reopen %(reference)s first."
            )
            % {"reference": show_reference(into.reference)}
        )
    apply(
        request,
        action="unmerged",
        user=user,
        detail={"out_of": into.reference},
        merged_into=None,
        **_restored(found.before["request"]),
    )
    apply(
        into,
        action="gave_back",
        user=user,
        detail={"gave": request.reference},
        **_given(into, found),
    )
    return request


def direction(one: CallbackRequest, other: CallbackRequest) -> tuple[CallbackRequest, ...]:
    """Which goes into which: ``(goes, stays)``, so that nobody's promise is stretched."""
    waits = [r for r in (one, other) if r.state in CallbackRequest.WAITING]
    if len(waits) == 1:
        return (other, one) if waits[0].pk == one.pk else (one, other)
    first, second = sorted((one, other), key=lambda r: (r.received_at, r.pk))
    return second, first


def _locked_pair(one_id: int, other_id: int) -> tuple[CallbackRequest, CallbackRequest]:
    """Both, locked in one order whoever asks, so that two people cannot wait for each other."""
    if one_id == other_id:
        raise NotAllowed(gettext("A request cannot be merged into itself."))
    held = {pk: locked(pk) for pk in sorted((one_id, other_id))}
    return held[one_id], held[other_id]


def _check_may_merge(request: CallbackRequest, into: CallbackRequest) -> None:
    """What is merged takes nothing in, so no chain of merges can lead back to its start."""
    for one in (request, into):
        if one.state == State.MERGED:
            raise NotAllowed(
                gettext("%(reference)s is already merged into another.")
                % {"reference": show_reference(one.reference)}
            )
        if one.state == State.SPAM_HELD:
            raise NotAllowed(
                gettext("%(reference)s is held as spam. Free it first.")
                % {"reference": show_reference(one.reference)}
            )
        if one.state == State.WITHDRAWN:
            raise NotAllowed(
                gettext("%(reference)s: this person asked us to stop. It stays as it is.")
                % {"reference": show_reference(one.reference)}
            )
    goes, stays = direction(request, into)
    if (goes.pk, stays.pk) != (request.pk, into.pk):
        reason = (
            gettext("asked first, so its promise is the one to keep")
            if request.state in CallbackRequest.WAITING and into.state in CallbackRequest.WAITING
            else gettext("is the one that still waits for a call")
            if request.state in CallbackRequest.WAITING
            else gettext("came first")
        )
        raise NotAllowed(
            gettext("Merge %(goes)s into %(stays)s: that one %(reason)s.")
            % {
                "goes": show_reference(into.reference),
                "stays": show_reference(request.reference),
                "reason": reason,
            }
        )
    if request.is_demo != into.is_demo:
        raise NotAllowed(gettext("One of the two is a demo request."))


def _what_the_other_takes_over(
    request: CallbackRequest, into: CallbackRequest, now: datetime
) -> dict[str, Any]:
    """Whoever asked again and was not tried yet is due now, not at the older one's next try."""
    changes: dict[str, Any] = {}
    if request.has_crisis_wording and not into.has_crisis_wording:
        changes["has_crisis_wording"] = True
    asked_again = request.state in CallbackRequest.WAITING and request.first_attempt_at is None
    is_agreed = into.first_contact_at is not None
    if asked_again and not is_agreed and into.next_action_at and into.next_action_at > now:
        changes["next_action_at"] = now
    return changes


def _snapshot(request: CallbackRequest) -> dict[str, Any]:
    state = request.state if request.state != State.CLAIMED else unclaimed_state(request)
    moments = {name: getattr(request, name) for name in _MOMENTS}
    return {name: at.isoformat() if at else None for name, at in moments.items()} | {
        "state": str(state),
        "outcome": request.outcome,
        "closed_by_id": request.closed_by_id,
        "has_crisis_wording": request.has_crisis_wording,
    }


def _restored(before: dict[str, Any]) -> dict[str, Any]:
    return {
        "state": before["state"],
        "outcome": before["outcome"],
        "closed_by_id": before["closed_by_id"],
        **{name: _moment(before[name]) for name in _MOMENTS},
    }


def _given(into: CallbackRequest, found: Merge) -> dict[str, Any]:
    """What goes back to how it was before the merge. Crisis wording stays while any part has it."""
    before = found.before["into"]
    still = CallbackRequest.objects.filter(merged_into=into, has_crisis_wording=True).exists()
    changes: dict[str, Any] = {
        "has_crisis_wording": into.has_crisis_wording and (before["has_crisis_wording"] or still)
    }
    if into.version == before["version"] and into.state in CallbackRequest.WAITING:
        changes["next_action_at"] = _moment(before["next_action_at"])
    return changes


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None
