"""What was deleted stays deleted: after a restore, and when a late spool file arrives."""

import json
import logging
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, transaction
from django.utils import timezone

from intake import spool, tombstones, worker
from intake.admission import admit_pending
from intake.holds import set_legal_hold
from intake.models import AuditEvent, CallbackRequest, Message, PurgeTombstone, Submission
from intake.retention import delete, purge, replay_tombstones
from tests.intake.making import NOON, hours, make_request, make_user, send
from tests.tampering import guards_down

pytestmark = pytest.mark.django_db(transaction=True)


def erase(request: CallbackRequest) -> None:
    with transaction.atomic():
        delete(request, action="erased")


def lines() -> list[dict[str, str]]:
    if not tombstones.path().exists():
        return []
    return [json.loads(line) for line in tombstones.path().read_text().splitlines()]


def as_restored() -> None:
    """The table as in a backup from before anything was deleted."""
    with guards_down():
        PurgeTombstone.objects.all().delete()


def bring_back(request: CallbackRequest) -> CallbackRequest:
    """The request and its form as they were in that backup."""
    key, at = request.submission_key, request.received_at
    send(key=key, now=at)
    admit_pending()
    return CallbackRequest.objects.get(submission_key=key)


def test_a_purge_leaves_a_tombstone_in_the_table_and_in_the_file() -> None:
    request = make_request(received_at=NOON, suspicion="links")

    purge(now=NOON + timedelta(days=31))

    stone = PurgeTombstone.objects.get()
    assert (stone.submission_key, stone.reference) == (request.submission_key, request.reference)
    assert stone.reason == "purged"
    assert lines() == [
        {
            "key": request.submission_key.hex,
            "reference": request.reference,
            "at": stone.at.isoformat(),
            "reason": "purged",
        }
    ]
    assert tombstones.path().stat().st_mode & 0o777 == 0o600


def test_a_deletion_that_was_rolled_back_leaves_no_tombstone_anywhere() -> None:
    request = make_request()

    with transaction.atomic():
        delete(request, action="erased")
        transaction.set_rollback(True)

    assert not PurgeTombstone.objects.exists()
    assert lines() == []
    assert replay_tombstones() == 0
    assert CallbackRequest.objects.count() == 1


def test_what_a_restored_backup_brings_back_is_deleted_again() -> None:
    request = make_request()
    other = make_request()
    erase(request)
    as_restored()
    bring_back(request)

    assert replay_tombstones() == 1

    assert list(CallbackRequest.objects.all()) == [other]
    assert Submission.objects.count() == 1
    assert AuditEvent.objects.filter(action="purged again", reference=request.reference).exists()


def test_a_second_replay_finds_nothing_to_do() -> None:
    request = make_request()
    erase(request)
    as_restored()
    bring_back(request)

    assert [replay_tombstones(), replay_tombstones()] == [1, 0]


def test_the_worker_replays_before_it_tells_anybody() -> None:
    request = make_request()
    Message.objects.all().delete()
    erase(request)
    as_restored()
    send(key=request.submission_key, now=request.received_at)

    worker.run_once()

    assert not CallbackRequest.objects.exists()
    assert not Message.objects.exists()


def test_a_late_spool_file_of_something_erased_is_deleted_within_the_hour(monkeypatch) -> None:
    key = uuid4()
    monkeypatch.setattr(spool, "insert", _refuse)
    send(key=key)
    monkeypatch.undo()
    (path,) = spool.folder().glob("*.json")
    late = path.read_bytes()
    spool.drain()
    admit_pending()
    erase(CallbackRequest.objects.get())
    path.write_bytes(late)

    worker.run_once(hourly=False)
    assert CallbackRequest.objects.count() == 1
    worker.run_once()

    assert not CallbackRequest.objects.exists()
    assert not Submission.objects.exists()


def test_the_same_form_sent_again_after_the_erasure_is_a_new_wish() -> None:
    request = make_request()
    erase(request)
    send(key=request.submission_key, comment="I changed my mind")
    admit_pending()

    assert replay_tombstones() == 0
    assert CallbackRequest.objects.get().reference == request.reference


def test_the_old_form_of_a_new_wish_goes_and_the_new_one_stays() -> None:
    request = make_request()
    erase(request)
    send(key=request.submission_key, comment="I changed my mind")
    admit_pending()
    send(key=request.submission_key, now=request.received_at)
    admit_pending()

    assert replay_tombstones() == 1
    assert CallbackRequest.objects.get().submissions.count() == 1


