"""The order in which to call: one pure sort key.

1. Requests that may be called now (lawful where the person is, we are open, no retry to wait
   for), those past their deadline first, whatever hours they asked for: a broken promise weighs
   more than a preference. The longest overdue leads, and nothing that comes later passes it.
2. The others that may be called now and are inside their hours: crisis wording first, then the
   nearest deadline.
3. Those that may be called later: the soonest first, then as above.
4. Those somebody has taken, and 5. those that wait for a person's decision and not for a call:
   overdue, crisis wording, nearest deadline.

Ties end with the time of arrival and the row's number, so the order is total.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_ALREADY: Final = datetime.min.replace(tzinfo=UTC)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)

Key = tuple[int, datetime, int, datetime, datetime, int]


class Group(enum.StrEnum):
    """Where a request stands in the list, in the order of the list."""

    NOW = "now"
    LATER = "later"
    TAKEN = "taken"
    DECIDE = "decide"


_RANK: Final = {group: rank for rank, group in enumerate(Group)}


@dataclass(frozen=True, slots=True)
class Place:
    """All that the order looks at."""

    group: Group
    is_overdue: bool
    has_crisis_wording: bool
    due_at: datetime
    callable_at: datetime | None  # the next moment; empty when none is in sight
    received_at: datetime
    pk: int


def sort_key(place: Place) -> Key:
    """Smaller is called sooner.

    Overdue comes before crisis wording, and overdue requests stand by deadline alone: a stream
    of new arrivals can pass nobody who is already late.
    """
    opens = (place.callable_at or _NEVER) if place.group is Group.LATER else _ALREADY
    urgency = 0 if place.is_overdue else 1 if place.has_crisis_wording else 2
    return (_RANK[place.group], opens, urgency, place.due_at, place.received_at, place.pk)
