"""A form that was confirmed is stored, once, whatever the database does."""

import json
import time
from uuid import uuid4

import pytest
from django.db import DatabaseError, OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext

from intake import keys, spool, submit, writer
from intake.admission import admit_pending
from intake.models import CallbackRequest, Submission
from intake.submit import CannotAccept
from tests.intake.making import NOON, all_at_once, locked_database, make_content, send


@pytest.mark.django_db
def test_a_form_is_stored_sealed_with_its_reference() -> None:
    accepted = send(name="Zephyrine", now=NOON)

    row = Submission.objects.get()
    assert (row.reference, row.received_at) == (accepted.reference, NOON)
    assert accepted.received_at == NOON
    assert b"Zephyrine" not in bytes(row.envelope)


@pytest.mark.django_db
def test_the_same_form_again_gives_the_same_reference_and_no_second_row() -> None:
    key = uuid4()

    first, second = send(key=key), send(key=key)

    assert first.reference == second.reference
    assert Submission.objects.count() == 1


@pytest.mark.django_db
def test_a_corrected_form_keeps_its_reference_and_both_versions() -> None:
    key = uuid4()

    first = send(key=key, phone="+13035550142")
    second = send(key=key, phone="+13035550143")

    assert first.reference == second.reference
    assert Submission.objects.count() == 2


@pytest.mark.django_db
def test_two_people_with_the_same_answers_are_two_submissions() -> None:
    assert send().reference != send().reference
    assert Submission.objects.count() == 2


def test_the_same_answers_of_two_people_have_different_hashes() -> None:
    one, other = uuid4(), uuid4()

    assert submit.content_mac(one, make_content()) != submit.content_mac(other, make_content())


@pytest.mark.django_db
def test_the_hash_of_the_content_tells_nothing_without_the_secret(settings) -> None:
    key = uuid4()
    before = submit.content_mac(key, make_content())

    settings.SECRET_KEY = "another secret"

    assert submit.content_mac(key, make_content()) != before


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["comment", "access_needs"])
def test_wording_of_danger_is_noticed_and_refuses_nothing(field: str) -> None:
    accepted = send(**{field: "I want to die"})

    assert accepted.has_crisis_wording
    assert Submission.objects.count() == 1


@pytest.mark.django_db
def test_it_asks_the_database_nothing_but_to_insert() -> None:
    with CaptureQueriesContext(connection) as queries:
        send()

    (only,) = [query["sql"] for query in queries]
    assert "INSERT INTO" in only
    assert "RETURNING" not in only


@pytest.mark.django_db(transaction=True)
def test_fifty_posts_of_one_form_at_once_are_one_row_and_one_reference() -> None:
    key = uuid4()

    results = all_at_once(50, lambda _: send(key=key))

    assert {accepted.reference for accepted in results} == {results[0].reference}
    while spool.depth():
        spool.drain()
    assert Submission.objects.count() == 1
    assert admit_pending() == 1
    assert CallbackRequest.objects.count() == 1


def _refuse(*args: object, **kwargs: object) -> None:
    raise OperationalError("database is locked")


@pytest.mark.django_db
def test_when_the_database_refuses_the_form_goes_to_the_spool(monkeypatch) -> None:
    key = uuid4()
    monkeypatch.setattr(spool, "insert", _refuse)

    accepted = send(key=key, name="Zephyrine")

    assert Submission.objects.count() == 0
    (path,) = spool.folder().glob("*.json")
    assert b"Zephyrine" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    monkeypatch.undo()
    assert spool.drain() == 1
    assert Submission.objects.get().reference == accepted.reference
    assert spool.depth() == 0


@pytest.mark.django_db
def test_a_form_in_spool_and_database_is_admitted_once(monkeypatch) -> None:
    key = uuid4()
    send(key=key)
    monkeypatch.setattr(spool, "insert", _refuse)
    send(key=key)
    monkeypatch.undo()

    spool.drain()
    admit_pending()

    assert Submission.objects.count() == 1
    assert CallbackRequest.objects.count() == 1


@pytest.mark.django_db
def test_a_retry_while_the_database_is_away_does_not_grow_the_spool(monkeypatch) -> None:
    key = uuid4()
    monkeypatch.setattr(spool, "insert", _refuse)

    send(key=key)
    send(key=key)

    assert spool.depth() == 1


@pytest.mark.django_db
def test_a_worker_killed_between_row_and_file_leaves_one_row(monkeypatch) -> None:
    monkeypatch.setattr(spool, "insert", _refuse)
    send()
    monkeypatch.undo()
    (path,) = spool.folder().glob("*.json")
    kept = path.read_bytes()
    spool.drain()
    path.write_bytes(kept)

    spool.drain()

    assert Submission.objects.count() == 1
    assert spool.depth() == 0


