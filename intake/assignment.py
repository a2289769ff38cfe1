"""A supervisor gives a request to somebody, whoever holds it now."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from intake.models import CallbackRequest
from intake.moves import State, apply, check_version, check_waiting, locked
from intake.schedule import load_policy


@transaction.atomic
def assign(
    *,
    request_id: int,
    to: AbstractBaseUser,
    by: AbstractBaseUser,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> CallbackRequest:
    """Make ``to`` the holder for the policy's lease. Raises :exc:`NotAllowed`, :exc:`Stale`."""
    moment = now or timezone.now()
    request = locked(request_id)
    check_version(request, expected_version)
    check_waiting(request)
    apply(
        request,
        action="assigned",
        user=by,
        detail={"to_user": to.get_username()},
        state=State.CLAIMED,
        owner=to,
        claimed_at=moment,
        lease_until=moment + timedelta(minutes=load_policy().lease_minutes),
    )
    return request
