"""A change of hours moves next tries and no promise, and says so before."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from intake import audit
from intake.clock import callable_at, next_callable
from intake.closures import AlreadySeeded, public_holidays, seed
from intake.listing import callee_of
from intake.models import AuditEvent, CallbackRequest, CallPolicy, Closure, OpeningHours
from intake.queue import claim, record_attempt
from intake.rescheduling import carry_out, preview
from intake.schedule import load_schedule, set_up
from tests.intake.making import NOON, hours, make_request, make_user, reload

pytestmark = pytest.mark.django_db

# Wednesday 18 November 2026, 10:00 in Denver.
THURSDAY = date(2026, 11, 19)


@pytest.fixture
def dana() -> User:
    set_up()
    return make_user()


def tried(dana: User, *, next_at: datetime | None = None, outcome: str = "no_answer", **how):
    request = make_request(received_at=NOON - hours(1), **how)
    record_attempt(request_id=request.pk, user=dana, outcome=outcome, next_at=next_at, now=NOON)
    return reload(request)


def close_thursday() -> object:
    return Closure.objects.create(starts_on=THURSDAY, ends_on=THURSDAY, reason="Snow")


def test_a_preview_changes_nothing(dana: User) -> None:
    tried(dana, next_at=NOON + hours(24))
    before = list(CallbackRequest.objects.values())

    found = preview(close_thursday, now=NOON)

    assert len(found.moves) == 1
    assert list(CallbackRequest.objects.values()) == before
    assert not Closure.objects.exists()
    assert not AuditEvent.objects.filter(action="changed_hours").exists()


def test_the_change_does_what_the_preview_said(dana: User) -> None:
    request = tried(dana, next_at=NOON + hours(24))
    said = preview(close_thursday, now=NOON)

    done = carry_out(close_thursday, user=dana, what={"what": "closure"}, now=NOON)

    assert [(m.request.pk, m.before, m.after) for m in done.moves] == [
        (m.request.pk, m.before, m.after) for m in said.moves
    ]
    friday_at_eight = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    assert reload(request).next_action_at == friday_at_eight


def test_no_promise_and_no_version_changes(dana: User) -> None:
    request = tried(dana, next_at=NOON + hours(24))

    carry_out(close_thursday, user=dana, what={}, now=NOON)

    after = reload(request)
    for field in ("received_at", "attempt_due_at", "contact_due_at", "version", "state"):
        assert getattr(after, field) == getattr(request, field)


def test_the_change_is_one_event_with_the_requests_it_moved(dana: User) -> None:
    request = tried(dana, next_at=NOON + hours(24))

    carry_out(close_thursday, user=dana, what={"what": "closure"}, now=NOON)

    event = AuditEvent.objects.get(action="changed_hours")
    assert event.actor == dana
    assert event.detail == {"what": "closure", "moved": 1, "requests": [request.reference]}
    assert audit.verify() is None


def test_a_time_that_the_policy_gave_follows_a_new_policy(dana: User) -> None:
    request = tried(dana)
    assert request.next_action_at == NOON + hours(2)

    def sooner() -> None:
        CallPolicy.objects.update(retry_minutes=[60])

    carry_out(sooner, user=dana, what={}, now=NOON)

    assert reload(request).next_action_at == NOON + hours(1)


def test_a_time_that_somebody_chose_stays_as_long_as_it_can_be_kept(dana: User) -> None:
    chosen = NOON + hours(3)
    request = tried(dana, next_at=chosen)

    found = carry_out(
        lambda: CallPolicy.objects.update(retry_minutes=[60]), user=dana, what={}, now=NOON
    )

    assert found.moves == ()
    assert reload(request).next_action_at == chosen


def test_an_agreed_time_that_moves_is_marked_so_that_the_person_can_be_told(dana: User) -> None:
    tried(dana, outcome="call_later", next_at=NOON + hours(24))

    (move,) = preview(close_thursday, now=NOON).moves

    assert move.is_agreed


def test_a_next_try_never_moves_into_the_past(dana: User) -> None:
    request = tried(dana)
    later = NOON + hours(1.5)

    carry_out(lambda: CallPolicy.objects.update(retry_minutes=[5]), user=dana, what={}, now=later)

    assert reload(request).next_action_at == later


def test_a_closure_names_the_promises_it_would_break(dana: User) -> None:
    request = make_request(received_at=NOON + hours(7.5))  # after 5 pm on Wednesday
    now = NOON + hours(8.5)  # closed already

    found = preview(close_thursday, now=now)

    assert [one.pk for one in found.missed] == [request.pk]
    assert (found.later, found.sooner, found.moves) == (1, 0, ())


def test_longer_hours_call_sooner(dana: User) -> None:
    make_request(received_at=NOON)
    evening = NOON + hours(9)

    def open_late() -> None:
        OpeningHours.objects.create(weekday=2, opens_at=time(18), closes_at=time(20))

    found = preview(open_late, now=evening)

    assert (found.sooner, found.later) == (1, 0)


def test_fewer_tries_put_requests_before_a_person(dana: User) -> None:
    tried(dana)

    found = preview(lambda: CallPolicy.objects.update(max_attempts=1), now=NOON)
    assert (found.to_decide, found.to_call) == (1, 0)

    CallPolicy.objects.update(max_attempts=1)
    found = preview(lambda: CallPolicy.objects.update(max_attempts=4), now=NOON)
    assert (found.to_decide, found.to_call) == (0, 1)


def test_a_change_that_touches_nothing_is_empty(dana: User) -> None:
    tried(dana)

    assert preview(lambda: CallPolicy.objects.update(lease_minutes=20), now=NOON).is_empty
    assert not preview(close_thursday, now=NOON + hours(9)).is_empty


def test_a_call_in_progress_is_not_disturbed(dana: User) -> None:
    request = tried(dana, next_at=NOON + hours(24))
    held = claim(request_id=request.pk, user=dana, now=NOON)

    carry_out(close_thursday, user=dana, what={}, now=NOON)

    record_attempt(
        request_id=request.pk,
        user=dana,
        outcome="booked",
        expected_version=held.version,
        now=NOON,
    )


@pytest.mark.parametrize("seed_number", range(5))
def test_after_any_change_every_next_try_can_be_kept(dana: User, seed_number: int) -> None:
    chance = random.Random(seed_number)
    for _ in range(12):
        how = {"window": chance.choice(["any", "morning", "late_afternoon"])}
        how["phone"] = chance.choice(["+13035550142", "+12125550142", "+18085550142"])
        tried(dana, **how)

    def change() -> None:
        OpeningHours.objects.filter(weekday=chance.choice([2, 3])).delete()
        first = THURSDAY + timedelta(days=chance.randrange(5))
        Closure.objects.create(starts_on=first, ends_on=first, reason="Snow")
        CallPolicy.objects.update(retry_minutes=[chance.choice([30, 300, 3000])])

    carry_out(change, user=dana, what={}, now=NOON)

    schedule = load_schedule()
    for request in CallbackRequest.objects.all():
        at = request.next_action_at
        assert callable_at(schedule, callee_of(request), at, ignore_window=True)
        assert next_callable(schedule, callee_of(request), at, ignore_window=True) == at


def test_the_number_of_queries_does_not_grow(dana: User, django_assert_num_queries) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    tried(dana, next_at=NOON + hours(24))
    with CaptureQueriesContext(connection) as few:
        preview(close_thursday, now=NOON)
    for _ in range(15):
        tried(dana, next_at=NOON + hours(24))

    with django_assert_num_queries(len(few)):
        preview(close_thursday, now=NOON)


# -- public holidays -----------------------------------------------------------------


def test_the_holidays_of_a_year_with_the_days_they_are_observed_on() -> None:
    days = dict(public_holidays(2027))

    assert days[date(2027, 7, 4)] == "Independence Day"
    assert days[date(2027, 7, 5)] == "Independence Day (observed)"
    assert days[date(2027, 11, 25)] == "Thanksgiving Day"


def test_a_year_of_holidays_is_seeded_once_and_what_was_removed_stays_away(dana: User) -> None:
    assert seed(year=2027, user=dana) == Closure.objects.count() == len(public_holidays(2027))
    Closure.objects.filter(reason="Columbus Day").delete()

    with pytest.raises(AlreadySeeded):
        seed(year=2027)
    assert not Closure.objects.filter(reason="Columbus Day").exists()

    assert seed(year=2027, again=True) == 1


def test_a_holiday_inside_a_closure_is_not_added_twice() -> None:
    Closure.objects.create(
        starts_on=date(2027, 12, 20), ends_on=date(2028, 1, 2), reason="Winter break"
    )

    seed(year=2027)

    assert not Closure.objects.filter(reason__startswith="Christmas").exists()


def test_seeding_moves_next_tries_out_of_the_holidays(dana: User) -> None:
    thanksgiving = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)
    request = tried(dana, next_at=thanksgiving)

    with time_machine.travel(NOON):  # what is past stays where it is
        seed(year=2026)

    assert reload(request).next_action_at == datetime(2026, 11, 27, 15, 0, tzinfo=UTC)


def test_the_command_says_what_it_did_and_is_safe_to_repeat() -> None:
    out = StringIO()

    call_command("seed_closures", "2027", stdout=out)
    call_command("seed_closures", "2027", stdout=out)

    days = len(public_holidays(2027))
    assert f"Closed on {days} days of 2027." in out.getvalue()
    assert "were added before" in out.getvalue()
    with pytest.raises(CommandError, match="from 2000 to 2100"):
        call_command("seed_closures", "1776")


def test_a_new_clinic_starts_with_this_and_next_years_holidays() -> None:
    out = StringIO()
    call_command("setup_intake", stdout=out)
    count = Closure.objects.count()
    assert count > 20

    Closure.objects.all().delete()
    call_command("setup_intake", stdout=out)

    assert not Closure.objects.exists()
