"""The list beside a slow reader of the rules, who looks at the clocks on the walls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake import listing
from intake.clock import Schedule
from intake.models import CallbackRequest, CallPolicy
from tests.intake.lists import STEP, moments, requests, schedules

WALK = timedelta(days=16)  # a week of closure, then a week in which each weekday comes
GROUPS = ["now", "later", "taken", "decide"]
WINDOWS = {"morning": (0, 12), "early_afternoon": (12, 15), "late_afternoon": (15, 24)}


@dataclass(frozen=True)
class Facts:
    """What the rules say about one request."""

    pk: int
    group: str
    callable_at: datetime | None
    is_overdue: bool
    is_crisis: bool
    due_at: datetime
    received_at: datetime


def may_call(request: CallbackRequest, at: datetime, hours: Schedule, *, in_window: bool) -> bool:
    ours = at.astimezone(ZoneInfo(hours.zone))
    if any(first <= ours.date() <= last for first, last in hours.closures):
        return False
    if hours.hours and not any(
        ours.weekday() == weekday and opens <= ours.time() < closes
        for weekday, opens, closes in hours.hours
    ):
        return False
    if not request.phone_index:
        return True
    if not all(
        8 <= at.astimezone(ZoneInfo(zone)).hour < 21 for zone in request.possible_zones.split()
    ):
        return False
    begins, ends = WINDOWS.get(request.window, (0, 24))
    theirs = at.astimezone(ZoneInfo(request.time_zone)).hour
    return not in_window or begins <= theirs < ends


def read(request: CallbackRequest, now: datetime, hours: Schedule, policy: CallPolicy) -> Facts:
    due_at, is_agreed = request.contact_due_at, False
    if request.first_attempt_at is None:
        due_at = request.attempt_due_at
    elif request.first_contact_at and request.next_action_at:
        due_at, is_agreed = request.next_action_at + timedelta(minutes=30), True
    is_overdue = due_at <= now
    start = max(now, request.next_action_at or now)
    moments = (start + n * STEP for n in range(WALK // STEP))
    in_window = not (is_overdue or is_agreed)
    found = next((t for t in moments if may_call(request, t, hours, in_window=in_window)), None)
    if request.lease_until and request.lease_until > now:
        group = "taken"
    elif not request.first_contact_at and request.attempt_count >= policy.max_attempts:
        group = "decide"
    else:
        group = "now" if found == now else "later"
    return Facts(
        request.pk,
        group,
        found,
        is_overdue,
        request.has_crisis_wording,
        due_at,
        request.received_at,
    )


def comes_before(one: Facts, other: Facts) -> bool:
    if one.group != other.group:
        return GROUPS.index(one.group) < GROUPS.index(other.group)
    if one.group == "later" and one.callable_at != other.callable_at:
        return other.callable_at is None or bool(
            one.callable_at and one.callable_at < other.callable_at
        )
    if one.is_overdue != other.is_overdue:
        return one.is_overdue
    if not one.is_overdue and one.is_crisis != other.is_crisis:
        return one.is_crisis
    if one.due_at != other.due_at:
        return one.due_at < other.due_at
    if one.received_at != other.received_at:
        return one.received_at < other.received_at
    return one.pk < other.pk


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_list_is_what_a_slow_reader_of_the_rules_makes_of_it(data: st.DataObject) -> None:
    now = data.draw(moments())
    hours, policy = data.draw(schedules(now)), CallPolicy()
    some = [data.draw(requests(pk, now)) for pk in range(1, data.draw(st.integers(2, 7)))]

    with (
        patch.object(listing, "load_schedule", return_value=hours),
        patch.object(listing, "load_policy", return_value=policy),
    ):
        listed = listing.arrange(some, now=now)

    left = [read(one, now, hours, policy) for one in some]
    expected = []
    while left:  # whoever nobody comes before
        (first,) = [a for a in left if not any(comes_before(b, a) for b in left)]
        expected.append(first)
        left.remove(first)
    assert [(i.request.pk, i.group, i.callable_at, i.is_overdue) for i in listed] == [
        (f.pk, f.group, f.callable_at, f.is_overdue) for f in expected
    ]
