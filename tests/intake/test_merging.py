"""Two requests of one person become one, nobody's promise changes, and it can be taken back."""

from __future__ import annotations

import itertools
import random
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from intake import audit
from intake.consents import has_consent
from intake.duplicates import possible_same_person
from intake.merged import merged_below
from intake.merging import direction, merge, undo_merge
from intake.models import AuditEvent, CallbackRequest, Merge
from intake.queue import (
    NotAllowed,
    NotYours,
    Stale,
    claim,
    claim_next,
    record_attempt,
    set_consent,
    waiting,
)
from intake.retention import purge
from intake.schedule import set_up
from tests.intake.making import NOON, all_at_once, hours, make_request, make_user, reload

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana() -> User:
    return make_user()


def two(gap: float = 3) -> tuple[CallbackRequest, CallbackRequest]:
    """The older of two, and the newer, of one number."""
    return make_request(received_at=NOON - hours(gap)), make_request(received_at=NOON)


def test_the_newer_is_closed_and_the_older_speaks_for_both(dana: User) -> None:
    older, newer = two()

    kept = merge(request_id=newer.pk, into_id=older.pk, user=dana, now=NOON)

    assert kept.pk == older.pk
    closed = reload(newer)
    assert (closed.state, closed.outcome, closed.merged_into) == ("merged", "merged", older)
    assert (closed.closed_at, closed.closed_by) == (NOON, dana)
    assert [item.request.pk for item in waiting(now=NOON)] == [older.pk]
    assert list(merged_below(kept)) == [closed]


def test_forms_consents_attempts_and_notes_stay_with_their_request(dana: User) -> None:
    older, newer = two()
    record_attempt(request_id=newer.pk, user=dana, outcome="no_answer", note="rang out", now=NOON)

    merge(request_id=newer.pk, into_id=older.pk, user=dana)

    assert [r.submissions.count() for r in (older, newer)] == [1, 1]
    assert [r.attempts.count() for r in (older, newer)] == [0, 1]
    assert [r.notes.count() for r in (older, newer)] == [0, 1]
    assert reload(newer).consents.count() == reload(older).consents.count() > 0


def test_a_merge_changes_no_promise(dana: User) -> None:
    older, newer = two()
    promised = (older.attempt_due_at, older.contact_due_at, newer.attempt_due_at)

    merge(request_id=newer.pk, into_id=older.pk, user=dana)

    older, newer = reload(older), reload(newer)
    assert (older.attempt_due_at, older.contact_due_at, newer.attempt_due_at) == promised


def test_a_merge_and_its_undo_are_on_record_for_both(dana: User) -> None:
    older, newer = two()

    merge(request_id=newer.pk, into_id=older.pk, user=dana)
    undo_merge(request_id=newer.pk, user=dana)

    def deeds(request: CallbackRequest) -> list[str]:
        events = AuditEvent.objects.filter(reference=request.reference, actor=dana)
        return list(events.order_by("sequence").values_list("action", flat=True))

    assert deeds(newer) == ["merged", "unmerged"]
    assert deeds(older) == ["took_in", "gave_back"]
    assert audit.verify() is None


def test_somebody_who_asked_again_is_due_now_and_not_at_the_next_try(dana: User) -> None:
    older, newer = two()
    record_attempt(request_id=older.pk, user=dana, outcome="no_answer", now=NOON)
    assert reload(older).next_action_at > NOON

    merge(request_id=newer.pk, into_id=older.pk, user=dana, now=NOON)

    assert reload(older).next_action_at == NOON


def test_a_time_that_was_agreed_on_stays(dana: User) -> None:
    older, newer = two()
    agreed = NOON + hours(5)
    record_attempt(request_id=older.pk, user=dana, outcome="call_later", next_at=agreed, now=NOON)

    merge(request_id=newer.pk, into_id=older.pk, user=dana, now=NOON)

    assert reload(older).next_action_at == agreed


def test_crisis_wording_of_either_marks_the_one_that_stays_and_goes_with_the_undo(
    dana: User,
) -> None:
    older = make_request(received_at=NOON - hours(1))
    newer = make_request(received_at=NOON, comment="Some days I can't go on.")
    assert newer.has_crisis_wording

    merge(request_id=newer.pk, into_id=older.pk, user=dana)
    assert reload(older).has_crisis_wording

    undo_merge(request_id=newer.pk, user=dana)
    assert not reload(older).has_crisis_wording


@pytest.mark.parametrize("outcome", ["booked", "declined", "thinking"])
def test_a_closed_request_goes_into_the_one_that_waits(dana: User, outcome: str) -> None:
    older, newer = two()
    record_attempt(request_id=older.pk, user=dana, outcome=outcome, now=NOON)

    merge(request_id=older.pk, into_id=newer.pk, user=dana)
    assert reload(older).state == "merged"

    undo_merge(request_id=older.pk, user=dana)
    again = reload(older)
    assert (again.outcome, again.closed_by, again.merged_into) == (outcome, dana, None)
    assert again.closed_at == NOON


# -- refusals ------------------------------------------------------------------------


