"""While the database is away, visitors do not each wait for it."""

import time

import pytest
from django.db import OperationalError

from intake import breaker, spool, writer
from intake.models import Submission
from intake.submit import CannotAccept
from tests.intake.making import locked_database, send


@pytest.fixture
def clock(monkeypatch):
    """A monotonic clock to set by hand."""
    hand = [1000.0]
    monkeypatch.setattr(breaker.time, "monotonic", lambda: hand[0])
    return hand


def failing(asked: list[int]):
    def insert(_: Submission, **__: int) -> None:
        asked.append(1)
        raise OperationalError("away")

    return insert


@pytest.mark.django_db
def test_after_one_failure_the_next_forms_go_straight_to_the_spool(monkeypatch, clock) -> None:
    asked: list[int] = []
    monkeypatch.setattr(spool, "insert", failing(asked))

    for _ in range(4):
        send()

    assert len(asked) == 1
    assert spool.depth() == 4


@pytest.mark.django_db
def test_after_the_rest_one_form_asks_again_for_all(monkeypatch, clock) -> None:
    asked: list[int] = []
    monkeypatch.setattr(spool, "insert", failing(asked))
    send()

    clock[0] += breaker.REST + 0.1
    for _ in range(3):
        send()

    assert len(asked) == 2


@pytest.mark.django_db
def test_a_database_that_is_back_is_used_again_at_once(monkeypatch, clock) -> None:
    monkeypatch.setattr(spool, "insert", failing([]))
    send()
    monkeypatch.setattr(spool, "insert", lambda s, **_: Submission.objects.bulk_create([s]))

    clock[0] += breaker.REST + 0.1
    send()
    send()

    assert Submission.objects.count() == 2
    assert spool.depth() == 1


@pytest.mark.django_db
def test_when_the_spool_fails_during_the_rest_the_database_is_asked_after_all(
    monkeypatch, clock
) -> None:
    breaker.note_failure()
    monkeypatch.setattr(spool, "write", lambda _: (_ for _ in ()).throw(OSError("full")))

    send()

    assert Submission.objects.count() == 1


@pytest.mark.django_db
def test_nobody_is_confirmed_when_both_fail_during_the_rest(monkeypatch, clock) -> None:
    breaker.note_failure()
    monkeypatch.setattr(spool, "write", lambda _: (_ for _ in ()).throw(OSError("full")))
    monkeypatch.setattr(spool, "insert", failing([]))

    with pytest.raises(CannotAccept):
        send()


@pytest.mark.django_db(transaction=True)
def test_a_locked_database_costs_one_wait_and_not_one_for_each_visitor(monkeypatch) -> None:
    monkeypatch.setattr(writer, "DATABASE_PATIENCE", 600)

    with locked_database():
        send()
        began = time.monotonic()
        for _ in range(5):
            send()
        waited = time.monotonic() - began

    assert waited < 0.6
    assert spool.depth() == 6
