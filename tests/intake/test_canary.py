"""Marked values go through everything, and then everything is searched for them."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import OperationalError, connection
from pytest_django import Settings

from intake import queue, spool, worker
from intake.admission import admit_pending
from intake.envelope import EnvelopeTampered, open_submission
from intake.models import CallbackRequest, Message, Submission
from intake.submit import CannotAccept
from tests.intake.making import make_user, send
from tests.tampering import guards_down

MARKS = {
    "name": "Zephyrine Quuxly",
    "phone": "+13035550177",
    "phone_extension": "987610543",
    "phone_as_typed": "(303) 555-0177 x987610543",
    "language": "Klingonese",
    "access_needs": "Semaphore only",
    "comment": "Kumquat marmalade I want to die",
}
EMAIL = "zephyrine@quuxly.example"
NOTE = "Persimmon jam"

# Also what a careless normalisation would leave behind.
SEARCHED = [
    "Zephyrine",
    "zephyrine",
    "Quuxly",
    "3035550177",
    "555-0177",
    "987610543",
    "Klingonese",
    "Semaphore",
    "Kumquat",
    "want to die",
    "Persimmon",
]


def everything_in_the_database() -> bytes:
    """All bytes of the SQLite file and its log, or all rows of all tables."""
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        return b"".join(path.read_bytes() for path in Path(name).parent.glob(Path(name).name + "*"))
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                found += [
                    bytes(v) if isinstance(v, memoryview | bytes) else str(v).encode() for v in row
                ]
    return b"\n".join(found)


def test_every_marked_value_is_searched_for() -> None:
    for value in [*MARKS.values(), NOTE, EMAIL]:
        assert any(word in value for word in SEARCHED), value


@pytest.mark.django_db(transaction=True)
def test_marked_values_are_nowhere_but_in_sealed_envelopes(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch, capsys
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="django")
    caplog.set_level(logging.DEBUG, logger="django.db.backends")
    settings.DEBUG = True  # so that every statement is logged with its values
    dana, boss = make_user(), make_user("boss")
    errors: list[str] = []

    def keep(error: BaseException) -> None:
        errors.append("".join(traceback.format_exception(error)))

    # The ordinary way, a correction, a spooled form, a form that nothing could take.
    first = send(**MARKS, email=EMAIL, email_receipt=True, voicemail=True)
    worker.run_once()
    request = CallbackRequest.objects.get()
    send(key=request.submission_key, **(MARKS | {"window": "morning"}), email=EMAIL)
    with monkeypatch.context() as patch:
        patch.setattr(spool, "insert", _fail)
        send(**MARKS, email=EMAIL)
        spooled = b"".join(p.read_bytes() for p in spool.folder().iterdir())
        patch.setattr(spool, "write", _full)
        try:
            send(**MARKS, email=EMAIL)
        except CannotAccept as error:
            keep(error)
    worker.run_once()

    # The desk: opened, claimed, refused, tried, noted, closed, reopened.
    open_submission(request.submissions.first(), actor=dana, purpose="sheet")
    queue.claim(request_id=request.pk, user=dana)
    for wrong in (
        lambda: queue.claim(request_id=request.pk, user=boss),
        lambda: queue.record_attempt(request_id=request.pk, user=dana, outcome="call_later"),
        lambda: queue.record_attempt(
            request_id=request.pk, user=dana, outcome="booked", expected_version=1
        ),
    ):
        try:
            wrong()
        except (queue.NotYours, queue.NotAllowed, queue.Stale) as error:
            keep(error)
    queue.record_attempt(request_id=request.pk, user=dana, outcome="declined", note=NOTE)
    queue.reopen(request_id=request.pk, user=boss, reason=NOTE)

    # What breaks, breaks without telling.
    row = Submission.objects.filter(reference=first.reference).earliest("pk")
    row.envelope = bytes(row.envelope)[:-1] + b"\0"
    try:
        open_submission(row, actor=dana, purpose="sheet")
    except EnvelopeTampered as error:
        keep(error)
    broken = send(**MARKS, email=EMAIL)
    with guards_down():
        Submission.objects.filter(reference=broken.reference).update(envelope=bytes(row.envelope))
    admit_pending()
    worker.run_once()
    for command in ("list_requests", "verify_audit"):
        call_command(command)

    printed = [
        str(thing) + repr(thing)
        for model in apps.get_app_config("intake").get_models()
        for thing in model.objects.all()
    ]
    letters = [path.read_text() for path in sorted((tmp_path / "mail").iterdir())]
    receipts = [text for text in letters if f"To: {EMAIL}" in text]
    assert len(receipts) == 1
    assert Message.objects.filter(kind="receipt", sent_at__isnull=False).count() == 1
    searched = {
        "database": everything_in_the_database(),
        "spool": spooled,
        "log": caplog.text.encode(),
        "mail": "\n".join(letters).replace(f"To: {EMAIL}", "To: the visitor").encode(),
        "errors": "\n".join(errors).encode(),
        "printed": "\n".join(printed).encode() + capsys.readouterr().out.encode(),
    }
    assert len(errors) == 5
    assert b"INSERT INTO" in searched["log"]
    assert all(searched.values())
    for place, content in searched.items():
        for word in SEARCHED:
            assert word.encode() not in content, f"{word!r} is in the {place}"
    assert b"quuxly" not in searched["database"].lower()


def _fail(_: object, **__: int) -> None:
    raise OperationalError("INSERT failed for Zephyrine")


def _full(_: object) -> None:
    raise OSError("no space left")
