"""Forms that arrive together share a commit on SQLite, and nobody their neighbours' misfortune."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from intake import breaker, spool, submit, writer
from intake.models import Submission
from tests.intake.making import all_at_once, locked_database

pytestmark = pytest.mark.django_db(transaction=True)

Insert = Callable[..., None]


def make_form(key: UUID | None = None, **changes: Any) -> Submission:
    key = key or uuid4()
    fields = {"content_mac": key.hex * 2, "reference": key.hex[:10], "envelope": b"sealed"}
    return Submission(
        submission_key=key, received_at=timezone.now(), node="test", **fields | changes
    )


def stored() -> set[UUID]:
    return set(Submission.objects.values_list("submission_key", flat=True))


class Gate:
    """``spool.insert`` with a gate: its first call waits until as many wait behind it."""

    def __init__(self, queue: int, then: Insert) -> None:
        self.queue, self.then = queue, then
        self.batches: list[int] = []

    def __call__(self, *forms: Submission, patience: int) -> None:
        self.batches.append(len(forms))
        if len(self.batches) == 1:
            while len(writer._desk.waiting) < self.queue:
                threading.Event().wait(0.005)
        self.then(*forms, patience=patience)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Gate]]:
    """A gate for ``queue`` forms behind the first; ``then`` does the writing."""
    real = spool.insert

    def put(queue: int, then: Insert = real) -> Gate:
        made = Gate(queue, then)
        monkeypatch.setattr(spool, "insert", made)
        return made

    yield put
    assert not writer._desk.waiting
    assert not writer._desk.is_writing


@pytest.mark.sqlite_only
def test_fifty_forms_at_once_are_two_commits_and_fifty_rows(gate) -> None:
    forms = [make_form() for _ in range(50)]
    batches = gate(49).batches

    all_at_once(50, lambda number: writer.insert(forms[number]))

    assert batches == [1, 49]
    assert stored() == {form.submission_key for form in forms}


@pytest.mark.sqlite_only
def test_nobody_is_answered_before_the_commit(gate) -> None:
    real = spool.insert

    def fail_at_the_end(*forms: Submission, **_: int) -> None:
        real(*forms)
        raise OperationalError("the disk is full")

    gate(2, fail_at_the_end)

    answers = all_at_once(3, lambda _: writer.insert(make_form()))

    assert [type(answer) for answer in answers] == [OperationalError] * 3


@pytest.mark.sqlite_only
def test_the_same_form_twice_in_one_commit_is_one_row(gate) -> None:
    key = uuid4()
    batches = gate(3).batches

    answers = all_at_once(4, lambda number: writer.insert(make_form(key if number else None)))

    assert answers == [None] * 4
    assert sum(batches) == 4
    assert Submission.objects.filter(submission_key=key).count() == 1


@pytest.mark.sqlite_only
def test_a_row_that_cannot_be_stored_harms_no_other(gate) -> None:
    forms = [make_form() for _ in range(5)]
    forms[2].node = "\ud800"
    gate(4)

    answers = all_at_once(5, lambda number: writer.insert(forms[number]))

    assert [type(a) for a in answers if a] == [UnicodeEncodeError]
    assert isinstance(answers[2], UnicodeEncodeError)
    assert stored() == {form.submission_key for form in forms if form is not forms[2]}


def test_forms_are_stored_all_or_none() -> None:
    good, bad = make_form(), make_form(reference=None)

    with pytest.raises(IntegrityError):
        spool.insert(good, bad)

    assert stored() == set()


@pytest.mark.sqlite_only
def test_when_the_database_is_away_all_who_wait_learn_it_at_once(gate) -> None:
    def refuse(*_: Submission, **__: int) -> None:
        raise OperationalError("database is locked")

    batches = gate(9, refuse).batches

    all_at_once(10, lambda _: submit.store(make_form()))

    assert batches == [1]
    assert spool.depth() == 10


def test_a_locked_database_sends_everybody_to_the_spool_once(monkeypatch) -> None:
    monkeypatch.setattr(writer, "DATABASE_PATIENCE", 200)
    forms = [make_form() for _ in range(6)]

    with locked_database():
        all_at_once(6, lambda number: submit.store(forms[number]))

    assert spool.depth() == 6
    assert spool.drain() == 6
    assert stored() == {form.submission_key for form in forms}


@pytest.mark.sqlite_only
def test_a_form_that_waits_behind_a_commit_that_hangs_goes_to_the_spool(gate, monkeypatch) -> None:
    monkeypatch.setattr(writer, "PATIENCE", 0.2)
    hangs, real, first, late = threading.Event(), spool.insert, make_form(), make_form()
    left: list[object] = []

    def hang(*forms: Submission, **_: int) -> None:
        hangs.wait(20)
        real(*forms)

    monkeypatch.setattr(spool, "insert", hang)

    def work(number: int) -> None:
        if number:
            while not writer._desk.is_writing:
                threading.Event().wait(0.005)
            submit.store(late)
            left.extend(writer._desk.waiting)
            hangs.set()
        else:
            submit.store(first)

    assert all_at_once(2, work) == [None, None]
    assert left == []
    assert stored() == {first.submission_key}
    assert spool.drain() == 1
    assert stored() == {first.submission_key, late.submission_key}


@pytest.mark.sqlite_only
def test_a_writer_that_is_killed_leaves_its_batch_to_the_spool_and_the_turn_to_others(gate) -> None:
    real, forms = spool.insert, [make_form() for _ in range(3)]

    def die(*batch: Submission, **_: int) -> None:
        if len(batch) == 2:
            raise SystemExit
        real(*batch)

    gate(2, die)

    def work(number: int) -> None:
        try:
            submit.store(forms[number])
        except SystemExit as error:
            raise ValueError("died") from error

    answers = all_at_once(3, work)

    assert len([answer for answer in answers if answer]) == 1
    assert (len(stored()), spool.depth()) == (1, 1)
    breaker.note_success()
    submit.store(make_form())
    assert len(stored()) == 2


@pytest.mark.sqlite_only
def test_a_child_of_a_process_that_was_writing_waits_for_nobody(gate) -> None:
    answer: list[int] = []
    real = spool.insert

    def fork(*forms: Submission, **_: int) -> None:
        child = os.fork()
        if not child:
            desk = writer._desk
            os._exit(0 if not desk.is_writing and desk.turn.acquire(timeout=5) else 1)
        answer.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        real(*forms)

    gate(0, fork)
    writer.insert(make_form())

    assert answer == [0]


def test_a_form_inside_a_transaction_is_nobody_elses_to_commit(monkeypatch) -> None:
    monkeypatch.setattr(writer, "_wait_for_turn", None)

    with transaction.atomic():
        writer.insert(make_form())
        transaction.set_rollback(True)

    assert stored() == set()
