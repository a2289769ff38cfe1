"""What a visitor wrote is sealed; every way of breaking that is loud."""

from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from intake import envelope, keys
from intake.envelope import EnvelopeMoved, EnvelopeTampered, KeyMissing, WrongKey
from intake.models import AuditEvent, Note, Submission
from intake.submit import content_mac
from tests.intake.making import make_content, make_request, make_user, send
from tests.tampering import guards_down

pytestmark = pytest.mark.django_db


def make_submission(reference: str = "R4TXNW7KQC", **changes: object) -> Submission:
    content = make_content(**changes)
    key = uuid4()
    return Submission(
        submission_key=key,
        content_mac=content_mac(key, content),
        reference=reference,
        envelope=envelope.seal(content, reference=reference),
    )


def test_what_was_sealed_comes_out_again() -> None:
    submission = make_submission(comment="¿Puede llamar después? 🌧 \ud800")

    content = envelope.open_submission(submission, actor=None, purpose="test")

    assert content == make_content(comment="¿Puede llamar después? 🌧 \ud800")


def test_nothing_of_it_shows_outside() -> None:
    sealed = make_submission(name="Zephyrine").envelope

    assert b"Zephyrine" not in sealed
    assert sealed != make_submission(name="Zephyrine").envelope


def test_a_short_and_a_long_comment_have_the_same_length() -> None:
    short, long = make_submission(comment=""), make_submission(comment="x" * 300)

    assert len(short.envelope) == len(long.envelope)


def test_only_what_is_on_record_can_be_read_together() -> None:
    one, other = make_request(), make_request()
    opening = envelope.open_together(one.submissions.all(), [], actor=make_user(), purpose="sheet")

    assert opening.submission(one.submissions.get())["name"] == "Ana"
    with pytest.raises(KeyError):
        opening.submission(other.submissions.get())


def test_an_opening_is_on_record_with_who_and_why() -> None:
    dana = make_user()
    submission = make_submission()

    envelope.open_submission(submission, actor=dana, purpose="sheet")

    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.reference) == ("opened", dana, "R4TXNW7KQC")
    assert event.detail["purpose"] == "sheet"


def test_an_opening_that_fails_is_on_record_too() -> None:
    submission = make_submission()
    submission.envelope = submission.envelope[:-1] + b"\0"

    with pytest.raises(EnvelopeTampered):
        envelope.open_submission(submission, actor=None, purpose="sheet")

    assert AuditEvent.objects.filter(action="opened").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_opening_inside_a_transaction_is_refused_since_its_record_could_vanish() -> None:
    from django.db import transaction

    submission = make_submission()

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        envelope.open_submission(submission, actor=None, purpose="sheet")


def test_any_changed_byte_is_noticed() -> None:
    sealed = make_submission().envelope

    for position in (len(envelope.MAGIC) + keys.ID_BYTES, len(sealed) // 2, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[position] ^= 1
        broken = make_submission()
        broken.envelope = bytes(changed)
        with pytest.raises(EnvelopeTampered):
            envelope.open_submission(broken, actor=None, purpose="test")


@pytest.mark.parametrize("junk", [b"", b"KQ", b"plain text that nobody sealed"])
def test_bytes_that_are_no_envelope_are_refused(junk: bytes) -> None:
    submission = make_submission()
    submission.envelope = junk

    with pytest.raises(EnvelopeTampered, match="not an envelope"):
        envelope.open_submission(submission, actor=None, purpose="test")


def test_an_envelope_moved_to_another_request_is_noticed() -> None:
    one, other = make_submission("AAAAAAAAAA"), make_submission("BBBBBBBBBB")
    one.envelope = other.envelope

    with pytest.raises(EnvelopeMoved):
        envelope.open_submission(one, actor=None, purpose="test")


def test_a_note_moved_to_a_submission_is_noticed() -> None:
    submission = make_submission()
    submission.envelope = envelope.seal_note("a note", reference=submission.reference)

    with pytest.raises(EnvelopeMoved):
        envelope.open_submission(submission, actor=None, purpose="test")


def test_a_note_is_sealed_and_audited_in_the_same_way(db: None) -> None:
    dana, request = make_user(), make_request()
    note = Note.objects.create(
        request=request,
        at=request.received_at,
        by=dana,
        envelope=envelope.seal_note("speaks slowly", reference=request.reference),
    )

    assert envelope.open_note(note, actor=dana, purpose="sheet") == "speaks slowly"
    assert AuditEvent.objects.filter(action="opened", actor=dana).count() == 1


def test_without_the_public_key_nothing_can_be_sealed_and_the_error_says_what_to_do(
    settings,
) -> None:
    (keys.folder() / "intake.pub").unlink()

    with pytest.raises(KeyMissing, match=r"intake\.pub is missing.*intake_keys --create"):
        envelope.seal({}, reference="R4TXNW7KQC")


def test_without_any_private_key_nothing_opens() -> None:
    submission = make_submission()
    for path in keys.folder().glob("intake-*.key"):
        path.unlink()

    with pytest.raises(KeyMissing, match="no private key"):
        envelope.open_submission(submission, actor=None, purpose="test")


def test_the_wrong_private_key_is_named() -> None:
    submission = make_submission()
    wanted = envelope.sealed_to(submission.envelope)
    for path in keys.folder().glob("intake-*.key"):
        path.unlink()
    keys.add_pair()

    with pytest.raises(WrongKey, match=f"needs intake-{wanted}.key"):
        envelope.open_submission(submission, actor=None, purpose="test")


def test_swapped_key_files_are_noticed() -> None:
    submission = make_submission()
    keys.add_pair()
    one, other = sorted(keys.folder().glob("intake-*.key"))
    text = one.read_text()
    one.write_text(other.read_text())
    other.write_text(text)

    with pytest.raises(WrongKey, match="was it swapped"):
        envelope.open_submission(submission, actor=None, purpose="test")


@pytest.mark.parametrize("content", ["", "zz", "00" * 31, "not hexadecimal at all"])
def test_a_damaged_key_file_is_named(content: str) -> None:
    (keys.folder() / "intake.pub").write_text(content)

    with pytest.raises(WrongKey, match=r"intake\.pub is not a key"):
        envelope.seal({}, reference="R4TXNW7KQC")


def test_after_a_new_key_old_and_new_envelopes_open() -> None:
    old = make_submission()
    keys.add_pair()
    new = make_submission()

    assert envelope.sealed_to(old.envelope) != envelope.sealed_to(new.envelope)
    assert envelope.open_submission(old, actor=None, purpose="test")["name"] == "Ana"
    assert envelope.open_submission(new, actor=None, purpose="test")["name"] == "Ana"


def test_keys_are_made_once_and_only_for_their_owner(settings, tmp_path, capsys) -> None:
    settings.KEYS_DIR = tmp_path / "fresh"

    call_command("intake_keys", create=True)
    first = {p.name: p.read_bytes() for p in keys.folder().iterdir()}
    call_command("intake_keys", create=True)

    assert {p.name: p.read_bytes() for p in keys.folder().iterdir()} == first
    assert len(first) == 3
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in keys.folder().iterdir())
    assert keys.folder().stat().st_mode & 0o777 == 0o700
    call_command("intake_keys", check=True)
    assert "in order" in capsys.readouterr().out


