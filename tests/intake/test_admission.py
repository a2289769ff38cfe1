"""A submission becomes one request, whoever admits it and however often."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest

from intake import admission, keys
from intake.admission import admit_pending
from intake.duplicates import possible_same_person
from intake.models import AuditEvent, CallbackRequest, Consent, Message, Submission
from intake.queue import claim, record_attempt
from tests.intake.making import NOON, all_at_once, hours, make_request, make_user, reload, send
from tests.tampering import guards_down

pytestmark = pytest.mark.django_db
State = CallbackRequest.State


def test_a_submission_becomes_a_request_with_its_promise() -> None:
    accepted = send(now=NOON, window="morning")

    assert admit_pending() == 1

    request = CallbackRequest.objects.get()
    assert request.reference == accepted.reference
    assert request.state == State.NEW
    assert request.received_at == NOON
    assert request.attempt_due_at == NOON + hours(24)
    assert request.contact_due_at == NOON + hours(48)
    assert request.window == "morning"
    assert (request.time_zone, request.possible_zones) == ("America/Denver", "America/Denver")
    assert not request.is_zone_guessed
    assert list(request.submissions.all()) == list(Submission.objects.all())


def test_admitting_again_changes_nothing() -> None:
    request = make_request()

    assert admit_pending() == 0
    assert reload(request).version == request.version
    assert CallbackRequest.objects.count() == 1


def test_the_indexes_find_the_same_number_and_show_none() -> None:
    one, two = make_request(email="Ana@Example.org"), make_request(email="ana@example.org ")

    assert one.phone_index == two.phone_index
    assert one.email_index == two.email_index
    assert "3035550142" not in one.phone_index
    assert make_request(phone="+13035550143").phone_index != one.phone_index


def test_the_indexes_depend_on_their_own_key() -> None:
    before = make_request().phone_index
    (keys.folder() / "index.key").write_text("ab" * 32)

    assert make_request().phone_index != before


def test_no_phone_and_no_email_have_no_index() -> None:
    request = make_request(phone="", email="")

    assert (request.phone_index, request.email_index) == ("", "")


def test_each_consent_is_kept_with_its_words_time_and_source() -> None:
    request = make_request(received_at=NOON, voicemail=True)

    found = {c.purpose: c for c in request.consents.select_related("wording")}
    assert {p: c.is_granted for p, c in found.items()} == {
        "call": True,
        "voicemail": True,
        "text": False,
        "email": False,
    }
    assert found["call"].wording.text.startswith("Yes, an intake coordinator may call me")
    assert {c.at for c in found.values()} == {NOON}
    assert {c.source for c in found.values()} == {"form"}


def test_an_unknown_wording_does_not_keep_a_request_from_the_desk() -> None:
    request = make_request(wordings={"call": "call-99"})

    assert request.consents.get(purpose="call").wording is None


def test_wording_of_danger_marks_the_request() -> None:
    assert make_request(comment="I want to die").has_crisis_wording
    assert not make_request(comment="call after noon").has_crisis_wording


def test_an_unknown_window_is_any_time() -> None:
    assert make_request(window="midnight").window == "any"


def test_staff_are_told_once_and_nothing_personal_is_in_the_row() -> None:
    request = make_request(name="Zephyrine")

    message = Message.objects.get()
    assert (message.kind, message.request) == ("new_request", request)


def test_a_receipt_is_queued_only_when_asked_for() -> None:
    make_request(email="ana@example.org")
    assert not Message.objects.filter(kind="receipt").exists()

    make_request(email="ana@example.org", email_receipt=True)
    assert Message.objects.filter(kind="receipt").count() == 1

    make_request(email="", email_receipt=True)
    assert Message.objects.filter(kind="receipt").count() == 1


# -- Corrections ------------------------------------------------------------------


def correct(request: CallbackRequest, **changes: object) -> CallbackRequest:
    send(key=request.submission_key, **changes)
    admit_pending()
    return reload(request)


def test_a_correction_joins_its_request_and_both_versions_stay() -> None:
    request = make_request(received_at=NOON, phone="+13035550142")

    corrected = correct(request, phone="+12125550142", state="NY", now=NOON + hours(1))

    assert CallbackRequest.objects.count() == 1
    assert corrected.submissions.count() == 2
    assert corrected.has_correction
    assert corrected.version == request.version + 1
    assert corrected.phone_index != request.phone_index
    assert corrected.time_zone == "America/New_York"
    assert corrected.attempt_due_at == request.attempt_due_at
    assert Message.objects.filter(kind="corrected").count() == 1
    assert Message.objects.filter(kind="new_request").count() == 1


def test_versions_that_arrive_in_the_wrong_order_end_with_the_newest() -> None:
    key = uuid4()
    send(key=key, phone="+12125550142", state="NY", now=NOON + hours(1))
    admit_pending()
    newest = CallbackRequest.objects.get().phone_index

    send(key=key, phone="+13035550142", now=NOON)  # from another node's spool
    admit_pending()

    request = CallbackRequest.objects.get()
    assert request.phone_index == newest
    assert request.time_zone == "America/New_York"
    assert request.submissions.count() == 2


def test_a_correction_of_a_taken_request_leaves_it_taken_and_makes_the_page_stale() -> None:
    dana, request = make_user(), make_request()
    claimed = claim(request_id=request.pk, user=dana)

    corrected = correct(request, phone="+12125550142")

    assert (corrected.state, corrected.owner) == (State.CLAIMED, dana)
    assert corrected.version == claimed.version + 1


def test_danger_in_an_earlier_version_stays_marked() -> None:
    request = make_request(comment="I want to die")

    assert correct(request, comment="").has_crisis_wording


def test_a_correction_after_closing_reopens_with_a_new_promise() -> None:
    dana, request = make_user(), make_request(received_at=NOON)
    record_attempt(request_id=request.pk, user=dana, outcome="declined", now=NOON + hours(1))

    again = correct(request, comment="I changed my mind", now=NOON + hours(5))

    assert again.state == State.NEW
    assert again.received_at == NOON + hours(5)
    assert again.attempt_due_at == NOON + hours(29)
    assert (again.outcome, again.closed_at, again.first_attempt_at) == ("", None, None)
    assert again.attempts.count() == 1
    assert Message.objects.filter(kind="corrected").count() == 1


def test_a_correction_sent_before_the_closing_reopens_nothing_but_reaches_staff() -> None:
    dana, request = make_user(), make_request(received_at=NOON)
    record_attempt(request_id=request.pk, user=dana, outcome="booked", now=NOON + hours(2))

    late = correct(request, comment="one more thing", now=NOON + hours(1))

    assert late.state == State.BOOKED
    assert late.has_correction
    assert Message.objects.filter(kind="corrected").count() == 1


def test_a_new_number_clears_the_mark_of_a_wrong_one() -> None:
    dana, request = make_user(), make_request(received_at=NOON)
    record_attempt(request_id=request.pk, user=dana, outcome="wrong_number", now=NOON + hours(1))
    assert reload(request).is_phone_wrong

    assert not correct(request, phone="+12125550142", now=NOON + hours(2)).is_phone_wrong


def test_a_correction_of_a_merged_request_goes_to_the_one_it_was_merged_into() -> None:
    target, merged = make_request(received_at=NOON), make_request(received_at=NOON)
    CallbackRequest.objects.filter(pk=merged.pk).update(
        state=State.MERGED, merged_into=target, outcome="merged", closed_at=NOON
    )

    send(key=merged.submission_key, phone="+12125550142", now=NOON + hours(1))
    admit_pending()

    assert reload(target).has_correction
    assert reload(target).submissions.count() == 2
    assert reload(merged).state == State.MERGED


# -- Spam -------------------------------------------------------------------------


def test_suspected_spam_is_held_and_nobody_is_told() -> None:
    request = make_request(suspicion="honeypot", email="a@example.org", email_receipt=True)

    assert request.state == State.SPAM_HELD
    assert not Message.objects.exists()


def test_wording_of_danger_is_never_held_as_spam() -> None:
    first = uuid4()
    send(suspicion="too-fast", comment="I want to die")
    send(key=first, suspicion="too-fast")
    admit_pending()
    before = set(CallbackRequest.objects.values_list("state", flat=True))

    send(key=first, suspicion="too-fast", comment="I want to die")
    admit_pending()

    assert before == {"new", "spam_held"}
    assert set(CallbackRequest.objects.values_list("state", flat=True)) == {"new"}
    assert Submission.objects.filter(suspicion="too-fast").count() == 3  # the reason stays


def test_a_clean_version_frees_a_held_request() -> None:
    request = make_request(suspicion="too fast")

    freed = correct(request, comment="sorry, sent too soon")

    assert freed.state == State.NEW
    assert Message.objects.filter(kind="new_request").count() == 1


def test_a_version_as_suspicious_as_the_first_frees_nothing() -> None:
    request = make_request(suspicion="links")

    assert correct(request, comment="more links", suspicion="links").state == State.SPAM_HELD
    assert not Message.objects.exists()


def test_a_suspicious_correction_does_not_hide_a_request() -> None:
    request = make_request()

    assert correct(request, comment="links", suspicion="links").state == State.NEW


# -- Duplicates -------------------------------------------------------------------


def test_the_same_phone_is_proposed_with_its_reason_and_never_merged() -> None:
    one = make_request(phone="+13035550142", email="a@example.org")
    two = make_request(phone="+13035550142", email="b@example.org")
    make_request(phone="+12125550142", email="c@example.org")

    (likeness,) = possible_same_person(one)

    assert (likeness.request, likeness.reasons) == (two, ("same phone number",))
    assert CallbackRequest.objects.filter(state=State.NEW).count() == 3


def test_two_requests_without_phone_are_not_alike_for_that() -> None:
    one = make_request(phone="", email="a@example.org")
    make_request(phone="", email="b@example.org")

    assert possible_same_person(one) == []


# -- When it goes wrong -----------------------------------------------------------


def test_one_envelope_that_does_not_open_does_not_hold_up_the_others(caplog) -> None:
    bad, good = send(now=NOON), send(now=NOON + hours(1))
    row = Submission.objects.get(reference=bad.reference)
    with guards_down():
        Submission.objects.filter(pk=row.pk).update(envelope=bytes(row.envelope)[:-1] + b"\0")

    assert admit_pending(now=NOON + hours(1)) == 1

    row.refresh_from_db()
    assert row.refused_because == "EnvelopeTampered"
    assert row.admitted_at is None
    assert CallbackRequest.objects.get().reference == good.reference
    assert f"{bad.reference} cannot be admitted: EnvelopeTampered" in caplog.text


def test_what_was_refused_is_tried_again_later_and_not_at_once() -> None:
    send(now=NOON)
    row = Submission.objects.get()
    whole = bytes(row.envelope)
    with guards_down():
        Submission.objects.update(envelope=whole[:-1] + b"\0")
    admit_pending(now=NOON)
    with guards_down():
        Submission.objects.update(envelope=whole)

    assert admit_pending(now=NOON + timedelta(minutes=1)) == 0
    assert admit_pending(now=NOON + timedelta(minutes=11)) == 1
    assert Submission.objects.get().refused_because == ""


def test_without_keys_admission_stops_loudly_and_opens_nothing() -> None:
    send()
    for path in keys.folder().glob("intake-*.key"):
        path.unlink()

    with pytest.raises(keys.KeyMissing):
        admit_pending()

    assert not AuditEvent.objects.exists()


def test_a_worker_killed_in_the_middle_leaves_nothing_half_done(monkeypatch) -> None:
    send()

    def killed(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(admission, "queue_message", killed)
    with pytest.raises(KeyboardInterrupt):
        admit_pending()
    monkeypatch.undo()

    assert not CallbackRequest.objects.exists()
    assert not Consent.objects.exists()
    assert admit_pending() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_request_of_each_submission() -> None:
    for _ in range(10):
        send()

    results = all_at_once(4, lambda _: admit_pending())

    assert sum(results) == 10
    assert CallbackRequest.objects.count() == 10
    assert Message.objects.count() == 10


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_fold_two_versions_into_one_request() -> None:
    for _ in range(5):
        key = uuid4()
        send(key=key, phone="+13035550142", now=NOON)
        send(key=key, phone="+13035550143", now=NOON + hours(1))

    results = all_at_once(4, lambda _: admit_pending())

    assert sum(results) == 10, results
    assert CallbackRequest.objects.count() == 5
    assert all(r.submissions.count() == 2 for r in CallbackRequest.objects.all())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_that_both_find_no_request_yet_still_make_one(monkeypatch) -> None:
    key = uuid4()
    send(key=key, phone="+13035550142", now=NOON)
    send(key=key, phone="+13035550143", now=NOON + hours(1))
    versions = list(Submission.objects.order_by("pk"))
    gate, create = threading.Barrier(2), admission._create

    def create_together(*args: object) -> CallbackRequest:
        gate.wait(timeout=10)
        return create(*args)

    monkeypatch.setattr(admission, "_create", create_together)

    results = all_at_once(2, lambda n: admission._admit(versions[n], NOON))

    assert results == [True, True]
    request = CallbackRequest.objects.get()
    assert request.submissions.count() == 2
    assert request.has_correction
