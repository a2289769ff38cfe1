"""What every change of a request has in common: a lock, a version, one line in the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AbstractUser

from intake import audit
from intake.models import CallbackRequest

State = CallbackRequest.State


class NotYours(Exception):
    """Somebody else holds the request. The message is for the person at the desk."""


class Stale(Exception):
    """The request changed since the page was opened. The message says who changed what."""


class NotAllowed(Exception):
    """The change cannot be made. The message says why and what to do instead."""


# How the audit's actions read in "Iris M. ... at 10:14 am".
_DEEDS: Final = {
    "claimed": "took it",
    "assigned": "gave it to somebody",
    "released": "let it go",
    "attempted": "recorded a call",
    "undone": "took back an outcome",
    "reopened": "reopened it",
    "closed": "closed it",
    "freed": "freed it from the spam folder",
    "consent": "changed a consent",
    "merged": "merged it into another",
    "unmerged": "took it apart from another",
    "took_in": "merged another into it",
    "gave_back": "took another apart from it",
}


def locked(request_id: int) -> CallbackRequest:
    """The request, held until the transaction ends. Raises :exc:`NotAllowed` if it is gone."""
    found = (
        CallbackRequest.objects.select_for_update(of=("self",))
        .select_related("owner")
        .filter(pk=request_id)
        .first()
    )
    if found is None:
        raise NotAllowed("This request is not here any more.")
    return found


def check_version(request: CallbackRequest, expected: int | None) -> None:
    """Raises :exc:`Stale` unless the request is as the page showed it."""
    if expected is None or request.version == expected:
        return
    raise Stale(f"{_last_deed(request)} Look at the change, then send yours again.")


def check_waiting(request: CallbackRequest) -> None:
    """Raises :exc:`NotAllowed` for a request that is closed or held as spam."""
    if request.state not in CallbackRequest.WAITING:
        raise NotAllowed(f"This request is not waiting: {request.get_state_display()}.")


def apply(
    request: CallbackRequest,
    *,
    action: str,
    user: AbstractBaseUser | None,
    detail: dict[str, str | int | bool | list[str] | None] | None = None,
    **changes: Any,
) -> None:
    """Write the changes if nobody was quicker, one version up, then the audit event.

    Raises :exc:`Stale`. On SQLite the transaction already has the only write lock; elsewhere
    the row is locked; the condition on the version holds whatever the caller forgot.
    """
    before = request.state
    updated = CallbackRequest.objects.filter(pk=request.pk, version=request.version).update(
        version=request.version + 1, **changes
    )
    if not updated:
        raise Stale(f"{_last_deed(request)} Look at the change, then send yours again.")
    request.version += 1
    for field, value in changes.items():
        setattr(request, field, value)
    audit.record(
        actor=user,
        action=action,
        reference=request.reference,
        detail={"from": str(before), "to": str(request.state), **(detail or {})},
    )


FREE: Final[dict[str, Any]] = {"owner": None, "claimed_at": None, "lease_until": None}


def unclaimed_state(request: CallbackRequest) -> str:
    """The state of a waiting request that nobody holds."""
    return State.NEW if request.next_action_at is None else State.AWAITING_RETRY


def name_of(user: AbstractBaseUser | None) -> str:
    if not isinstance(user, AbstractUser):
        return "Somebody"
    return user.get_full_name() or user.get_username()


def clock_time(moment: datetime, zone: str = "") -> str:
    """``3:40 pm`` in ``zone``, or else in the clinic's."""
    local = moment.astimezone(ZoneInfo(zone or settings.TIME_ZONE))
    return f"{local.hour % 12 or 12}:{local:%M} {'pm' if local.hour >= 12 else 'am'}"


def _last_deed(request: CallbackRequest) -> str:
    event = audit.last_change(request.reference)
    if event is None:
        return "This request changed since you opened it."
    at = clock_time(event.at)
    if event.action == "corrected":
        return f"The person sent the form again with changes at {at}."
    deed = _DEEDS.get(event.action, "changed it")
    return f"{name_of(event.actor)} {deed} at {at}."
