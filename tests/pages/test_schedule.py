"""Releases that are still to come: nothing published in between is lost, nothing goes live unseen."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from pages.models import CrisisLine, Question, Release
from pages.publishing import (
    CannotPublish,
    amend,
    approve,
    close,
    propose_rows,
    publish_all,
    publish_rows,
)
from pages.releases import live_content
from pages.schedule import touching
from tests.pages.factories import make_question

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]

HOUR = dt.timedelta(hours=1)
ONE, TWO = "question:one", "question:two"


@pytest.fixture(autouse=True)
def _published(site_rows: None) -> None:
    for slug in ("one", "two"):
        make_question(slug=slug)
    publish_all(by=None)


def say(key: str, answer: str) -> None:
    Question.objects.filter(slug=key.partition(":")[2]).update(answer=f"<p>{answer}</p>")


def said(key: str) -> str:
    return str(live_content()[key]["answer"])


def schedule(key: str, answer: str, hours: int, by: User | None = None) -> Release:
    say(key, answer)
    return publish_rows(keys=[key], by=by, live_from=timezone.now() + hours * HOUR)


def in_hours(hours: int) -> time_machine.travel:
    return time_machine.travel(timezone.now() + hours * HOUR + dt.timedelta(seconds=1))


def test_a_scheduled_release_goes_live_by_itself() -> None:
    schedule(ONE, "Later.", 2)

    assert said(ONE) != "<p>Later.</p>"
    with in_hours(1):
        assert said(ONE) != "<p>Later.</p>"
    with in_hours(2):
        assert said(ONE) == "<p>Later.</p>"


def test_what_goes_live_in_between_is_in_the_later_release_too() -> None:
    schedule(ONE, "Later.", 2)
    say(TWO, "Now.")

    publish_rows(keys=[TWO], by=None)

    with in_hours(2):
        assert (said(ONE), said(TWO)) == ("<p>Later.</p>", "<p>Now.</p>")


def test_each_of_several_schedules_keeps_the_ones_before_it_whatever_the_order_of_approval() -> (
    None
):
    schedule(ONE, "Late.", 4)
    schedule(TWO, "Early.", 2)
    line = CrisisLine.objects.get(href="tel:911")
    CrisisLine.objects.update(detail="Police")
    publish_rows(keys=[line.key], by=None)

    with in_hours(3):
        assert (said(TWO), live_content()[line.key]["detail"]) == ("<p>Early.</p>", "Police")
    with in_hours(4):
        assert (said(ONE), said(TWO)) == ("<p>Late.</p>", "<p>Early.</p>")
        assert live_content()[line.key]["detail"] == "Police"


def test_a_row_changed_in_between_takes_the_approval_back_and_says_why(chief: User) -> None:
    later = schedule(ONE, "Later.", 2, by=chief)
    say(ONE, "A correction.")

    publish_rows(keys=[ONE], by=None)

    later.refresh_from_db()
    assert later.approved_at is None
    assert "“Can I drive home?”" in later.remark
    assert "sam approved it before" in later.remark
    with in_hours(3):
        assert said(ONE) == "<p>A correction.</p>"


def test_a_schedule_that_preflight_refuses_by_then_loses_its_approval() -> None:
    later = schedule(ONE, "Later.", 2)
    Release.objects.filter(pk=later.pk).update(
        changes={
            ONE: [
                later.changes[ONE][0],
                later.changes[ONE][1] | {"answer": '<p><a href="/gone/">Gone</a></p>'},
            ]
        }
    )

    say(TWO, "Now.")
    publish_rows(keys=[TWO], by=None)

    later.refresh_from_db()
    assert later.approved_at is None
    assert "it cannot" in later.remark


def test_two_schedules_may_change_a_row_one_after_the_other() -> None:
    schedule(ONE, "First.", 2)
    schedule(ONE, "Second.", 4)

    with in_hours(2):
        assert said(ONE) == "<p>First.</p>"
    with in_hours(4):
        assert said(ONE) == "<p>Second.</p>"


def test_whoever_touches_the_same_rows_is_known_beforehand() -> None:
    first = schedule(ONE, "First.", 2)
    say(TWO, "Proposed.")
    second = propose_rows(keys=[TWO], by=None)

    assert touching([ONE]) == [first]
    assert touching([TWO, ONE]) == [first, second]
    assert touching(["notice:safety"]) == []


def test_cancelling_the_first_of_two_that_touch_a_row_takes_the_approval_of_the_second_back() -> (
    None
):
    first = schedule(ONE, "First.", 2)
    second = schedule(ONE, "Second.", 4)

    close(number=first.number, by=None, remark="Not needed.")

    second.refresh_from_db()
    assert second.approved_at is None
    with in_hours(5):
        assert said(ONE) == "<p>No. Ask an adult to take you.</p>"


def test_cancelling_leaves_the_others_without_its_changes() -> None:
    first = schedule(ONE, "First.", 2)
    schedule(TWO, "Second.", 4)

    close(number=first.number, by=None, remark="Not needed.")

    with in_hours(5):
        assert said(TWO) == "<p>Second.</p>"
        assert said(ONE) == "<p>No. Ask an adult to take you.</p>"


def test_a_moment_in_the_past_is_refused() -> None:
    say(ONE, "Too late.")

    with pytest.raises(CannotPublish, match="That moment has passed"):
        publish_rows(keys=[ONE], by=None, live_from=timezone.now() - dt.timedelta(seconds=1))

    assert Release.objects.count() == 1


def test_a_proposal_approved_after_its_moment_goes_live_at_once(editor: User, chief: User) -> None:
    say(ONE, "Planned.")
    proposal = propose_rows(keys=[ONE], by=editor, live_from=timezone.now() + HOUR)

    with in_hours(3):
        approve(number=proposal.number, by=chief)

        assert said(ONE) == "<p>Planned.</p>"


def test_changing_an_approved_schedule_voids_its_approval(editor: User, chief: User) -> None:
    say(ONE, "Planned.")
    number = propose_rows(keys=[ONE], by=editor, live_from=timezone.now() + 2 * HOUR).number
    approve(number=number, by=chief)

    amended = amend(number=number, by=chief, live_from=timezone.now() + 3 * HOUR)

    assert amended.approved_at is None
    assert amended.proposed_by == chief
    with in_hours(4):
        assert said(ONE) != "<p>Planned.</p>"
    with pytest.raises(CannotPublish, match="other than its proposer"):
        approve(number=number, by=chief)
    approve(number=number, by=editor)
    with in_hours(4):
        assert said(ONE) == "<p>Planned.</p>"


def test_an_override_does_not_outlive_the_approval(chief: User) -> None:
    say(ONE, "Planned.")
    number = propose_rows(keys=[ONE], by=chief, live_from=timezone.now() + 2 * HOUR).number
    approve(number=number, by=chief, override_reason="Alone tonight.")

    amended = amend(number=number, by=chief, live_from=timezone.now() + 3 * HOUR)

    assert amended.override_reason == ""
    assert "Alone tonight." in amended.remark


def test_what_is_live_cannot_be_changed_or_cancelled(chief: User) -> None:
    for act in (
        lambda: amend(number=1, by=chief),
        lambda: close(number=1, by=chief, remark="No."),
    ):
        with pytest.raises(CannotPublish, match="is live or was"):
            act()


def test_an_hour_that_comes_twice_is_told_apart() -> None:
    """In Denver the clocks go back on November 1, 2026: 1:30 comes twice."""
    first = dt.datetime(2026, 11, 1, 7, 30, tzinfo=dt.UTC)  # 1:30 a.m. MDT
    second = first + HOUR  # 1:30 a.m. MST
    Release.objects.update(live_from=dt.datetime(2026, 10, 1, tzinfo=dt.UTC))
    with time_machine.travel(dt.datetime(2026, 10, 31, tzinfo=dt.UTC), tick=False):
        say(ONE, "Summer time.")
        publish_rows(keys=[ONE], by=None, live_from=first)
        say(ONE, "Winter time.")
        publish_rows(keys=[ONE], by=None, live_from=second)

    with time_machine.travel(first + HOUR / 2, tick=False):
        assert said(ONE) == "<p>Summer time.</p>"
    with time_machine.travel(second, tick=False):
        assert said(ONE) == "<p>Winter time.</p>"
