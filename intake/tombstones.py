"""The record of what was deleted, kept in the database and, beside it, in a file.

The table goes back in time with a restored backup; ``VAR_DIR/tombstones.jsonl`` does not, as
long as it is kept: it is in every backup, and a restore adds the backup's lines to the ones
that lie there. One line each: key, reference, time, reason. Nothing personal is in it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from intake.models import PurgeTombstone

FILE_NAME: Final = "tombstones.jsonl"

log = logging.getLogger(__name__)


def path() -> Path:
    return Path(settings.VAR_DIR) / FILE_NAME


def lay(*, keys: dict[UUID, str], at: datetime, reason: str) -> None:
    """Record in the caller's transaction that these keys, with their references, are deleted.

    The file follows after the commit: a line in it for something that was kept after all would
    delete it later. What a crash in between leaves out, :func:`merge` adds.
    """
    stones = [
        PurgeTombstone(submission_key=key, reference=reference, at=at, reason=reason[:20])
        for key, reference in keys.items()
    ]
    PurgeTombstone.objects.bulk_create(stones, ignore_conflicts=True)
    transaction.on_commit(partial(_append_or_say_so, [_to_line(stone) for stone in stones]))


def merge() -> None:
    """Bring the table and the file to the same. Raises :exc:`OSError`, :exc:`django.db.Error`."""
    in_file = {(stone.submission_key, stone.at): stone for stone in read(path())}
    in_table = {(stone.submission_key, stone.at): stone for stone in PurgeTombstone.objects.all()}
    PurgeTombstone.objects.bulk_create(
        [in_file[one] for one in sorted(in_file.keys() - in_table.keys())],
        ignore_conflicts=True,
        batch_size=500,
    )
    append([_to_line(in_table[one]) for one in sorted(in_table.keys() - in_file.keys())])


def read(source: Path) -> list[PurgeTombstone]:
    """The tombstones in a file, unsaved; none when it is not there.

    A line that is not whole (a power cut) is skipped and reported.
    """
    try:
        lines = source.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(_from_line(line))
        except (ValueError, KeyError, TypeError):
            log.error("line %s of %s is damaged and was skipped", number, source)
    return found


def adopt(source: Path) -> None:
    """Add the lines of a restored backup's file to the one here. Raises :exc:`OSError`."""
    known = {(stone.submission_key, stone.at) for stone in read(path())}
    new = [s for s in read(source) if (s.submission_key, s.at) not in known]
    append([_to_line(stone) for stone in new])


def append(lines: Iterable[str]) -> None:
    """Add lines and wait until they are on disk. Raises :exc:`OSError`."""
    text = "".join(f"{line}\n" for line in lines)
    if not text:
        return
    handle = os.open(path(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(handle).st_size
        is_torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        os.write(handle, (("\n" if is_torn else "") + text).encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def _append_or_say_so(lines: list[str]) -> None:
    try:
        append(lines)
    except OSError as error:
        log.error("%s is behind; the next hour adds to it: %s", path(), type(error).__name__)


def _to_line(stone: PurgeTombstone) -> str:
    return json.dumps(
        {
            "key": stone.submission_key.hex,
            "reference": stone.reference,
            "at": stone.at.isoformat(),
            "reason": stone.reason,
        }
    )


def _from_line(line: str) -> PurgeTombstone:
    fields = json.loads(line)
    return PurgeTombstone(
        submission_key=UUID(hex=fields["key"]),
        reference=str(fields["reference"]),
        at=datetime.fromisoformat(fields["at"]),
        reason=str(fields["reason"]),
    )
