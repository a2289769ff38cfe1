"""Time: promises, lawful hours, opening hours, windows; against a slow and simple oracle."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from intake import clock
from intake.clock import Callee, NoSuchTime, Schedule, TwiceThatDay

DENVER = "America/Denver"
WEEKDAYS = tuple((day, time(8), time(18)) for day in range(5))
CLINIC = Schedule(DENVER, WEEKDAYS)
MINUTE = timedelta(minutes=1)

# Among them: changes at midnight, a half-hour change, none at all, far from the clinic.
ZONES = [
    DENVER,
    "America/New_York",
    "America/Phoenix",
    "America/Havana",
    "America/Adak",
    "Pacific/Honolulu",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Europe/London",
]
# Around each change of clocks in 2026, the turn of the year and a plain week.
DAYS = [
    date(2026, 3, 7),
    date(2026, 4, 4),
    date(2026, 10, 3),
    date(2026, 10, 31),
    date(2026, 12, 30),
    date(2026, 6, 10),
]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def denver(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(DENVER)).astimezone(UTC)  # type: ignore[arg-type, misc]


# -- The promise ------------------------------------------------------------------


def test_the_promise_is_24_and_48_hours() -> None:
    promise = clock.promise(utc(2026, 11, 18, 17))

    assert promise.attempt_due_at == utc(2026, 11, 19, 17)
    assert promise.contact_due_at == utc(2026, 11, 20, 17)


@pytest.mark.parametrize(
    ("received", "shown"),
    [
        ((2026, 10, 31, 15, 0), time(14, 0)),  # autumn: 25 hours lie between 15:00 and 15:00
        ((2026, 3, 7, 15, 0), time(16, 0)),  # spring: 23 hours
    ],
)
def test_the_promise_is_elapsed_time_across_a_change_of_clocks(
    received: tuple[int, ...], shown: time
) -> None:
    at = datetime(*received, tzinfo=ZoneInfo(DENVER))  # type: ignore[arg-type, misc]

    promise = clock.promise(at)

    assert promise.attempt_due_at - at.astimezone(UTC) == timedelta(hours=24)
    assert promise.attempt_due_at.astimezone(ZoneInfo(DENVER)).time() == shown


# -- Lawful hours -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("hour", "minute", "lawful"),
    [(7, 59, False), (8, 0, True), (20, 59, True), (21, 0, False), (0, 0, False)],
)
def test_a_call_is_lawful_from_8_to_21_where_the_person_is(
    hour: int, minute: int, lawful: bool
) -> None:
    at = datetime(2026, 6, 10, hour, minute, tzinfo=ZoneInfo("America/New_York"))

    assert clock.is_lawful(["America/New_York"], at) is lawful


def test_a_call_must_be_lawful_in_every_zone_that_is_possible() -> None:
    eight_in_new_york = datetime(2026, 6, 10, 8, tzinfo=ZoneInfo("America/New_York"))

    assert not clock.is_lawful(["America/New_York", "America/Chicago"], eight_in_new_york)
    assert clock.is_lawful(
        ["America/New_York", "America/Chicago"], eight_in_new_york + timedelta(hours=1)
    )


# -- Open, windows, closures ------------------------------------------------------


def test_the_first_moment_on_a_monday_is_when_the_clinic_opens() -> None:
    callee = Callee(DENVER, (DENVER,))

    assert clock.next_callable(CLINIC, callee, denver(2026, 11, 21, 12)) == denver(2026, 11, 23, 8)


def test_hawaii_waits_for_its_own_morning() -> None:
    callee = Callee("Pacific/Honolulu", ("Pacific/Honolulu",))

    assert clock.next_callable(CLINIC, callee, denver(2026, 11, 18, 9)) == denver(2026, 11, 18, 11)


def test_the_window_is_on_the_persons_clock() -> None:
    callee = Callee("America/New_York", ("America/New_York",), "early_afternoon")

    span = clock.next_span(CLINIC, callee, denver(2026, 11, 18, 8))

    assert span == (denver(2026, 11, 18, 10), denver(2026, 11, 18, 13))


def test_an_overdue_person_may_be_called_outside_the_window() -> None:
    callee = Callee(DENVER, (DENVER,), "morning")
    at = denver(2026, 11, 18, 14)

    assert not clock.callable_at(CLINIC, callee, at)
    assert clock.callable_at(CLINIC, callee, at, ignore_window=True)


def test_a_closure_shuts_its_first_and_last_day() -> None:
    closed = Schedule(DENVER, WEEKDAYS, ((date(2026, 11, 18), date(2026, 11, 19)),))
    callee = Callee(DENVER, (DENVER,))

    found = clock.next_callable(closed, callee, denver(2026, 11, 18, 12))

    assert found == denver(2026, 11, 20, 8)


def test_a_closure_over_the_new_year_is_bridged() -> None:
    closed = Schedule(DENVER, WEEKDAYS, ((date(2026, 12, 24), date(2027, 1, 3)),))
    callee = Callee(DENVER, (DENVER,))

    found = clock.next_callable(closed, callee, denver(2026, 12, 24, 9))

    assert found == denver(2027, 1, 4, 8)


def test_a_closure_beyond_the_horizon_gives_none_and_not_an_endless_search() -> None:
    closed = Schedule(DENVER, WEEKDAYS, ((date(2026, 1, 1), date(2036, 1, 1)),))

    assert clock.next_callable(closed, Callee(DENVER, (DENVER,)), denver(2026, 6, 1, 9)) is None


def test_without_hours_the_clinic_is_always_open_but_the_law_still_holds() -> None:
    callee = Callee(DENVER, (DENVER,))

    found = clock.next_callable(Schedule(DENVER), callee, denver(2026, 11, 21, 22))

    assert found == denver(2026, 11, 22, 8)


def test_a_mail_can_be_written_whenever_we_are_open() -> None:
    callee = Callee("Pacific/Honolulu", ("Pacific/Honolulu",), "late_afternoon", by_email=True)

    assert clock.callable_at(CLINIC, callee, denver(2026, 11, 18, 8))
    assert not clock.callable_at(CLINIC, callee, denver(2026, 11, 18, 7, 59))


def test_zones_that_are_never_lawful_together_give_none() -> None:
    callee = Callee("Asia/Tokyo", ("Asia/Tokyo", "Europe/London", "America/Los_Angeles"))

    assert clock.next_callable(Schedule(DENVER), callee, denver(2026, 6, 1, 9)) is None


# -- Local times ------------------------------------------------------------------


def test_an_ordinary_local_time_is_one_moment() -> None:
    assert clock.instant(datetime(2026, 6, 10, 9), "America/New_York") == utc(2026, 6, 10, 13)


def test_a_time_that_clocks_skip_is_refused() -> None:
    with pytest.raises(NoSuchTime, match="skip 02:30"):
        clock.instant(datetime(2026, 3, 8, 2, 30), DENVER)


def test_a_time_that_clocks_show_twice_is_refused() -> None:
    with pytest.raises(TwiceThatDay, match="01:30 twice"):
        clock.instant(datetime(2026, 11, 1, 1, 30), DENVER)


# -- The oracle -------------------------------------------------------------------

times = st.integers(0, 24 * 4 - 1).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    hours = []
    for _ in range(draw(st.integers(0, 4))):
        opens, closes = sorted((draw(times), draw(times)))
        if opens < closes:
            hours.append((draw(st.integers(0, 6)), opens, closes))
    start = draw(st.sampled_from(DAYS))
    closures = draw(
        st.lists(
            st.tuples(st.integers(-1, 4), st.integers(0, 2)).map(
                lambda c: (start + timedelta(days=c[0]), start + timedelta(days=c[0] + c[1]))
            ),
            max_size=2,
        )
    )
    return Schedule(draw(st.sampled_from(ZONES)), tuple(hours), tuple(closures))


callees = st.builds(
    Callee,
    zone=st.sampled_from(ZONES),
    possible=st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True).map(tuple),
    window=st.sampled_from(["any", "morning", "early_afternoon", "late_afternoon"]),
    by_email=st.booleans(),
)
moments = st.builds(
    lambda day, minute: datetime.combine(day, time.min, UTC) + timedelta(minutes=minute),
    st.sampled_from(DAYS),
    st.integers(0, 3 * 24 * 60),
)

BOXES = {
    "morning": (0, 12),
    "early_afternoon": (12, 15),
    "late_afternoon": (15, 24),
    "any": (0, 24),
}


BY_EMAIL = Callee(DENVER, (DENVER,), by_email=True)


def around_a_change(zone: str, opens: int, closes: int) -> Schedule:
    """Open on Sundays in just the hours in which clocks change."""
    return Schedule(zone, ((6, time(opens), time(closes)),))


def oracle(schedule: Schedule, callee: Callee, at: datetime) -> bool:
    """What clocks on the walls show at this moment, and nothing else."""
    here = at.astimezone(ZoneInfo(schedule.zone))
    if any(first <= here.date() <= last for first, last in schedule.closures):
        return False
    if schedule.hours and not any(
        here.weekday() == day and opens <= here.time() < closes
        for day, opens, closes in schedule.hours
    ):
        return False
    if callee.by_email:
        return True
    if not all(8 <= at.astimezone(ZoneInfo(zone)).hour < 21 for zone in callee.possible):
        return False
    low, high = BOXES[callee.window]
    return low <= at.astimezone(ZoneInfo(callee.zone)).hour < high


@settings(max_examples=300, deadline=None)
@given(schedules(), callees, moments)
def test_callable_now_agrees_with_the_clocks_on_the_walls(
    schedule: Schedule, callee: Callee, at: datetime
) -> None:
    assert clock.callable_at(schedule, callee, at) is oracle(schedule, callee, at)


@settings(max_examples=60, deadline=None)
@given(schedules(), callees, moments)
@example(
    Schedule(DENVER, ((6, time(0), time(3)),)),
    Callee(DENVER, (DENVER,), by_email=True),
    denver(2026, 10, 31, 12),
)
def test_the_next_moment_is_the_first_that_a_minute_by_minute_search_finds(
    schedule: Schedule, callee: Callee, at: datetime
) -> None:
    found = clock.next_callable(schedule, callee, at)

    expected = None
    for minute in range(3 * 24 * 60):
        if oracle(schedule, callee, at + minute * MINUTE):
            expected = at + minute * MINUTE
            break
    if expected is None:
        assert found is None or found >= at + timedelta(days=3)
    else:
        assert found == expected


@settings(max_examples=40, deadline=None)
@given(schedules(), callees, moments)
@example(around_a_change(DENVER, 1, 2), BY_EMAIL, utc(2026, 10, 31, 18))
@example(around_a_change(DENVER, 1, 4), BY_EMAIL, utc(2026, 3, 7, 18))
@example(around_a_change("America/Havana", 0, 2), BY_EMAIL, utc(2026, 10, 31, 18))
@example(around_a_change("America/Havana", 0, 2), BY_EMAIL, utc(2026, 3, 7, 18))
@example(around_a_change("Australia/Lord_Howe", 1, 3), BY_EMAIL, utc(2026, 4, 4, 0))
@example(around_a_change("Australia/Lord_Howe", 1, 3), BY_EMAIL, utc(2026, 10, 3, 0))
def test_the_spans_hold_exactly_the_callable_minutes(
    schedule: Schedule, callee: Callee, start: datetime
) -> None:
    end = start + timedelta(hours=30)

    spans = clock.callable_spans(schedule, callee, start, end)

    assert spans == sorted(spans)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(spans))
    for minute in range(30 * 60):
        at = start + minute * MINUTE
        assert any(begin <= at < finish for begin, finish in spans) is oracle(schedule, callee, at)


@settings(max_examples=100, deadline=None)
@given(moments)
def test_a_promise_is_the_same_length_from_every_moment(at: datetime) -> None:
    promise = clock.promise(at.astimezone(ZoneInfo("Australia/Lord_Howe")))

    assert promise.attempt_due_at - at == timedelta(hours=24)
    assert promise.contact_due_at - at == timedelta(hours=48)


@settings(max_examples=200, deadline=None)
@given(moments, st.sampled_from(ZONES))
def test_a_local_time_leads_back_to_its_moment_or_is_refused(at: datetime, zone: str) -> None:
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)

    try:
        found = clock.instant(local, zone)
    except TwiceThatDay:
        assert (at + timedelta(hours=1)).astimezone(ZoneInfo(zone)).utcoffset() != (
            at - timedelta(hours=1)
        ).astimezone(ZoneInfo(zone)).utcoffset()
    else:
        assert found == at


@settings(max_examples=150, deadline=None)
@given(
    schedules(),
    callees,
    moments,
    st.lists(st.integers(0, 70 * 24 * 60), min_size=1, max_size=5),
    st.booleans(),
)
@example(Schedule(DENVER), BY_EMAIL, utc(2026, 6, 10), [0, 5, 9 * 24 * 60], False)
def test_a_calendar_gives_what_is_found_without_one(
    schedule: Schedule, callee: Callee, now: datetime, minutes: list[int], ignore: bool
) -> None:
    calendar = clock.Calendar(schedule, callee, now, ignore_window=ignore)

    for at in (now + minute * MINUTE for minute in minutes):
        assert calendar.next_span(at) == clock.next_span(schedule, callee, at, ignore_window=ignore)
