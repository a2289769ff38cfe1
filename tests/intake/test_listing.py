"""The list beside a slow reader of the rules, who looks at the clocks on the walls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake import listing
from intake.clock import Schedule
from intake.models import CallbackRequest, CallPolicy

STEP = timedelta(minutes=30)  # every time below stands on the half hour
WALK = timedelta(days=16)  # a week of closure, then a week in which each weekday comes
GROUPS = ["now", "later", "taken", "decide"]
ZONES = ["America/Denver", "America/New_York", "Pacific/Honolulu", "America/Phoenix"]
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


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    """Any half hour of two years, and often around a change of clocks or of the year."""
    near = draw(st.sampled_from([(2026, 3, 8), (2026, 11, 1), (2026, 12, 31), (2027, 6, 15)]))
    return datetime(*near, tzinfo=UTC) + draw(st.integers(-96, 96)) * STEP


@st.composite
def schedules(draw: st.DrawFn, now: datetime) -> Schedule:
    days = draw(st.sets(st.integers(0, 6)))
    opens, closes = time(draw(st.integers(6, 10))), time(draw(st.integers(14, 20)))
    first: date = now.date() + timedelta(days=draw(st.integers(-2, 3)))
    closure = (first, first + timedelta(days=draw(st.integers(0, 4))))
    return Schedule(
        zone=draw(st.sampled_from(ZONES)),
        hours=tuple((day, opens, closes) for day in sorted(days)),
        closures=(closure,) if draw(st.booleans()) else (),
    )


@st.composite
def requests(draw: st.DrawFn, pk: int, now: datetime) -> CallbackRequest:
    def maybe(low: int, high: int) -> datetime | None:
        return now + draw(st.integers(low, high)) * STEP if draw(st.booleans()) else None

    received = now - draw(st.integers(0, 110)) * STEP
    zones = draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True))
    attempted = maybe(-40, 0)
    return CallbackRequest(
        pk=pk,
        received_at=received,
        attempt_due_at=received + timedelta(hours=24),
        contact_due_at=received + timedelta(hours=48),
        first_attempt_at=attempted,
        first_contact_at=attempted and maybe(-20, 0),
        next_action_at=attempted and maybe(-4, 60),
        attempt_count=draw(st.integers(1, 6)) if attempted else 0,
        lease_until=maybe(-2, 2),
        has_crisis_wording=draw(st.booleans()),
        window=draw(st.sampled_from(["any", *WINDOWS])),
        time_zone=zones[0],
        possible_zones=" ".join(zones),
        phone_index="" if draw(st.integers(0, 5)) == 0 else "x",
        email_index="x",
    )


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
