"""The order in which to call: total, fair, and never with a late request below one in time."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from intake.order import Group, Place, sort_key

BASE = datetime(2026, 11, 18, 17, tzinfo=UTC)


def make_place(**changes: object) -> Place:
    fields: dict[str, object] = {
        "group": Group.NOW,
        "is_overdue": False,
        "has_crisis_wording": False,
        "due_at": BASE + timedelta(hours=24),
        "callable_at": BASE,
        "received_at": BASE,
        "pk": 1,
    }
    return Place(**(fields | changes))  # type: ignore[arg-type]


moments = st.integers(-100, 100).map(lambda hours: BASE + timedelta(hours=hours))
places = st.builds(
    Place,
    group=st.sampled_from(Group),
    is_overdue=st.booleans(),
    has_crisis_wording=st.booleans(),
    due_at=moments,
    callable_at=st.one_of(st.none(), moments),
    received_at=moments,
    pk=st.integers(1, 10**6),
)
lists = st.lists(places, max_size=30, unique_by=lambda place: place.pk)


@given(lists, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_the_list_came(
    found: list[Place], chance: random.Random
) -> None:
    shuffled = found.copy()
    chance.shuffle(shuffled)

    assert sorted(found, key=sort_key) == sorted(shuffled, key=sort_key)


@given(lists)
def test_no_two_requests_share_a_place(found: list[Place]) -> None:
    assert len({sort_key(place) for place in found}) == len(found)


@given(lists)
def test_of_those_to_call_now_no_late_one_is_below_one_in_time(found: list[Place]) -> None:
    now = [p for p in sorted(found, key=sort_key) if p.group is Group.NOW]

    lateness = [place.is_overdue for place in now]
    assert lateness == sorted(lateness, reverse=True)


@given(lists)
def test_whoever_can_be_called_now_comes_before_everybody_else(found: list[Place]) -> None:
    groups = [place.group for place in sorted(found, key=sort_key)]

    assert groups == sorted(groups, key=list(Group).index)


@given(lists, places)
def test_nobody_who_comes_later_passes_somebody_who_is_late(
    found: list[Place], newcomer: Place
) -> None:
    late = [p for p in found if p.group is Group.NOW and p.is_overdue]

    for place in late:
        if newcomer.due_at > place.due_at:
            assert sort_key(place) < sort_key(newcomer)


@given(lists)
def test_in_time_danger_comes_first_and_then_the_nearest_deadline(found: list[Place]) -> None:
    now = [p for p in sorted(found, key=sort_key) if p.group is Group.NOW and not p.is_overdue]

    assert [(not p.has_crisis_wording, p.due_at) for p in now] == sorted(
        (not p.has_crisis_wording, p.due_at) for p in now
    )


def test_later_ones_stand_by_when_they_can_be_called() -> None:
    soon = make_place(group=Group.LATER, callable_at=BASE + timedelta(hours=1), pk=1)
    later = make_place(
        group=Group.LATER, callable_at=BASE + timedelta(hours=2), is_overdue=True, pk=2
    )
    never = make_place(group=Group.LATER, callable_at=None, pk=3)

    assert sorted([never, later, soon], key=sort_key) == [soon, later, never]


def test_ties_end_with_arrival_and_number() -> None:
    early = make_place(received_at=BASE - timedelta(hours=1), pk=9)
    one, two = make_place(pk=1), make_place(pk=2)

    assert sorted([two, one, early], key=sort_key) == [early, one, two]
