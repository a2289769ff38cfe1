"""What the calling order reads of a request, as columns that the database fills in.

The rules themselves are in :mod:`intake.listing`; a column here says the same as the function
named beside it, so that the database can find the first of ten thousand without handing them
all over. Times are microseconds since 1970: both databases compare and add those exactly.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import BigIntegerField, Case, F, Q, SmallIntegerField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat

from intake.durations import EpochMicros

# A time the person chose is kept if the call comes this soon after it.
AGREED_GRACE: Final = timedelta(minutes=30)
AT_RISK_FROM: Final = 0.75  # share of the promise that is used up
NOBODY_LEFT: Final = 32_767  # more tries than any policy allows

_IS_FIRST: Final = Q(first_attempt_at=None)
_IS_AGREED: Final = Q(
    first_attempt_at__isnull=False, first_contact_at__isnull=False, next_action_at__isnull=False
)


def _by_promise(attempt: Combinable, contact: Combinable, agreed: Combinable | None) -> Case:
    return Case(
        When(_IS_FIRST, then=attempt),
        When(_IS_AGREED, then=agreed),
        default=contact,
        output_field=BigIntegerField(),
    )


def due_micros() -> Case:
    """``listing.due``: when what is owed next is due."""
    grace = AGREED_GRACE // timedelta(microseconds=1)
    return _by_promise(
        EpochMicros("attempt_due_at"),
        EpochMicros("contact_due_at"),
        EpochMicros("next_action_at") + grace,
    )


def risk_micros() -> Case:
    """``Listed.is_at_risk``: from when on; nothing for a time that was agreed on."""
    return _by_promise(_three_quarters("attempt_due_at"), _three_quarters("contact_due_at"), None)


def _three_quarters(due: str) -> Combinable:
    """Of the way from the arrival to ``due``, rounded up to a whole microsecond."""
    return (EpochMicros("received_at") + EpochMicros(due) * 3 + 3) / 4


def tries_in_vain() -> Case:
    """``listing.needs_decision``: when these are as many as the policy's tries, a person decides.

    Very many when there is no way left to reach somebody, -1 once they were reached.
    """
    return Case(
        When(is_phone_wrong=True, email_index="", then=Value(NOBODY_LEFT)),
        When(first_contact_at=None, then=F("attempt_count")),
        default=Value(-1),
        output_field=SmallIntegerField(),
    )


def callee() -> Concat:
    """``listing.callee_of`` as text, which ``listing.read_callee`` takes apart."""
    by_email = Q(phone_index="") | Q(is_phone_wrong=True)
    return Concat(
        "time_zone",
        Value("|"),
        "possible_zones",
        Value("|"),
        "window",
        Value("|"),
        Case(When(by_email, then=Value("email")), default=Value("phone")),
    )
