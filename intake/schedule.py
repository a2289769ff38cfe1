"""The clinic's hours and policy, read from the rows that supervisors edit."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.db import transaction

from intake.clock import Schedule
from intake.models import CallPolicy, Closure, OpeningHours


def load_schedule() -> Schedule:
    """Hours and closures as :mod:`intake.clock` takes them. Two queries."""
    return Schedule(
        zone=settings.TIME_ZONE,
        hours=tuple(OpeningHours.objects.values_list("weekday", "opens_at", "closes_at")),
        closures=tuple(Closure.objects.values_list("starts_on", "ends_on")),
    )


def load_policy() -> CallPolicy:
    """The one policy row, or the defaults while there is none. One query."""
    return CallPolicy.objects.order_by("pk").first() or CallPolicy()


@transaction.atomic
def set_up() -> bool:
    """A policy and Monday to Friday, 8:00 to 18:00, to start from; ``False`` if done before.

    The policy row is the mark: hours that a supervisor deleted do not come back.
    """
    if CallPolicy.objects.exists():
        return False
    CallPolicy.objects.create(pk=1)
    if not OpeningHours.objects.exists():
        OpeningHours.objects.bulk_create(
            OpeningHours(weekday=day, opens_at=time(8), closes_at=time(18)) for day in range(5)
        )
    return True
