"""The times that are offered for the next try."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from intake.clock import Callee, Schedule, callable_at
from intake.desk.slots import Slot, best_slots
from tests.desk.conftest import MONDAY

DENVER = "America/Denver"
WEEKDAYS = tuple((day, time(8), time(18)) for day in range(5))


def at(hour: int, minute: int, *, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(DENVER))


def offered(
    *,
    hours: tuple[tuple[int, time, time], ...] = WEEKDAYS,
    closures: tuple[tuple[date, date], ...] = (),
    zone: str = DENVER,
    window: str = "any",
    tried: tuple[datetime, ...] = (),
    due_in: timedelta = timedelta(hours=48),
) -> list[Slot]:
    schedule = Schedule(DENVER, hours, closures)
    callee = Callee(zone, (zone,), window)
    slots = best_slots(
        schedule=schedule,
        callee=callee,
        now=MONDAY,
        wait=timedelta(hours=2),
        tried=tried,
        contact_due_at=MONDAY + due_in,
    )
    for slot in slots:
        assert slot.at >= MONDAY + timedelta(hours=2)
        assert callable_at(schedule, callee, slot.at, ignore_window=True)
    return slots


def test_a_part_of_the_day_that_was_not_tried_is_offered() -> None:
    slots = offered(tried=(MONDAY - timedelta(days=3) + timedelta(hours=3),))  # 1:14 pm

    (fresh,) = [slot for slot in slots if slot.why == "a time of day not tried yet"]
    assert fresh.at == at(15, 0)


def test_the_last_moment_before_the_promise_is_offered() -> None:
    slots = offered(due_in=timedelta(hours=30))

    (last,) = [slot for slot in slots if slot.why == "last before the 48 h promise"]
    assert last.at == at(15, 15, day=24)  # 45 minutes before 4:14 pm, down to a quarter


def test_a_promise_that_is_broken_already_has_no_last_moment() -> None:
    slots = offered(due_in=-timedelta(hours=1))

    assert slots
    assert "last before the 48 h promise" not in {slot.why for slot in slots}


def test_where_every_part_of_the_day_was_tried_none_is_called_new() -> None:
    tried = tuple(MONDAY - timedelta(days=1) + timedelta(hours=h) for h in (0, 3, 6))

    assert "a time of day not tried yet" not in {slot.why for slot in offered(tried=tried)}


def test_a_wish_that_our_hours_never_meet_does_not_stop_us_from_trying() -> None:
    mornings = tuple((day, time(8), time(11)) for day in range(5))

    slots = offered(hours=mornings, window="late_afternoon")

    assert slots
    assert {slot.why for slot in slots} <= {"in our hours", "last before the 48 h promise"}


def test_a_wish_that_can_be_met_is_met() -> None:
    slots = offered(window="late_afternoon")

    assert slots[0].why == "in their hours"


def test_nothing_is_offered_where_we_are_closed_for_long() -> None:
    closed = (MONDAY.date(), MONDAY.date() + timedelta(days=30))

    assert offered(closures=(closed,)) == []


def test_offers_are_an_hour_apart_and_three_at_most() -> None:
    broken = tuple((0, time(h), time(h, 30)) for h in range(12, 18)) + WEEKDAYS[1:]

    moments = [slot.at for slot in offered(hours=broken)]

    assert len(moments) == 3
    assert all(b - a >= timedelta(hours=1) for a, b in pairwise(moments))