def test_the_one_that_asked_first_is_not_merged_into_the_later(dana: User) -> None:
    older, newer = two()

    with pytest.raises(NotAllowed, match="asked first, so its promise is the one to keep"):
        merge(request_id=older.pk, into_id=newer.pk, user=dana)


def test_one_that_waits_is_not_buried_in_a_closed_one(dana: User) -> None:
    older, newer = two()
    record_attempt(request_id=older.pk, user=dana, outcome="booked", now=NOON)

    with pytest.raises(NotAllowed, match="still waits for a call"):
        merge(request_id=newer.pk, into_id=older.pk, user=dana)


def test_direction_names_the_merge_that_is_allowed(dana: User) -> None:
    older, newer = two()
    assert direction(older, newer) == direction(newer, older) == (newer, older)

    record_attempt(request_id=older.pk, user=dana, outcome="booked", now=NOON)
    older = reload(older)

    assert direction(older, newer) == direction(newer, older) == (older, newer)


def test_a_request_is_not_merged_into_itself(dana: User) -> None:
    request = make_request()

    with pytest.raises(NotAllowed, match="into itself"):
        merge(request_id=request.pk, into_id=request.pk, user=dana)


def test_what_is_merged_takes_nothing_in(dana: User) -> None:
    older, newer = two()
    merge(request_id=newer.pk, into_id=older.pk, user=dana)

    with pytest.raises(NotAllowed, match="is already merged"):
        merge(request_id=older.pk, into_id=newer.pk, user=dana)
    assert reload(older).merged_into is None


@pytest.mark.parametrize("seed", range(8))
def test_no_series_of_merges_and_undos_ever_makes_a_circle(dana: User, seed: int) -> None:
    chance = random.Random(seed)
    requests = [make_request(received_at=NOON + hours(n)) for n in range(5)]
    for one, other in chance.sample(list(itertools.permutations(requests, 2)), 20):
        try:
            if chance.random() < 0.3:
                undo_merge(request_id=one.pk, user=dana)
            else:
                merge(request_id=one.pk, into_id=other.pk, user=dana)
        except NotAllowed:
            pass
        for request in CallbackRequest.objects.all():
            seen = {request.pk}
            while request.merged_into_id:
                assert request.merged_into_id not in seen
                seen.add(request.merged_into_id)
                request = CallbackRequest.objects.get(pk=request.merged_into_id)
            assert request.state in CallbackRequest.WAITING


def test_a_stale_page_on_either_side_is_told_who_did_what(dana: User) -> None:
    older, newer = two()
    for field in ("expected_version", "expected_into_version"):
        with pytest.raises(Stale):
            merge(request_id=newer.pk, into_id=older.pk, user=dana, **{field: 99})
    assert reload(newer).state == "new"


def test_what_a_colleague_holds_is_not_merged_under_her_hands(dana: User) -> None:
    older, newer = two()
    iris = make_user("iris")
    for held in (older, newer):
        claim(request_id=held.pk, user=iris)
        with pytest.raises(NotYours, match="iris has this request"):
            merge(request_id=newer.pk, into_id=older.pk, user=dana)
        claim(request_id=held.pk, user=iris)
        CallbackRequest.objects.filter(pk=held.pk).update(
            state="new", owner=None, claimed_at=None, lease_until=None
        )


def test_what_one_holds_oneself_can_be_merged_and_is_let_go(dana: User) -> None:
    older, newer = two()
    claim(request_id=newer.pk, user=dana)

    merge(request_id=newer.pk, into_id=older.pk, user=dana)
    undo_merge(request_id=newer.pk, user=dana)

    again = reload(newer)
    assert (again.state, again.owner) == ("new", None)


@pytest.mark.parametrize("which", ["older", "newer"])
def test_held_spam_and_people_who_said_stop_are_left_alone(dana: User, which: str) -> None:
    pair = dict(zip(("older", "newer"), two(), strict=True))
    record_attempt(request_id=pair[which].pk, user=dana, outcome="stop", now=NOON)
    with pytest.raises(NotAllowed, match="asked us to stop"):
        merge(request_id=pair["newer"].pk, into_id=pair["older"].pk, user=dana)
    held = make_request(suspicion="too quick")
    with pytest.raises(NotAllowed, match="held as spam"):
        merge(request_id=held.pk, into_id=make_request().pk, user=dana)


def test_a_refused_merge_changes_nothing(dana: User) -> None:
    older, newer = two()
    before = list(CallbackRequest.objects.order_by("pk").values())

    with pytest.raises(NotAllowed):
        merge(request_id=older.pk, into_id=newer.pk, user=dana)

    assert list(CallbackRequest.objects.order_by("pk").values()) == before
    assert not Merge.objects.exists()


# -- undo ----------------------------------------------------------------------------


def test_an_undo_gives_both_their_own_back(dana: User) -> None:
    older, newer = two()
    record_attempt(request_id=older.pk, user=dana, outcome="no_answer", now=NOON)
    fields = ("state", "next_action_at", "outcome", "closed_at", "merged_into_id")
    was = [{name: getattr(reload(r), name) for name in fields} for r in (older, newer)]
    merge(request_id=newer.pk, into_id=older.pk, user=dana, now=NOON)

    undo_merge(request_id=newer.pk, user=dana)

    assert [{name: getattr(reload(r), name) for name in fields} for r in (older, newer)] == was
    assert Merge.objects.get().undone_by == dana


