"""Two people decide in the same second: one of them wins, whole."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from clinic_site.roles import EDITOR, REVIEWER
from pages.models import Question, Release
from pages.proposals import what_is_proposed
from pages.publishing import (
    amend,
    approve,
    close,
    propose_rows,
    publish_all,
    publish_rows,
)
from pages.releases import live_content
from tests.pages.factories import make_question, make_site
from tests.pages.people import make_staff
from tests.pages.test_publishing_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

SAFE = "question:safe"


def make_proposal(**options: dt.datetime) -> Release:
    make_site()
    make_question(slug="safe", topic="safety")
    make_question(slug="plain")
    publish_all(by=None)
    Question.objects.update(answer="<p>Proposed.</p>")
    return propose_rows(keys=[SAFE], by=make_staff("erin", EDITOR), **options)


def test_two_reviewers_at_once_approve_once() -> None:
    number = make_proposal().number
    people = [make_staff(name, REVIEWER) for name in ("dana", "dale")]

    raised = at_once(
        lambda: approve(number=number, by=people[0]),
        lambda: approve(number=number, by=people[1]),
    )

    assert [str(error) for error in raised] == ["Release 2 has already been approved."]
    assert Release.objects.get(number=number).approved_by in people
    assert live_content()[SAFE]["answer"] == "<p>Proposed.</p>"


def test_what_is_approved_is_what_was_seen_also_when_it_is_changed_in_that_second() -> None:
    proposal = make_proposal()
    dana, dale = (make_staff(name, REVIEWER) for name in ("dana", "dale"))
    seen = what_is_proposed(proposal)
    Question.objects.filter(slug="safe").update(answer="<p>Slipped in.</p>")

    raised = at_once(
        lambda: approve(number=proposal.number, by=dana, seen=seen),
        lambda: amend(number=proposal.number, by=dale, refresh=True),
    )

    assert len(raised) == 1
    assert "while you read it" in str(raised[0]) or "is live or was" in str(raised[0])
    assert live_content()[SAFE]["answer"] != "<p>Slipped in.</p>"


def test_approved_or_declined_never_both() -> None:
    number = make_proposal().number
    dana, dale = (make_staff(name, REVIEWER) for name in ("dana", "dale"))

    raised = at_once(
        lambda: approve(number=number, by=dana),
        lambda: close(number=number, by=dale, remark="No."),
    )

    release = Release.objects.get(number=number)
    assert len(raised) == 1
    assert bool(release.approved_at) is not bool(release.closed_at)


def test_a_schedule_approved_while_another_release_goes_live_contains_it() -> None:
    number = make_proposal(live_from=timezone.now() + dt.timedelta(days=1)).number
    dana = make_staff("dana", REVIEWER)

    raised = at_once(
        lambda: approve(number=number, by=dana),
        lambda: publish_rows(keys=["question:plain"], by=None),
    )

    assert raised == []
    later = Release.objects.get(number=number)
    assert later.approved_at
    assert later.content["question:plain"]["answer"] == "<p>Proposed.</p>"
    assert later.base == Release.objects.live()