def test_a_form_that_another_request_keeps_is_no_stray() -> None:
    closed, other = make_request(), make_request()
    other.submissions.add(closed.submissions.get())
    erase(closed)

    assert replay_tombstones() == 0
    assert other.submissions.count() == 2


def test_what_is_on_legal_hold_is_left_and_reported(caplog) -> None:
    request = make_request()
    erase(request)
    as_restored()
    held = bring_back(request)
    set_legal_hold(request=held, user=make_user(), is_on_hold=True)

    assert replay_tombstones() == 0

    assert f"{request.reference} was purged before and is here again" in caplog.text
    assert Submission.objects.count() == 1


def test_a_tombstone_that_the_file_missed_in_a_crash_is_added(monkeypatch, caplog) -> None:
    def full(_: object) -> None:
        raise OSError("no space")

    with monkeypatch.context() as patch:
        patch.setattr(tombstones, "append", full)
        erase(make_request())
    assert "is behind" in caplog.text
    assert lines() == []

    replay_tombstones()

    assert len(lines()) == 1


def test_a_line_torn_by_a_power_cut_is_reported_and_spoils_nothing_after_it(caplog) -> None:
    tombstones.path().write_text('{"key": "12')
    erase(make_request())

    caplog.set_level(logging.ERROR)
    found = tombstones.read(tombstones.path())

    assert len(found) == 1
    assert "line 1 of" in caplog.text


def test_requests_that_were_merged_go_in_an_order_the_database_allows() -> None:
    first, second = make_request(), make_request()
    user = make_user()
    CallbackRequest.objects.filter(pk=first.pk).update(
        state="merged", outcome="merged", merged_into=second, closed_at=NOON, closed_by=user
    )
    stones = {one.submission_key: one.reference for one in (first, second)}
    with transaction.atomic():
        tombstones.lay(keys=stones, at=timezone.now(), reason="erased")

    assert replay_tombstones() == 2
    assert not CallbackRequest.objects.exists()


def test_a_tombstone_covers_a_form_from_a_clock_that_was_ahead() -> None:
    request = make_request(received_at=timezone.now() + hours(1))
    erase(request)
    as_restored()
    bring_back(request)

    assert replay_tombstones() == 1


# -- Legal hold -------------------------------------------------------------------


def test_a_hold_covers_everything_merged_with_the_request_and_can_be_lifted() -> None:
    first, second = make_request(), make_request()
    user = make_user()
    CallbackRequest.objects.filter(pk=first.pk).update(
        state="merged", outcome="merged", merged_into=second, closed_at=NOON, closed_by=user
    )

    call_command("legal_hold", second.reference, by="dana")
    assert CallbackRequest.objects.filter(is_on_legal_hold=True).count() == 2
    assert AuditEvent.objects.filter(action="held", actor=user).count() == 2

    call_command("legal_hold", first.reference, by="dana", lift=True)
    assert not CallbackRequest.objects.filter(is_on_legal_hold=True).exists()


def test_a_hold_on_nothing_is_refused() -> None:
    make_user()

    with pytest.raises(CommandError, match="no request"):
        call_command("legal_hold", "AAAAA-AAAAA", by="dana")


# -- Orphans ----------------------------------------------------------------------


def test_a_house_in_order_has_no_orphans(capsys) -> None:
    make_request()
    send()
    erase(make_request())

    call_command("check_intake", orphans=True)

    assert "Everything belongs to something" in capsys.readouterr().out


def test_an_admitted_form_without_a_request_is_found() -> None:
    request = make_request()
    request.submissions.clear()

    with pytest.raises(CommandError) as caught:
        call_command("check_intake", orphans=True)

    assert f"admitted forms belong to no request: {request.reference}" in str(caught.value)
    assert f"requests have no form: {request.reference}" in str(caught.value)


def test_a_purged_request_that_is_here_again_is_found() -> None:
    request = make_request()
    erase(request)
    bring_back(request)

    with pytest.raises(CommandError, match="purged before and are here again"):
        call_command("check_intake", orphans=True)


def test_tombstones_missing_from_the_file_are_found() -> None:
    erase(make_request())
    tombstones.path().unlink()

    with pytest.raises(CommandError, match="1 tombstones are only in the table"):
        call_command("check_intake", orphans=True)


def _refuse(*args: object, **kwargs: object) -> None:
    raise OperationalError("away")
