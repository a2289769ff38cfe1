"""What every change of a request has in common: a lock, a version, one line in the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AbstractUser
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

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
    "claimed": _("took it"),
    "assigned": _("gave it to somebody"),
    "released": _("let it go"),
    "attempted": _("recorded a call"),
    "undone": _("took back an outcome"),
    "reopened": _("reopened it"),
    "closed": _("closed it"),
    "freed": _("freed it from the spam folder"),
    "consent": _("changed a consent"),
    "merged": _("merged it into another"),
    "unmerged": _("took it apart from another"),
    "took_in": _("merged another into it"),
    "gave_back": _("took another apart from it"),
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
        raise NotAllowed(gettext("This request is not here any more."))
    return found


def check_version(request: CallbackRequest, expected: int | None) -> None:
    """Raises :exc:`Stale` unless the request is as the page showed it."""
    if expected is None or request.version == expected:
        return
    raise Stale(
        gettext("%(what)s Look at the change, then send yours again.")
        % {"what": _last_deed(request)}
    )


def check_waiting(request: CallbackRequest) -> None:
    """Raises :exc:`NotAllowed` for a request that is closed or held as spam."""
    if request.state not in CallbackRequest.WAITING:
        raise NotAllowed(
            gettext("This request is not waiting: %(state)s.")
            % {"state": request.get_state_display()}
        )


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
        raise Stale(
            gettext("%(what)s Look at the change, then send yours again.")
            % {"what": _last_deed(request)}
        )
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
        return gettext("Somebody")
    return user.get_full_name() or user.get_username()


def clock_time(moment: datetime, zone: str = "") -> str:
    """``3:40 pm`` in ``zone``, or else in the clinic's."""
    local = moment.astimezone(ZoneInfo(zone or settings.TIME_ZONE))
    return (
        f"{local.hour % 12 or 12}:{local:%M} {gettext('pm') if local.hour >= 12 else gettext('am')}"
    )


def _last_deed(request: CallbackRequest) -> str:
    event = audit.last_change(request.reference)
    if event is None:
        return gettext("This request changed since you opened it.")
    at = clock_time(event.at)
    if event.action == "corrected":
        return gettext("The person sent the form again with changes at %(at)s.") % {"at": at}
    deed = _DEEDS.get(event.action, gettext("changed it"))
    return gettext("%(who)s %(deed)s at %(at)s.") % {
        "who": name_of(event.actor),
        "deed": deed,
        "at": at,
    }