def test_a_lost_private_key_is_not_papered_over_with_a_new_one() -> None:
    for path in keys.folder().glob("intake-*.key"):
        path.unlink()

    with pytest.raises(CommandError, match="restore it from the backup"):
        call_command("intake_keys", create=True)


def test_a_lost_public_key_is_not_papered_over_either() -> None:
    (keys.folder() / "intake.pub").unlink()

    with pytest.raises(CommandError, match="restore it from the backup"):
        call_command("intake_keys", create=True)


def test_the_check_names_each_problem() -> None:
    (keys.folder() / "index.key").unlink()
    private = next(keys.folder().glob("intake-*.key"))
    private.chmod(0o644)

    with pytest.raises(CommandError) as found:
        call_command("intake_keys", check=True)

    assert "index.key is missing" in str(found.value)
    assert f"chmod 600 {private}" in str(found.value)


def test_the_check_notices_a_public_key_of_somebody_else(settings, tmp_path) -> None:
    mine = settings.KEYS_DIR
    settings.KEYS_DIR = tmp_path / "other"
    keys.create()
    (mine / "intake.pub").write_text((settings.KEYS_DIR / "intake.pub").read_text())
    settings.KEYS_DIR = mine

    with pytest.raises(CommandError, match="private key is not here"):
        call_command("intake_keys", check=True)


def test_a_public_node_needs_only_the_public_key_and_makes_none(settings, tmp_path) -> None:
    settings.ROLE = "public"
    for path in keys.folder().glob("*.key"):
        path.unlink()

    call_command("intake_keys", check=True)
    call_command("intake_keys", create=True)

    assert [path.name for path in keys.folder().iterdir()] == ["intake.pub"]


def test_a_private_key_on_a_public_node_is_a_problem(settings) -> None:
    settings.ROLE = "public"

    with pytest.raises(CommandError, match="remove it from there"):
        call_command("intake_keys", check=True)


def test_rotation_seals_everything_anew(capsys) -> None:
    dana, request = make_user(), make_request(name="Zephyrine")
    note = Note.objects.create(
        request=request,
        at=request.received_at,
        by=dana,
        envelope=envelope.seal_note("a note", reference=request.reference),
    )
    old = next(keys.folder().glob("intake-*.key"))

    call_command("rotate_keys", new_key=True)
    old.unlink()

    submission = Submission.objects.get()
    note.refresh_from_db()
    assert envelope.open_submission(submission, actor=None, purpose="test")["name"] == "Zephyrine"
    assert envelope.open_note(note, actor=None, purpose="test") == "a note"
    assert f"needs {old.name} any more" in capsys.readouterr().out


def test_rotation_goes_on_where_it_was_stopped(monkeypatch) -> None:
    for _ in range(5):
        send()
    from intake import rotation

    whole = rotation.reseal
    calls = []

    def dies(*args, **kwargs):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return whole(*args, **kwargs)

    monkeypatch.setattr(rotation, "reseal", dies)
    with pytest.raises(KeyboardInterrupt):
        call_command("rotate_keys", new_key=True, batch=2)
    monkeypatch.undo()
    current = keys.key_id(keys.public_key())
    sealed = [envelope.sealed_to(bytes(s.envelope)) for s in Submission.objects.all()]
    assert sealed.count(current) == 2

    call_command("rotate_keys", batch=2)

    assert {envelope.sealed_to(bytes(s.envelope)) for s in Submission.objects.all()} == {current}
    assert keys.key_id(keys.public_key()) == current


def test_rotation_leaves_what_it_cannot_open_and_names_it() -> None:
    good, bad = send(), send()
    row = Submission.objects.get(reference=bad.reference)
    junk = bytes(row.envelope)[:-1] + b"\0"
    with guards_down():
        Submission.objects.filter(pk=row.pk).update(envelope=junk)

    with pytest.raises(CommandError, match=bad.reference):
        call_command("rotate_keys", new_key=True)

    row.refresh_from_db()
    assert bytes(row.envelope) == junk
    kept = Submission.objects.get(reference=good.reference)
    assert envelope.sealed_to(bytes(kept.envelope)) == keys.key_id(keys.public_key())
