"""Lists of any kind, for tests that compare two ways of ordering them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from intake.clock import Schedule
from intake.models import CallbackRequest

STEP = timedelta(minutes=30)  # every time below stands on the half hour
ZONES = ["America/Denver", "America/New_York", "Pacific/Honolulu", "America/Phoenix"]


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
        window=draw(st.sampled_from(CallbackRequest.Window.values)),
        time_zone=zones[0],
        possible_zones=" ".join(zones),
        phone_index="" if draw(st.integers(0, 5)) == 0 else "x",
        email_index="x",
    )
