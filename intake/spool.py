"""Where a sealed submission waits when the database cannot take it.

One file each in ``VAR_DIR/spool``: written aside, synced, renamed, and the folder synced, so
that a confirmed request survives a power cut. A retry of the same form overwrites its own file.
The folder is capped, and says so in the log well before it is full.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import BooleanField, CharField

from intake.models import Submission
from intake.pace import unhurried

MAX_FILES: Final = 10_000  # about 40 MB; a clinic's form brings that in years
ALARM_AT: Final = 8_000

_COLUMNS: Final = [f for f in Submission._meta.concrete_fields if not f.primary_key]
# Each with whether every database takes its values as they are.
_FIELDS: Final = [(field, isinstance(field, CharField | BooleanField)) for field in _COLUMNS]
_INTO: Final = "INSERT INTO {} ({}) VALUES ".format(  # noqa: S608  names of our own
    Submission._meta.db_table, ", ".join(str(field.column) for field in _COLUMNS)
)
_ROW: Final = f"({', '.join(['%s'] * len(_COLUMNS))})"

log = logging.getLogger(__name__)


class SpoolFull(OSError):
    """The folder has reached its cap."""


def folder() -> Path:
    return Path(settings.VAR_DIR) / "spool"


def write(submission: Submission) -> Path:
    """Keep an unsaved submission; it is safe when this returns. Raises :exc:`OSError`."""
    place = folder()
    if not place.is_dir():
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_folder(place.parent)  # or a power cut takes the new folder with what is in it
    _check_room()
    path = place / f"{submission.submission_key}-{submission.content_mac[:16]}.json"
    temporary = place / f".{path.stem}-{secrets.token_hex(4)}"
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
            f.write(_to_json(submission))
            f.flush()
            os.fsync(f.fileno())
        temporary.replace(path)
        _sync_folder(place)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return path


def drain(*, paced: bool = False) -> int:
    """Move what waits into the database and return how many files; safe from several workers.

    A file goes only after its row is committed. A form that reached the database before stays
    one row. A damaged file is set aside and reported. With ``paced``, so that visitors find room
    (:mod:`intake.pace`). Raises :exc:`django.db.Error`.
    """
    moved = 0
    for path in unhurried(_waiting()) if paced else _waiting():
        try:
            submission = _from_json(path.read_bytes())
            submission.clean_fields()  # what no table would take must not hold up the others
        except FileNotFoundError:
            continue  # another worker took it
        except (ValueError, KeyError, TypeError, ValidationError):
            log.error("the spool file %s is damaged and was set aside", path.name)
            path.replace(path.with_suffix(".damaged"))
            continue
        insert(submission)
        path.unlink(missing_ok=True)
        moved += 1
    return moved


def insert(*submissions: Submission, patience: int = 0) -> None:
    """All or none; a form that is there changes nothing. Needs no right to read the table.

    ``patience`` is how long to wait for a lock, in milliseconds; 0 as long as usual.

    One statement, which is a transaction by itself: to begin and to end one would be four more
    journeys to PostgreSQL. The model's own way, ``bulk_create``, composes its SQL anew each time.
    """
    statement = _INTO + ", ".join([_ROW] * len(submissions)) + " ON CONFLICT DO NOTHING"
    values = [
        value if is_plain else field.get_db_prep_save(value, connection)
        for one in submissions
        for field, is_plain in _FIELDS
        for value in [getattr(one, field.attname)]
    ]
    shortened: AbstractContextManager[None] = nullcontext()
    if patience and connection.vendor == "postgresql":
        # Sent together, they share a transaction, and the limits end with it.
        statement = (
            f"SET LOCAL lock_timeout = {patience};"
            f"SET LOCAL statement_timeout = {patience + 1000};{statement}"
        )
    elif patience:
        shortened = _busy_timeout(patience)
    with connection.cursor() as cursor, shortened:
        cursor.execute(statement, values)


@contextmanager
def _busy_timeout(milliseconds: int) -> Iterator[None]:
    """How long SQLite waits for a lock, for the statements inside."""
    line: Any = connection.connection
    (usual,) = line.execute("PRAGMA busy_timeout").fetchone()
    line.execute(f"PRAGMA busy_timeout = {milliseconds}")
    try:
        yield
    finally:
        line.execute(f"PRAGMA busy_timeout = {int(usual)}")


def depth() -> int:
    """How many submissions wait here, damaged ones included."""
    return sum(1 for _ in _waiting()) + sum(1 for _ in folder().glob("*.damaged"))


def _waiting() -> Iterator[Path]:
    return iter(sorted(folder().glob("*.json")))


def _check_room() -> None:
    waiting = depth()
    if waiting >= MAX_FILES:
        log.critical("the spool is full: %s submissions; requests are being turned away", waiting)
        raise SpoolFull("the spool is full")
    if waiting >= ALARM_AT:
        log.error("the spool is filling up: %s of %s submissions", waiting, MAX_FILES)


def _sync_folder(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _to_json(submission: Submission) -> bytes:
    return json.dumps(
        {
            "submission_key": str(submission.submission_key),
            "content_mac": submission.content_mac,
            "reference": submission.reference,
            "received_at": submission.received_at.isoformat(),
            "envelope": base64.b64encode(bytes(submission.envelope)).decode("ascii"),
            "node": submission.node,
            "suspicion": submission.suspicion,
            "is_demo": submission.is_demo,
        }
    ).encode("ascii")


def _from_json(data: bytes) -> Submission:
    fields = json.loads(data)
    return Submission(
        submission_key=UUID(fields["submission_key"]),
        content_mac=fields["content_mac"],
        reference=fields["reference"],
        received_at=datetime.fromisoformat(fields["received_at"]),
        envelope=base64.b64decode(fields["envelope"], validate=True),
        node=fields["node"],
        suspicion=fields["suspicion"],
        is_demo=fields["is_demo"],
    )
