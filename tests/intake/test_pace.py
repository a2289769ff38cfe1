"""The worker leaves room between its turns at the database; nobody else waits for that."""

from __future__ import annotations

import pytest

from intake import pace, spool, worker
from intake.admission import admit_pending
from intake.models import Submission
from intake.pace import unhurried
from tests.intake.making import send
from tests.intake.test_writer import make_form


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was slept, in seconds; nobody sleeps."""
    slept: list[float] = []
    monkeypatch.setattr(pace.time, "sleep", slept.append)
    return slept


def test_a_pause_is_twice_as_long_as_the_work_before_it(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: now[0])

    done = []
    for seconds in unhurried([0.01, 0.03, 7.0]):
        now[0] += seconds
        done.append(seconds)

    assert done == [0.01, 0.03, 7.0]
    assert pauses == pytest.approx([0.02, 0.06, pace.LONGEST])


@pytest.mark.django_db
def test_the_worker_makes_room_after_each_form_and_each_message(pauses: list[float]) -> None:
    send()
    spool.write(make_form())

    worker.run_once(hourly=False)

    # A file of the spool, two forms of which one does not open, the mail to the desk.
    assert len(pauses) == 4


@pytest.mark.django_db
def test_whoever_opens_the_desk_does_not_wait_for_that(pauses: list[float]) -> None:
    send()
    spool.write(make_form())

    assert spool.drain() == 1
    assert admit_pending() == 1
    assert Submission.objects.count() == 2
    assert pauses == []
