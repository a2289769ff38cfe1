"""``manage.py check_intake``: a request of nobody through the whole path, and no trace of it."""

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError
from django.utils import timezone

from intake import checking, keys, spool, worker
from intake.admission import admit_pending
from intake.models import (
    AuditEvent,
    CallbackRequest,
    Consent,
    Heartbeat,
    Message,
    PurgeTombstone,
    Submission,
)
from intake.queue import waiting
from intake.status import status
from tests.intake.making import hours, make_request, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker_runs() -> None:
    Heartbeat.objects.create(worker="one", at=timezone.now())


def test_it_says_that_everything_works_and_leaves_nothing(worker_runs, capsys) -> None:
    real = make_request()
    Message.objects.all().delete()

    call_command("check_intake")

    assert "The intake works" in capsys.readouterr().out
    assert list(CallbackRequest.objects.all()) == [real]
    assert Submission.objects.count() == 1
    assert Consent.objects.exclude(request=real).count() == 0
    assert not Message.objects.exists()
    assert not PurgeTombstone.objects.exists()
    assert spool.depth() == 0
    worker.run_once()
    assert mail.outbox == []
    assert AuditEvent.objects.filter(action="checked").count() == 1


def test_while_it_runs_no_worker_admits_it_and_no_count_has_it() -> None:
    send(is_check=True)

    assert admit_pending() == 0

    assert not CallbackRequest.objects.exists()
    assert waiting() == []
    assert status().unadmitted == 0


def test_the_request_never_exists_outside_of_one_transaction(worker_runs, monkeypatch) -> None:
    seen = []
    real_delete = checking.delete

    def look(request: CallbackRequest, *, action: str) -> None:
        from django.db import connection

        seen.append((connection.in_atomic_block, waiting()[0].request == request))
        real_delete(request, action=action)

    monkeypatch.setattr(checking, "delete", look)

    call_command("check_intake")

    assert seen == [(True, True)]


def test_what_a_killed_check_left_is_cleared_by_the_next(worker_runs) -> None:
    send(is_check=True, now=timezone.now() - hours(1))

    call_command("check_intake")

    assert not Submission.objects.exists()


def test_no_worker_is_said(capsys) -> None:
    with pytest.raises(CommandError, match="no worker has finished a round"):
        call_command("check_intake")

    assert not Submission.objects.exists()


def test_a_form_that_only_the_spool_took_is_said_and_taken_out_of_it(monkeypatch) -> None:
    def refuse(_: object, **__: int) -> None:
        raise OperationalError("locked")

    monkeypatch.setattr(spool, "insert", refuse)

    with pytest.raises(CommandError, match="went to the spool"):
        call_command("check_intake")

    assert spool.depth() == 0


def test_a_missing_private_key_is_said() -> None:
    for path in keys.folder().glob("intake-*.key"):
        path.unlink()

    with pytest.raises(CommandError, match="does not open: no private key"):
        call_command("check_intake")


def test_a_missing_public_key_is_said() -> None:
    (keys.folder() / "intake.pub").unlink()

    with pytest.raises(CommandError, match="No form can be accepted"):
        call_command("check_intake")


def test_a_list_that_does_not_show_it_is_said(monkeypatch) -> None:
    monkeypatch.setattr(checking, "waiting", lambda now: [])

    with pytest.raises(CommandError, match="not on the list"):
        call_command("check_intake")

    assert not CallbackRequest.objects.exists()


def test_a_database_that_is_away_is_said_without_its_message(monkeypatch) -> None:
    def away(*args: object, **kwargs: object) -> None:
        raise DatabaseError("secret-host")

    monkeypatch.setattr(checking, "_clear", away)

    with pytest.raises(CommandError) as caught:
        call_command("check_intake")

    assert "The database failed (DatabaseError)" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_public_node_does_not_check_what_it_may_not_read(settings) -> None:
    settings.ROLE = "public"

    with pytest.raises(CommandError, match="staff side"):
        call_command("check_intake")
