"""Taking, calling, closing: each move allowed once, by the right person, in the right state."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from intake import moves, queue
from intake.consents import has_consent
from intake.models import AuditEvent, CallbackRequest, CallPolicy, Closure, OpeningHours
from intake.queue import Group, NotAllowed, NotYours, Stale
from tests.intake.making import NOON, all_at_once, hours, make_request, make_user, reload

pytestmark = pytest.mark.django_db
State = CallbackRequest.State

MINUTE = timedelta(minutes=1)


def make_waiting(**changes: object) -> CallbackRequest:
    return make_request(received_at=NOON, **changes)


# -- Taking -----------------------------------------------------------------------


def test_a_claim_takes_the_request_for_the_lease() -> None:
    dana, request = make_user(), make_waiting()

    claimed = queue.claim(request_id=request.pk, user=dana, now=NOON)

    assert reload(claimed).state == State.CLAIMED
    assert (claimed.owner, claimed.claimed_at) == (dana, NOON)
    assert claimed.lease_until == NOON + timedelta(minutes=30)
    assert claimed.version == request.version + 1
    event = AuditEvent.objects.order_by("-sequence").first()
    assert (event.action, event.actor, event.reference) == ("claimed", dana, request.reference)


def test_the_lease_is_as_long_as_the_policy_says() -> None:
    CallPolicy.objects.create(lease_minutes=10)

    claimed = queue.claim(request_id=make_waiting().pk, user=make_user(), now=NOON)

    assert claimed.lease_until == NOON + timedelta(minutes=10)


def test_what_somebody_holds_cannot_be_taken() -> None:
    iris, dana, request = make_user("iris", first_name="Iris"), make_user(), make_waiting()
    queue.claim(request_id=request.pk, user=iris, now=NOON)

    with pytest.raises(NotYours, match="Iris has this request until 10:30 am"):
        queue.claim(request_id=request.pk, user=dana, now=NOON + MINUTE)


def test_claiming_ones_own_again_renews_it() -> None:
    dana, request = make_user(), make_waiting()
    first = queue.claim(request_id=request.pk, user=dana, now=NOON)

    again = queue.claim(request_id=request.pk, user=dana, now=NOON + MINUTE)

    assert again.lease_until == first.lease_until + MINUTE
    assert again.version == first.version


def test_a_claim_from_a_stale_list_is_told_who_did_what() -> None:
    dana, iris, request = make_user(), make_user("iris", first_name="Iris"), make_waiting()
    queue.claim(request_id=request.pk, user=iris, now=NOON)
    queue.release(request_id=request.pk, user=iris)

    with pytest.raises(Stale, match="Iris let it go at "):
        queue.claim(request_id=request.pk, user=dana, expected_version=request.version)


def test_a_closed_request_cannot_be_taken() -> None:
    dana, request = make_user(), make_waiting()
    queue.record_attempt(request_id=request.pk, user=dana, outcome="booked", now=NOON)

    with pytest.raises(NotAllowed, match="not waiting: Booked"):
        queue.claim(request_id=request.pk, user=dana)


def test_a_request_that_is_gone_is_said_to_be() -> None:
    with pytest.raises(NotAllowed, match="not here any more"):
        queue.claim(request_id=10**9, user=make_user())


def test_a_lease_that_ran_out_lets_somebody_else_take_it() -> None:
    iris, dana, request = make_user("iris"), make_user(), make_waiting()
    queue.claim(request_id=request.pk, user=iris, now=NOON)

    taken = queue.claim(request_id=request.pk, user=dana, now=NOON + 30 * MINUTE)

    assert taken.owner == dana


def test_release_puts_it_back_where_it_was() -> None:
    dana, new, tried = make_user(), make_waiting(), make_waiting()
    queue.record_attempt(request_id=tried.pk, user=dana, outcome="no_answer", now=NOON)
    for request in (new, tried):
        queue.claim(request_id=request.pk, user=dana, now=NOON + MINUTE)
        queue.release(request_id=request.pk, user=dana)

    assert reload(new).state == State.NEW
    assert reload(tried).state == State.AWAITING_RETRY
    assert reload(new).owner is None


def test_only_the_owner_or_a_supervisor_releases() -> None:
    dana, boss, request = make_user(), make_user("boss"), make_waiting()
    queue.claim(request_id=request.pk, user=dana)

    with pytest.raises(NotYours, match="dana has this request"):
        queue.release(request_id=request.pk, user=boss)

    queue.release(request_id=request.pk, user=boss, by_supervisor=True)
    assert reload(request).state == State.NEW


def test_releasing_what_nobody_holds_changes_nothing() -> None:
    request = make_waiting()

    queue.release(request_id=request.pk, user=make_user())

    assert reload(request).version == request.version


def test_signing_out_lets_go_of_everything() -> None:
    dana, iris = make_user(), make_user("iris")
    mine, hers = [make_waiting(), make_waiting()], make_waiting()
    for request in mine:
        queue.claim(request_id=request.pk, user=dana)
    queue.claim(request_id=hers.pk, user=iris)

    assert queue.release_all(user=dana) == 2
    assert {reload(r).state for r in mine} == {State.NEW}
    assert reload(hers).state == State.CLAIMED


def test_renewing_keeps_it_and_changes_no_version() -> None:
    dana, request = make_user(), make_waiting()
    claimed = queue.claim(request_id=request.pk, user=dana, now=NOON)

    renewed = queue.renew(request_id=request.pk, user=dana, now=NOON + 20 * MINUTE)

    assert renewed.lease_until == NOON + 50 * MINUTE
    assert renewed.version == claimed.version


def test_what_is_not_ones_own_cannot_be_renewed() -> None:
    request = make_waiting()

    with pytest.raises(NotYours, match="not yours any more"):
        queue.renew(request_id=request.pk, user=make_user())


def test_expired_leases_are_freed_and_live_ones_are_not() -> None:
    dana, old, fresh = make_user(), make_waiting(), make_waiting()
    queue.claim(request_id=old.pk, user=dana, now=NOON)
    queue.claim(request_id=fresh.pk, user=dana, now=NOON + 20 * MINUTE)

    assert queue.release_expired(now=NOON + 31 * MINUTE) == 1
    assert reload(old).state == State.NEW
    assert reload(fresh).state == State.CLAIMED


def test_after_a_long_call_the_outcome_is_still_taken_if_nobody_else_took_the_request() -> None:
    dana, request = make_user(), make_waiting()
    claimed = queue.claim(request_id=request.pk, user=dana, now=NOON)
    queue.release_expired(now=NOON + 40 * MINUTE)

    queue.record_attempt(
        request_id=request.pk,
        user=dana,
        outcome="booked",
        expected_version=claimed.version,
        now=NOON + 41 * MINUTE,
    )

    assert reload(request).state == State.BOOKED


# -- The next call ----------------------------------------------------------------


def test_the_next_call_is_the_first_of_the_list() -> None:
    late = make_request(received_at=NOON - hours(25))
    make_request(received_at=NOON - hours(2))
    dana = make_user()

    claimed = queue.claim_next(user=dana, now=NOON)

    assert claimed == late
    assert reload(late).owner == dana


def test_when_nothing_can_be_called_now_there_is_no_next_call() -> None:
    make_waiting()
    midnight_in_denver = datetime(2026, 11, 19, 7, tzinfo=UTC)

    assert queue.claim_next(user=make_user(), now=midnight_in_denver) is None


def test_the_next_call_is_never_one_that_waits_for_a_decision() -> None:
    CallPolicy.objects.create(max_attempts=1)
    dana, request = make_user(), make_waiting()
    queue.record_attempt(
        request_id=request.pk, user=dana, outcome="no_answer", next_at=NOON + hours(1), now=NOON
    )

    assert queue.claim_next(user=dana, now=NOON + hours(2)) is None


@pytest.mark.django_db(transaction=True)
def test_sixteen_people_on_fifty_requests_never_get_the_same_one() -> None:
    for _ in range(50):
        make_waiting()
    users = [make_user(f"user{n}") for n in range(16)]

    def take_three(number: int) -> list[int]:
        taken = [queue.claim_next(user=users[number], now=NOON) for _ in range(3)]
        return [request.pk for request in taken if request]

    results = all_at_once(16, take_three)

    taken = [pk for result in results for pk in result]
    assert len(taken) == 48
    assert len(set(taken)) == 48
    for number, result in enumerate(results):
        owned = CallbackRequest.objects.filter(owner=users[number])
        assert set(owned.values_list("pk", flat=True)) == set(result)


@pytest.mark.django_db(transaction=True)
def test_sixteen_people_on_one_request_are_one_owner_and_fifteen_refusals() -> None:
    request = make_waiting()
    users = [make_user(f"user{n}") for n in range(16)]

    results = all_at_once(16, lambda n: queue.claim(request_id=request.pk, user=users[n], now=NOON))

    assert sum(isinstance(result, CallbackRequest) for result in results) == 1
    assert sum(isinstance(result, NotYours) for result in results) == 15


# -- The list ---------------------------------------------------------------------


def test_the_list_stands_in_calling_order_with_its_reasons() -> None:
    OpeningHours.objects.create(weekday=2, opens_at=time(8), closes_at=time(18))
    dana = make_user()
    in_time = make_request(received_at=NOON - hours(2))
    danger = make_request(received_at=NOON - hours(1), comment="I want to die")
    late = make_request(received_at=NOON - hours(25), window="late_afternoon")
    window = make_request(received_at=NOON - hours(3), window="late_afternoon")
    hawaii = make_request(received_at=NOON - hours(3), phone="", email="a@b.org", state="HI")
    hawaii_phone = make_request(received_at=NOON - hours(3), state="HI")
    taken = make_request(received_at=NOON - hours(4))
    queue.claim(request_id=taken.pk, user=dana, now=NOON)
    retry = make_request(received_at=NOON - hours(5))
    queue.record_attempt(request_id=retry.pk, user=dana, outcome="busy", now=NOON - hours(1))

    listed = queue.waiting(now=NOON)

    assert [item.request for item in listed] == [
        late,
        danger,
        hawaii,
        in_time,
        hawaii_phone,
        retry,
        window,
        taken,
    ]
    by_request = {item.request: item for item in listed}
    assert by_request[late].is_overdue
    assert by_request[late].is_outside_window
    assert not by_request[in_time].is_outside_window
    assert by_request[window].waits_for == "window"
    assert by_request[hawaii_phone].waits_for == "lawful"
    assert by_request[hawaii_phone].callable_at == NOON + hours(1)
    assert by_request[retry].waits_for == "retry"
    assert by_request[taken].group is Group.TAKEN


def test_a_closed_clinic_is_the_reason_and_says_until_when() -> None:
    OpeningHours.objects.create(weekday=2, opens_at=time(8), closes_at=time(18))
    OpeningHours.objects.create(weekday=3, opens_at=time(8), closes_at=time(18))
    Closure.objects.create(starts_on=date(2026, 11, 18), ends_on=date(2026, 11, 18), reason="snow")
    make_waiting()

    (item,) = queue.waiting(now=NOON)

    assert (item.group, item.waits_for) == (Group.LATER, "open")
    assert item.callable_at == datetime(2026, 11, 19, 15, tzinfo=UTC)


def test_the_last_quarter_of_a_promise_is_at_risk() -> None:
    request = make_waiting()

    assert not queue.list_one(request, now=NOON + hours(17.9)).is_at_risk
    assert queue.list_one(request, now=NOON + hours(18)).is_at_risk
    assert not queue.list_one(request, now=NOON + hours(24)).is_at_risk
    assert queue.list_one(request, now=NOON + hours(24)).is_overdue


def test_a_no_answer_does_not_stop_the_clock_to_contact() -> None:
    dana, request = make_user(), make_waiting()
    queue.record_attempt(request_id=request.pk, user=dana, outcome="no_answer", now=NOON)

    item = queue.list_one(reload(request), now=NOON + hours(47))

    assert (item.promise, item.due_at) == ("contact", NOON + hours(48))
    assert not item.is_overdue
    assert queue.list_one(reload(request), now=NOON + hours(48)).is_overdue


def test_an_agreed_time_is_kept_within_half_an_hour() -> None:
    dana, request = make_user(), make_waiting(window="morning")
    queue.record_attempt(
        request_id=request.pk, user=dana, outcome="call_later", next_at=NOON + hours(5), now=NOON
    )

    at = queue.list_one(reload(request), now=NOON + hours(5))

    assert (at.promise, at.group) == ("agreed", Group.NOW)
    assert at.due_at == NOON + hours(5.5)
    assert not at.is_overdue


def test_a_lease_that_ran_out_counts_as_free() -> None:
    request = make_waiting()
    queue.claim(request_id=request.pk, user=make_user(), now=NOON)

    assert queue.waiting(now=NOON + 10 * MINUTE)[0].group is Group.TAKEN
    assert queue.waiting(now=NOON + 31 * MINUTE)[0].group is Group.NOW


def test_the_list_asks_as_many_questions_for_fifty_as_for_one() -> None:
    make_waiting()
    with CaptureQueriesContext(connection) as one:
        queue.waiting(now=NOON)
    for _ in range(49):
        make_waiting()

    with CaptureQueriesContext(connection) as fifty:
        listed = queue.waiting(now=NOON)

    assert len(listed) == 50
    assert len(one) == len(fifty) <= 4


def test_closed_and_held_requests_are_not_listed() -> None:
    dana, closed = make_user(), make_waiting()
    queue.record_attempt(request_id=closed.pk, user=dana, outcome="declined", now=NOON)
    make_waiting(suspicion="links")

    assert queue.waiting(now=NOON) == []


# -- Outcomes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "state", "reached"),
    [
        ("no_answer", State.AWAITING_RETRY, False),
        ("busy", State.AWAITING_RETRY, False),
        ("wrong_number", State.AWAITING_RETRY, False),
        ("thinking", State.CONTACTED, True),
        ("booked", State.BOOKED, True),
        ("declined", State.DECLINED, True),
        ("referred_out", State.REFERRED_OUT, True),
        ("stop", State.WITHDRAWN, True),
    ],
)
def test_each_outcome_leads_to_its_state_and_its_clocks(
    outcome: str, state: str, reached: bool
) -> None:
    dana, request = make_user(), make_waiting()
    queue.claim(request_id=request.pk, user=dana, now=NOON)

    queue.record_attempt(request_id=request.pk, user=dana, outcome=outcome, now=NOON + MINUTE)

    after = reload(request)
    assert after.state == state
    assert after.owner is None
    assert after.attempt_count == 1
    assert after.first_attempt_at == NOON + MINUTE
    assert after.first_contact_at == (NOON + MINUTE if reached else None)
    assert (after.closed_at is not None) == (state in CallbackRequest.CLOSED)
    assert after.outcome == (outcome if after.closed_at else "")


def test_every_outcome_is_either_closing_or_tried_again() -> None:
    from intake.models import CallAttempt

    again = {"no_answer", "voicemail", "busy", "call_later", "wrong_number", "emailed"}
    assert set(CallAttempt.Outcome.values) == again | set(queue.CLOSES)


def test_the_first_attempt_and_the_first_contact_stay_the_first() -> None:
    dana, request = make_user(), make_waiting()
    for minute, outcome in enumerate(["no_answer", "call_later", "call_later", "booked"]):
        queue.record_attempt(
            request_id=request.pk,
            user=dana,
            outcome=outcome,
            next_at=NOON + hours(4 + minute),
            now=NOON + minute * MINUTE,
        )

    after = reload(request)
    assert after.first_attempt_at == NOON
    assert after.first_contact_at == NOON + MINUTE
    assert after.attempt_count == 4


def test_without_a_chosen_time_the_policy_chooses_the_next_one() -> None:
    CallPolicy.objects.create(retry_minutes=[60, 180])
    dana, request = make_user(), make_waiting()
    chosen = []
    at = NOON
    for _ in range(3):
        attempt = queue.record_attempt(
            request_id=request.pk, user=dana, outcome="no_answer", now=at
        )
        chosen.append(attempt.next_at - at)
        at = attempt.next_at

    assert chosen == [hours(1), hours(3), hours(3)]


def test_the_policys_time_moves_into_hours_in_which_the_person_may_be_called() -> None:
    OpeningHours.objects.create(weekday=3, opens_at=time(9), closes_at=time(18))
    dana, request = make_user(), make_waiting()

    attempt = queue.record_attempt(request_id=request.pk, user=dana, outcome="busy", now=NOON)

    assert attempt.next_at == datetime(2026, 11, 19, 16, tzinfo=UTC)


def test_a_wrong_number_blocks_calls_to_it_and_asks_for_a_decision() -> None:
    dana, request = make_user(), make_waiting()
    queue.record_attempt(request_id=request.pk, user=dana, outcome="wrong_number", now=NOON)

    item = queue.list_one(reload(request), now=NOON + hours(3))

    assert (item.group, item.decision) == (Group.DECIDE, "wrong_number")
    with pytest.raises(NotAllowed, match="Somebody else answers"):
        queue.record_attempt(
            request_id=request.pk, user=dana, outcome="no_answer", now=NOON + hours(3)
        )


def test_a_wrong_number_with_an_email_address_can_still_be_written_to() -> None:
    dana, request = make_user(), make_waiting(email="ana@example.org")
    queue.record_attempt(request_id=request.pk, user=dana, outcome="wrong_number", now=NOON)

    item = queue.list_one(reload(request), now=NOON + hours(3))
    queue.record_attempt(request_id=request.pk, user=dana, outcome="emailed", now=NOON + hours(3))

    assert item.group is Group.NOW
    assert reload(request).attempt_count == 2


def test_a_voicemail_needs_consent() -> None:
    dana, without, with_ = make_user(), make_waiting(), make_waiting(voicemail=True)

    with pytest.raises(NotAllowed, match="did not agree to a voicemail"):
        queue.record_attempt(request_id=without.pk, user=dana, outcome="voicemail", now=NOON)
    queue.record_attempt(request_id=with_.pk, user=dana, outcome="voicemail", now=NOON)

    assert reload(without).attempt_count == 0
    assert reload(with_).attempt_count == 1


def test_stop_takes_every_consent_back_at_once() -> None:
    dana, request = make_user(), make_waiting(voicemail=True, text_consent=True)

    queue.record_attempt(request_id=request.pk, user=dana, outcome="stop", now=NOON)

    for purpose in ("call", "voicemail", "text", "email"):
        assert not has_consent(request, purpose)
    assert request.consents.filter(source="phone", by=dana).count() == 3
    assert request.consents.filter(source="form").count() == 4


def test_a_note_is_sealed() -> None:
    dana, request = make_user(), make_waiting()

    queue.record_attempt(
        request_id=request.pk, user=dana, outcome="no_answer", note="Zephyrine picked up", now=NOON
    )

    assert b"Zephyrine" not in bytes(request.notes.get().envelope)


def test_each_attempt_is_audited_with_its_outcome_only() -> None:
    dana, request = make_user(), make_waiting()

    queue.record_attempt(request_id=request.pk, user=dana, outcome="busy", note="x", now=NOON)

    event = AuditEvent.objects.order_by("-sequence").first()
    assert event.action == "attempted"
    assert event.detail == {"from": "new", "to": "awaiting_retry", "outcome": "busy"}


# -- Refusals ---------------------------------------------------------------------


def refuse(request: CallbackRequest, match: str, **changes: object) -> None:
    """The change is refused and nothing at all has happened."""
    fields = {"request_id": request.pk, "outcome": "call_later", "now": NOON, **changes}
    fields.setdefault("user", make_user("somebody"))

    with pytest.raises(NotAllowed, match=match):
        queue.record_attempt(**fields)  # type: ignore[arg-type]

    after = reload(request)
    assert (after.version, after.attempt_count) == (request.version, request.attempt_count)
    assert after.attempts.count() == request.attempts.count()


def test_an_outcome_for_what_somebody_else_holds_is_refused() -> None:
    iris, dana, request = make_user("iris"), make_user(), make_waiting()
    queue.claim(request_id=request.pk, user=iris, now=NOON)

    with pytest.raises(NotYours, match="iris has this request until"):
        queue.record_attempt(request_id=request.pk, user=dana, outcome="booked", now=NOON + MINUTE)

    assert reload(request).attempt_count == 0


def test_an_outcome_from_a_stale_page_is_refused_and_says_why() -> None:
    iris, dana, request = make_user("iris"), make_user(), make_waiting()
    queue.record_attempt(request_id=request.pk, user=iris, outcome="no_answer", now=NOON)

    with pytest.raises(Stale, match="iris recorded a call at "):
        queue.record_attempt(
            request_id=request.pk, user=dana, outcome="booked", expected_version=request.version
        )


def test_a_change_built_on_an_old_copy_of_the_row_is_refused() -> None:
    request = make_waiting()
    old = reload(request)
    queue.claim(request_id=request.pk, user=make_user(), now=NOON)

    with pytest.raises(Stale, match="dana took it at "):
        moves.apply(old, action="reopened", user=None, next_action_at=NOON)

    assert reload(request).next_action_at is None


def test_an_unknown_outcome_is_refused() -> None:
    refuse(make_waiting(), "Choose what came of the call", outcome="won the lottery")


def test_call_later_needs_the_agreed_time() -> None:
    refuse(make_waiting(), "Choose when to call again")


def test_a_time_that_is_over_is_refused() -> None:
    refuse(make_waiting(), "That time is over", next_at=NOON - MINUTE)


def test_a_time_too_far_away_is_refused() -> None:
    refuse(make_waiting(), "more than 90 days away", next_at=NOON + timedelta(days=91))


def test_a_time_outside_lawful_hours_is_refused_with_the_time_there() -> None:
    nine_at_night = datetime(2026, 11, 19, 4, tzinfo=UTC)

    refuse(make_waiting(), r"It would be 9:00 pm where the person may be", next_at=nine_at_night)


def test_a_time_unlawful_in_one_possible_zone_is_refused() -> None:
    eight_in_chicago = datetime(2026, 11, 19, 14, tzinfo=UTC)

    refuse(make_waiting(state="TX"), "7:00 am .*America/Denver", next_at=eight_in_chicago)


def test_a_time_when_we_are_closed_is_refused() -> None:
    OpeningHours.objects.create(weekday=2, opens_at=time(8), closes_at=time(18))

    refuse(make_waiting(), "The clinic is closed then", next_at=NOON + hours(9))


def test_a_closure_that_covers_the_time_is_noticed() -> None:
    Closure.objects.create(starts_on=date(2026, 11, 18), ends_on=date(2026, 11, 19), reason="snow")

    refuse(make_waiting(), "The clinic is closed then", next_at=NOON + hours(2))


def test_a_local_time_is_the_persons_and_a_skipped_one_is_refused() -> None:
    dana, request = make_user(), make_waiting(state="HI")
    queue.record_attempt(
        request_id=request.pk,
        user=dana,
        outcome="call_later",
        next_at=datetime(2026, 11, 19, 9),
        now=NOON,
    )
    assert reload(request).next_action_at == datetime(2026, 11, 19, 19, tzinfo=UTC)

    refuse(
        make_request(received_at=datetime(2027, 3, 13, 17, tzinfo=UTC)),
        "Clocks in America/Denver skip 02:30",
        next_at=datetime(2027, 3, 14, 2, 30),
        now=datetime(2027, 3, 13, 18, tzinfo=UTC),
    )


def test_a_doubled_local_time_is_refused() -> None:
    refuse(
        make_request(received_at=datetime(2026, 10, 31, 17, tzinfo=UTC)),
        "show 01:30 twice",
        next_at=datetime(2026, 11, 1, 1, 30),
        now=datetime(2026, 10, 31, 18, tzinfo=UTC),
    )


def test_a_phone_outcome_without_a_phone_is_refused() -> None:
    refuse(make_waiting(phone="", email="a@example.org"), "no phone number", outcome="no_answer")


def test_a_mail_without_an_address_is_refused() -> None:
    refuse(make_waiting(), "no email address", outcome="emailed")


# -- Undo -------------------------------------------------------------------------


def test_the_last_outcome_can_be_taken_back_for_thirty_seconds() -> None:
    dana, request = make_user(), make_waiting()
    queue.record_attempt(request_id=request.pk, user=dana, outcome="declined", now=NOON)

    undone = queue.undo_attempt(request_id=request.pk, user=dana, now=NOON + timedelta(seconds=30))

    assert (undone.state, undone.owner) == (State.CLAIMED, dana)
    after = reload(request)
    assert (after.outcome, after.closed_at, after.attempt_count) == ("", None, 0)
    assert (after.first_attempt_at, after.first_contact_at) == (None, None)
    assert after.attempts.get().undone_at is not None


def test_undo_puts_back_what_earlier_attempts_left() -> None:
    dana, request = make_user(), make_waiting()
    first = queue.record_attempt(request_id=request.pk, user=dana, outcome="no_answer", now=NOON)
    queue.record_attempt(
        request_id=request.pk, user=dana, outcome="wrong_number", now=NOON + MINUTE
    )

    queue.undo_attempt(request_id=request.pk, user=dana, now=NOON + MINUTE)

    after = reload(request)
    assert after.next_action_at == first.next_at
    assert (after.first_attempt_at, after.attempt_count) == (NOON, 1)
    assert not after.is_phone_wrong


def test_undoing_a_stop_gives_the_consents_back() -> None:
    dana, request = make_user(), make_waiting(voicemail=True)
    queue.record_attempt(request_id=request.pk, user=dana, outcome="stop", now=NOON)

    queue.undo_attempt(request_id=request.pk, user=dana, now=NOON + timedelta(seconds=5))

    assert has_consent(request, "call")
    assert has_consent(request, "voicemail")
    assert not has_consent(request, "text")


def test_after_thirty_seconds_it_is_too_late() -> None:
    dana, request = make_user(), make_waiting()
    queue.record_attempt(request_id=request.pk, user=dana, outcome="declined", now=NOON)

    with pytest.raises(NotAllowed, match="for 30 seconds only"):
        queue.undo_attempt(request_id=request.pk, user=dana, now=NOON + timedelta(seconds=31))


def test_nobody_takes_back_somebody_elses_outcome_or_the_same_one_twice() -> None:
    dana, iris, request = make_user(), make_user("iris"), make_waiting()
    queue.record_attempt(request_id=request.pk, user=dana, outcome="declined", now=NOON)

    with pytest.raises(NotAllowed, match="no outcome of yours"):
        queue.undo_attempt(request_id=request.pk, user=iris, now=NOON)
    queue.undo_attempt(request_id=request.pk, user=dana, now=NOON)
    with pytest.raises(NotAllowed, match="no outcome of yours"):
        queue.undo_attempt(request_id=request.pk, user=dana, now=NOON)


def test_what_changed_meanwhile_cannot_be_undone() -> None:
    dana, iris, request = make_user(), make_user("iris"), make_waiting()
    queue.record_attempt(request_id=request.pk, user=dana, outcome="no_answer", now=NOON)
    queue.claim(request_id=request.pk, user=iris, now=NOON)

    with pytest.raises(Stale):
        queue.undo_attempt(request_id=request.pk, user=dana, now=NOON)


# -- Decisions --------------------------------------------------------------------


def test_a_closed_request_is_reopened_with_a_reason() -> None:
    dana, request = make_user(), make_waiting()
    queue.record_attempt(request_id=request.pk, user=dana, outcome="declined", now=NOON)

    again = queue.reopen(request_id=request.pk, user=dana, reason="They called us", now=NOON)

    assert (again.state, again.next_action_at) == (State.AWAITING_RETRY, NOON)
    assert (reload(request).outcome, reload(request).closed_at) == ("", None)
    assert request.notes.count() == 1
    assert AuditEvent.objects.filter(action="reopened", actor=dana).count() == 1


def test_reopening_needs_a_reason_and_a_closed_request() -> None:
    dana, request = make_user(), make_waiting()

    with pytest.raises(NotAllowed, match="Only a closed request"):
        queue.reopen(request_id=request.pk, user=dana, reason="x")
    queue.record_attempt(request_id=request.pk, user=dana, outcome="declined", now=NOON)
    with pytest.raises(NotAllowed, match="Say why"):
        queue.reopen(request_id=request.pk, user=dana, reason="  ")


def test_unreachable_is_a_persons_decision_after_the_policys_attempts() -> None:
    CallPolicy.objects.create(max_attempts=2)
    dana, request = make_user(), make_waiting()
    queue.record_attempt(request_id=request.pk, user=dana, outcome="no_answer", now=NOON)
    with pytest.raises(NotAllowed, match="Try 2 times before giving up; so far it was 1"):
        queue.close_unreachable(request_id=request.pk, user=dana, now=NOON)
    queue.record_attempt(request_id=request.pk, user=dana, outcome="busy", now=NOON + hours(2))

    assert queue.list_one(reload(request), now=NOON + hours(9)).decision == "attempts"
    queue.close_unreachable(request_id=request.pk, user=dana, now=NOON + hours(9))

    assert (reload(request).state, reload(request).outcome) == (State.UNREACHABLE, "unreachable")


def test_a_held_request_is_freed_by_a_person_and_keeps_its_promise() -> None:
    dana, request = make_user(), make_waiting(suspicion="links")

    queue.free_from_spam(request_id=request.pk, user=dana)

    after = reload(request)
    assert (after.state, after.attempt_due_at) == (State.NEW, NOON + hours(24))
    assert after.messages.filter(kind="new_request").count() == 1
    with pytest.raises(NotAllowed, match="not held as spam"):
        queue.free_from_spam(request_id=request.pk, user=dana)


def test_a_consent_changed_by_phone_holds_at_once() -> None:
    dana, request = make_user(), make_waiting(voicemail=True)

    queue.set_consent(request_id=request.pk, user=dana, purpose="voicemail", is_granted=False)

    assert not has_consent(request, "voicemail")
    with pytest.raises(NotAllowed, match="did not agree"):
        queue.record_attempt(request_id=request.pk, user=dana, outcome="voicemail", now=NOON)
    with pytest.raises(NotAllowed, match="no such consent"):
        queue.set_consent(request_id=request.pk, user=dana, purpose="fax", is_granted=True)
