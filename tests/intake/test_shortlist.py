"""The first lines as the database finds them, beside the whole list laid out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake import listing, shortlist
from intake.clock import Schedule
from intake.listing import Listed, Overview
from intake.models import CallbackRequest, CallPolicy
from intake.order import Group
from tests.intake.lists import moments, requests, schedules

pytestmark = pytest.mark.django_db

State = CallbackRequest.State
NOW = datetime(2026, 11, 18, 17, tzinfo=UTC)  # a Wednesday, 10:00 in Denver


def keep(some: Sequence[CallbackRequest], owner: User) -> None:
    """Save them, each in the state that its times ask for."""
    for one in some:
        one.submission_key = UUID(int=one.pk)
        one.reference = f"Q{one.pk:09}"
        one.state = State.NEW if one.next_action_at is None else State.AWAITING_RETRY
        if one.lease_until:
            one.state, one.owner, one.claimed_at = State.CLAIMED, owner, one.received_at
    CallbackRequest.objects.all().delete()
    CallbackRequest.objects.bulk_create(some)


def told(found: Overview) -> tuple[object, ...]:
    lines = {
        group: [(i.request.pk, i.group, i.callable_at, i.is_overdue) for i in found.first[group]]
        for group in Group
    }
    return (lines, dict(found.counts), found.late, found.at_risk, found.oldest_received_at)


@given(st.data())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_the_database_finds_the_first_of_the_whole_list(
    django_user_model: type[User], data: st.DataObject
) -> None:
    now = data.draw(moments())
    hours, policy = data.draw(schedules(now)), CallPolicy()
    owner, _ = django_user_model.objects.get_or_create(username="dana")
    some = [data.draw(requests(pk, now)) for pk in range(1, data.draw(st.integers(1, 16)))]
    for one in some:
        one.is_phone_wrong = data.draw(st.integers(0, 7)) == 0
        one.email_index = data.draw(st.sampled_from(["x", ""]))
    keep(some, owner)
    limit = data.draw(st.integers(1, 5))

    with (
        patch.object(listing, "load_schedule", return_value=hours),
        patch.object(listing, "load_policy", return_value=policy),
    ):
        whole = listing.waiting(now=now)
        found = shortlist.overview(limit=limit, now=now)
        following = shortlist.first_callable(limit=limit, now=now)

    assert told(found) == told(listing.summarise(whole, limit=limit))
    expected = [line.request.pk for line in whole if line.group is Group.NOW]
    assert [line.request.pk for line in following] == expected[:limit]


@given(st.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_the_database_fills_in_is_what_the_rules_say(
    django_user_model: type[User], data: st.DataObject
) -> None:
    """To the microsecond, at any time."""
    owner, _ = django_user_model.objects.get_or_create(username="dana")
    one = data.draw(requests(1, data.draw(moments())))
    parts = st.integers(0, 999_999) | st.integers(999_500, 999_999)  # which SQLite would round
    micros = parts.map(lambda n: timedelta(microseconds=n))
    for name in ("received_at", "attempt_due_at", "contact_due_at", "next_action_at"):
        if at := getattr(one, name):
            setattr(one, name, at + data.draw(micros))
    keep([one], owner)
    kept = CallbackRequest.objects.get()

    promise, due_at = listing.due(kept)
    assert kept.due_micros == (due_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )
    assert (kept.risk_micros is None) == (promise == "agreed")
    assert listing.read_callee(kept.callee) == listing.callee_of(kept)
    for tries in range(1, 7):
        policy = CallPolicy(max_attempts=tries)
        assert (kept.tries_in_vain >= tries) == bool(listing.needs_decision(kept, policy))
    if kept.risk_micros is not None:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=kept.risk_micros)
        assert listing.list_one(kept, now=at).is_at_risk
        assert not listing.list_one(kept, now=at - timedelta(microseconds=1)).is_at_risk


def many(count: int) -> None:
    """Requests that wait for a next try, in the hours of night, when nobody may be called."""
    keep(
        [
            CallbackRequest(
                pk=n,
                received_at=NOW - timedelta(hours=5, minutes=n),
                attempt_due_at=NOW + timedelta(hours=19),
                contact_due_at=NOW + timedelta(hours=43, minutes=-n % 7),
                first_attempt_at=NOW - timedelta(hours=4),
                attempt_count=1,
                next_action_at=NOW + timedelta(hours=12, seconds=count - n),
                time_zone="America/Denver",
                possible_zones="America/Denver",
                phone_index="x",
            )
            for n in range(1, count + 1)
        ],
        User.objects.get_or_create(username="dana")[0],
    )


def lines(found: Sequence[Listed]) -> list[int]:
    return [line.request.pk for line in found]


def test_rows_that_only_seem_to_come_first_are_passed() -> None:
    """All 300 become callable at 8:00, so that not the next try orders them but the promise."""
    many(300)

    with patch.object(listing, "load_schedule", return_value=Schedule("America/Denver")):
        whole = listing.waiting(now=NOW)
        found = shortlist.overview(limit=5, now=NOW)

    assert len({line.callable_at for line in whole}) == 1
    assert lines(found.first[Group.LATER]) == lines(whole[:5])


def test_the_next_call_asks_the_same_of_one_and_of_a_hundred() -> None:
    many(1)
    with CaptureQueriesContext(connection) as one:
        shortlist.first_callable(limit=3, now=NOW + timedelta(hours=24))
    many(100)

    with CaptureQueriesContext(connection) as hundred:
        found = shortlist.first_callable(limit=3, now=NOW + timedelta(hours=24))

    assert len(found) == 3
    assert len(hundred) == len(one) <= 5