def test_an_undo_leaves_alone_what_was_decided_since(dana: User) -> None:
    older, newer = two()
    merge(request_id=newer.pk, into_id=older.pk, user=dana, now=NOON)
    later = NOON + hours(4)
    record_attempt(request_id=older.pk, user=dana, outcome="call_later", next_at=later, now=NOON)

    undo_merge(request_id=newer.pk, user=dana)

    assert reload(older).next_action_at == later


def test_what_is_not_merged_cannot_be_taken_apart_nor_twice(dana: User) -> None:
    older, newer = two()
    with pytest.raises(NotAllowed, match="is not merged"):
        undo_merge(request_id=newer.pk, user=dana)
    merge(request_id=newer.pk, into_id=older.pk, user=dana)
    undo_merge(request_id=newer.pk, user=dana)

    with pytest.raises(NotAllowed, match="is not merged"):
        undo_merge(request_id=newer.pk, user=dana)


def test_two_can_be_merged_again_after_an_undo(dana: User) -> None:
    older, newer = two()
    for _ in range(2):
        merge(request_id=newer.pk, into_id=older.pk, user=dana)
        undo_merge(request_id=newer.pk, user=dana)

    assert Merge.objects.filter(undone_at__isnull=False).count() == 2


def test_the_database_refuses_a_second_merge_of_one_request(dana: User) -> None:
    (older, newer), third = two(), make_request()
    merge(request_id=newer.pk, into_id=older.pk, user=dana)

    with pytest.raises(IntegrityError), transaction.atomic():
        Merge.objects.create(request=newer, into=third, at=NOON, by=dana)
    with pytest.raises(IntegrityError), transaction.atomic():
        Merge.objects.create(request=older, into=older, at=NOON, by=dana)


# -- a person's no -------------------------------------------------------------------


def test_a_no_in_a_merged_request_counts_and_a_yes_does_not_spread(dana: User) -> None:
    older = make_request(received_at=NOON - hours(2), voicemail=True)
    newer = make_request(received_at=NOON, voicemail=False)
    other = make_request(received_at=NOON - hours(3), voicemail=False)

    merge(request_id=newer.pk, into_id=older.pk, user=dana)
    assert not has_consent(reload(older), "voicemail")

    set_consent(request_id=older.pk, user=dana, purpose="voicemail", is_granted=True)
    assert has_consent(reload(older), "voicemail")
    merge(request_id=older.pk, into_id=other.pk, user=dana)
    assert not has_consent(reload(other), "voicemail")


def test_who_says_stop_says_it_for_all_that_was_merged(dana: User) -> None:
    older, newer = two()
    merge(request_id=newer.pk, into_id=older.pk, user=dana)

    record_attempt(request_id=older.pk, user=dana, outcome="stop", now=NOON)

    assert not has_consent(reload(newer), "call")
    with pytest.raises(NotAllowed, match="asked us to stop"):
        undo_merge(request_id=newer.pk, user=dana)


# -- what looks alike ----------------------------------------------------------------


def test_likeness_is_proposed_with_reasons_and_not_for_what_is_merged(dana: User) -> None:
    older, newer = two()
    assert possible_same_person(older)[0].reasons == ("same phone number",)

    merge(request_id=newer.pk, into_id=older.pk, user=dana)

    assert possible_same_person(reload(older)) == []


def test_everything_merged_is_found_also_by_way_of_another(dana: User) -> None:
    first, second, third = (make_request(received_at=NOON + hours(n)) for n in range(3))
    merge(request_id=third.pk, into_id=second.pk, user=dana)
    merge(request_id=second.pk, into_id=first.pk, user=dana)

    assert list(merged_below(first)) == [reload(second), reload(third)]


def test_a_merged_request_is_purged_before_the_one_it_went_into(dana: User) -> None:
    set_up()
    older, newer = two()
    merge(request_id=newer.pk, into_id=older.pk, user=dana, now=NOON)
    record_attempt(request_id=older.pk, user=dana, outcome="declined", now=NOON)
    much_later: datetime = NOON + timedelta(days=400)

    while purge(now=much_later):
        pass

    assert not CallbackRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_people_merging_both_ways_at_once_make_no_circle() -> None:
    users = [make_user(f"user{n}") for n in range(6)]
    older, newer = two(gap=0)
    CallbackRequest.objects.update(received_at=NOON)  # so that the number decides

    def try_it(n: int) -> object:
        one, other = (older, newer) if n % 2 else (newer, older)
        return merge(request_id=one.pk, into_id=other.pk, user=users[n])

    results = all_at_once(6, try_it)

    done = [r for r in results if isinstance(r, CallbackRequest)]
    assert len(done) == 1, results
    assert all(isinstance(r, CallbackRequest | NotAllowed) for r in results), results
    assert claim_next(user=users[0], now=NOON) is not None