@pytest.mark.django_db
def test_a_damaged_spool_file_is_set_aside_and_the_others_go_on(monkeypatch, caplog) -> None:
    monkeypatch.setattr(spool, "insert", _refuse)
    send()
    monkeypatch.undo()
    (spool.folder() / "0000.json").write_text('{"half": ')

    assert spool.drain() == 1
    assert "0000.json is damaged" in caplog.text
    assert spool.depth() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"reference": "R" * 11}, {"content_mac": None}])
def test_a_spool_file_that_no_table_would_take_does_not_hold_up_the_others(
    monkeypatch, change
) -> None:
    monkeypatch.setattr(spool, "insert", _refuse)
    send()
    monkeypatch.undo()
    (path,) = spool.folder().glob("*.json")
    (spool.folder() / "0000.json").write_text(json.dumps(json.loads(path.read_text()) | change))

    assert spool.drain() == 1
    assert Submission.objects.count() == 1
    assert [path.name for path in spool.folder().iterdir()] == ["0000.damaged"]


@pytest.mark.django_db
def test_a_spool_that_is_new_is_on_disk_with_its_first_file(monkeypatch) -> None:
    synced = []
    monkeypatch.setattr(spool, "insert", _refuse)
    monkeypatch.setattr(spool, "_sync_folder", synced.append)

    send()
    send()

    assert synced == [spool.folder().parent, spool.folder(), spool.folder()]


@pytest.mark.django_db
def test_if_neither_takes_it_there_is_an_error_and_no_reference(monkeypatch) -> None:
    monkeypatch.setattr(spool, "insert", _refuse)
    monkeypatch.setattr(spool, "write", lambda _: (_ for _ in ()).throw(OSError("disk full")))

    with pytest.raises(CannotAccept):
        send()


@pytest.mark.django_db
def test_a_full_spool_turns_away_and_says_so(monkeypatch, caplog) -> None:
    monkeypatch.setattr(spool, "insert", _refuse)
    monkeypatch.setattr(spool, "MAX_FILES", 2)
    monkeypatch.setattr(spool, "ALARM_AT", 1)
    send()
    send()

    with pytest.raises(CannotAccept):
        send()

    assert "the spool is filling up: 1 of 2" in caplog.text
    assert "the spool is full" in caplog.text
    assert spool.depth() == 2


@pytest.mark.django_db
def test_a_spool_write_that_fails_leaves_no_half_file(monkeypatch) -> None:
    monkeypatch.setattr(spool, "insert", _refuse)

    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("intake.spool.os.fsync", full)

    with pytest.raises(CannotAccept):
        send()

    assert list(spool.folder().iterdir()) == []


@pytest.mark.django_db
def test_without_a_public_key_nothing_is_accepted(caplog) -> None:
    (keys.folder() / "intake.pub").unlink()

    with pytest.raises(CannotAccept):
        send()

    assert "intake.pub is missing" in caplog.text


@pytest.mark.django_db
def test_a_bug_of_ours_is_not_mistaken_for_an_absent_database(monkeypatch) -> None:
    monkeypatch.setattr(
        spool, "insert", lambda *_, **__: (_ for _ in ()).throw(ValueError("a bug"))
    )

    with pytest.raises(ValueError, match="a bug"):
        send()


@pytest.mark.django_db(transaction=True)
def test_a_locked_database_does_not_keep_the_visitor_waiting(monkeypatch) -> None:
    monkeypatch.setattr(writer, "DATABASE_PATIENCE", 300)

    with locked_database():
        began = time.monotonic()
        send()
        waited = time.monotonic() - began

    assert 0.2 < waited < 3
    assert spool.depth() == 1
    assert spool.drain() == 1
    assert Submission.objects.count() == 1


@pytest.mark.sqlite_only  # PostgreSQL keeps the setting inside the transaction
@pytest.mark.django_db(transaction=True)
def test_after_a_lock_the_connection_waits_as_patiently_as_before() -> None:
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA busy_timeout").fetchone()

    send()

    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == before


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_gone_is_no_reason_to_turn_anybody_away(settings, tmp_path) -> None:
    default = connections["default"]
    default.close()
    usual = dict(default.settings_dict)
    if default.vendor == "postgresql":
        default.settings_dict |= {"PORT": "1"}
    else:
        default.settings_dict |= {"NAME": str(tmp_path / "no such folder" / "db.sqlite3")}
    try:
        send()
    finally:
        default.close()
        default.settings_dict.clear()
        default.settings_dict.update(usual)

    assert spool.depth() == 1
    spool.drain()
    assert admit_pending() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_role_that_may_only_insert_submissions_can_accept() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS intake_test_public")
        cursor.execute("CREATE ROLE intake_test_public")
        cursor.execute("GRANT INSERT ON intake_submission TO intake_test_public")
        cursor.execute("SET ROLE intake_test_public")
    try:
        key = uuid4()
        send(key=key)
        send(key=key)

        assert spool.depth() == 0
        with pytest.raises(DatabaseError):
            Submission.objects.count()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("REVOKE ALL ON intake_submission FROM intake_test_public")
            cursor.execute("DROP ROLE intake_test_public")
    assert Submission.objects.count() == 1
