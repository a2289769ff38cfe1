"""On SQLite, forms that arrive together are committed together: one wait for the disk, not many.

There is no thread for it. Whoever finds nobody writing commits the forms of all who wait, their
own among them; those who come meanwhile wait and are the next batch. So a lone form waits for
nobody, nothing has to be started, watched or carried over a fork, and whoever writes does so for
one batch only. Nobody is told that their form is stored before the commit that holds it.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import Final

from django.db import DatabaseError, OperationalError, connection

from intake import spool
from intake.models import Submission

# A visitor waits: give up on a locked or busy database after this long and use the spool.
DATABASE_PATIENCE: Final = 3000  # milliseconds
# How long to wait for somebody else's commit. It gives up earlier by itself, unless it hangs.
PATIENCE: Final = DATABASE_PATIENCE / 1000 + 2  # seconds


class NotWritten(DatabaseError):
    """Whoever was writing did not come back with an answer."""


@dataclass(eq=False, slots=True)
class _Waiting:
    submission: Submission
    is_answered: bool = False
    error: Exception | None = None

    def answer(self, error: Exception | None = None) -> None:
        self.error, self.is_answered = error, True


class _Desk:
    """What the threads of this process share. ``turn`` guards the other two."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.turn = threading.Condition()
        self.waiting: list[_Waiting] = []
        self.is_writing = False


_desk = _Desk()
# A child has the parent's memory without its threads: nobody would ever finish what they began.
os.register_at_fork(after_in_child=_desk.begin)


def insert(submission: Submission) -> None:
    """Return when the form is committed; the same form again changes nothing.

    Raises what the database raised, or :exc:`NotWritten`. The form may be stored all the same.
    """
    # PostgreSQL commits together by itself what comes on several connections; decision 75.
    # Inside a transaction, whoever began it says what becomes of the form.
    if connection.vendor == "postgresql" or connection.in_atomic_block:
        spool.insert(submission, patience=DATABASE_PATIENCE)
        return
    mine = _Waiting(submission)
    batch = _wait_for_turn(mine)
    if batch:
        _write(batch)
    if mine.error:
        raise mine.error
    if not mine.is_answered:
        raise NotWritten


def _wait_for_turn(mine: _Waiting) -> list[_Waiting]:
    """Whose forms are mine to write now; nobody's when mine was written, or waited too long."""
    with _desk.turn:
        _desk.waiting.append(mine)
        _desk.turn.wait_for(lambda: mine.is_answered or not _desk.is_writing, PATIENCE)
        if mine.is_answered:
            return []
        if _desk.is_writing:
            if mine in _desk.waiting:
                _desk.waiting.remove(mine)
            return []
        _desk.is_writing = True
        batch, _desk.waiting = _desk.waiting, []
    return batch


def _write(batch: list[_Waiting]) -> None:
    """Write and answer; then it is the next one's turn, whatever happened to this thread."""
    away: Exception | None = None
    try:
        away = _commit(batch)
    finally:
        with _desk.turn:
            _desk.is_writing = False
            if away:  # those who came meanwhile would wait for the same database
                batch, _desk.waiting = batch + _desk.waiting, []
            for one in batch:
                if not one.is_answered:
                    one.answer(away or NotWritten())
            _desk.turn.notify_all()


def _commit(batch: list[_Waiting]) -> Exception | None:
    """Commit all, or else each alone, so that one bad row harms nobody else.

    Returns the error when the database is away: then nothing is answered.
    """
    try:
        spool.insert(*(one.submission for one in batch), patience=DATABASE_PATIENCE)
    except OperationalError as error:  # locked, unreadable, its disk full
        return error
    except Exception as error:
        if len(batch) > 1:
            for one in batch:
                if away := _commit([one]):
                    return away
            return None
        batch[0].answer(error)
        return None
    for one in batch:
        one.answer()
    return None
