"""A year of public holidays as closures to start from; supervisors edit what they like."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext

from intake.models import AuditEvent, Closure
from intake.rescheduling import carry_out

COUNTRY: Final = "US"  # federal holidays (5 U.S.C. 6103), with the days they are observed on
YEARS: Final = range(2000, 2101)


class AlreadySeeded(Exception):
    """The holidays of this year were added before; what is missing was removed on purpose."""


@transaction.atomic
def seed(*, year: int, user: AbstractBaseUser | None = None, again: bool = False) -> int:
    """Add the public holidays of ``year``, and return how many days that closed.

    A day on which something is closed already stays as it is. Raises :exc:`AlreadySeeded`,
    unless ``again`` says that removed days may come back, and :exc:`ValueError` for a year
    outside :data:`YEARS`.
    """
    if year not in YEARS:
        raise ValueError(
            gettext("Choose a year from %(first)s to %(last)s.")
            % {"first": YEARS[0], "last": YEARS[-1]}
        )
    was_done = AuditEvent.objects.filter(action="changed_hours", detail__holidays=year).exists()
    if was_done and not again:
        raise AlreadySeeded(gettext("The holidays of %(year)s were added before.") % {"year": year})
    new = [Closure(starts_on=day, ends_on=day, reason=name) for day, name in _missing(year)]
    carry_out(
        lambda: Closure.objects.bulk_create(new),
        user=user,
        what={"what": "closure", "holidays": year, "days": len(new)},
    )
    return len(new)


def public_holidays(year: int) -> list[tuple[date, str]]:
    """Each day with its name, in order."""
    import holidays  # 6 MB that only this yearly act needs

    found = holidays.country_holidays(COUNTRY, years=year)
    return [(day, found[day][:80]) for day in sorted(found)]


def _missing(year: int) -> list[tuple[date, str]]:
    closed = list(Closure.objects.values_list("starts_on", "ends_on"))
    return [
        (day, name)
        for day, name in public_holidays(year)
        if not any(first <= day <= last for first, last in closed)
    ]
