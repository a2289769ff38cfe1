"""Four eyes: a proposal waits for someone else."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from pages.models import Question, Release
from pages.proposals import what_is_proposed
from pages.publishing import (
    CannotPublish,
    amend,
    approve,
    close,
    propose,
    propose_rows,
    publish_all,
    publish_rows,
)
from pages.releases import live_content, working_content
from tests.pages.factories import make_question

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


@pytest.fixture
def reviewer(db: None) -> User:
    return User.objects.create_user("dana", password="x")


def make_proposal(by: User | None, **changes: object) -> Release:
    return propose(content=working_content(), by=by, **changes)  # type: ignore[arg-type]


def test_a_proposal_is_not_live(editor: User) -> None:
    proposal = make_proposal(editor)

    assert proposal.approved_at is None
    assert live_content() == {}


def test_a_second_person_puts_a_proposal_live(editor: User, reviewer: User) -> None:
    proposal = make_proposal(editor)

    approved = approve(number=proposal.number, by=reviewer)

    assert approved.approved_by == reviewer
    assert live_content() == working_content()


@pytest.mark.parametrize("who", ["editor", "chief", None])
def test_nobody_approves_their_own_proposal_superusers_included(
    who: str | None, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who) if who else None
    proposal = make_proposal(user)

    with pytest.raises(CannotPublish, match="other than its proposer"):
        approve(number=proposal.number, by=user)

    assert live_content() == {}


def test_a_reason_on_record_overrides_the_second_person(chief: User) -> None:
    proposal = make_proposal(chief)

    approved = approve(
        number=proposal.number,
        by=chief,
        override_reason="Nobody else is on duty; wrong dose on the page.",
    )

    assert approved.override_reason.startswith("Nobody else")


def test_a_proposal_is_approved_once(editor: User, reviewer: User) -> None:
    proposal = make_proposal(editor)
    approve(number=proposal.number, by=reviewer)

    with pytest.raises(CannotPublish, match="already been approved"):
        approve(number=proposal.number, by=reviewer)


def test_a_proposal_whose_base_has_moved_on_is_refused(editor: User, reviewer: User) -> None:
    question = make_question()
    publish_all(by=None)
    Question.objects.update(answer="<p>Proposed.</p>")
    proposal = make_proposal(editor)
    Question.objects.update(answer="<p>Quicker.</p>")
    publish_rows(keys=[question.key], by=None)

    with pytest.raises(CannotPublish, match="has changed since"):
        approve(number=proposal.number, by=reviewer)

    assert live_content()[question.key]["answer"] == "<p>Quicker.</p>"


def test_a_release_of_tomorrow_goes_live_tomorrow(editor: User, reviewer: User) -> None:
    tomorrow = timezone.now() + dt.timedelta(days=1)
    proposal = make_proposal(editor, live_from=tomorrow)
    approve(number=proposal.number, by=reviewer)

    assert live_content() == {}
    with time_machine.travel(tomorrow + dt.timedelta(seconds=1)):
        assert live_content() != {}


def test_the_database_refuses_an_approval_by_the_proposer(editor: User) -> None:
    number = make_proposal(editor).number

    with pytest.raises(IntegrityError, match="release_four_eyes"), transaction.atomic():
        Release.objects.filter(number=number).update(approved_by=editor, approved_at=timezone.now())


def test_the_database_refuses_an_approval_by_nobody(editor: User) -> None:
    number = make_proposal(editor).number

    with pytest.raises(IntegrityError, match="release_four_eyes"), transaction.atomic():
        Release.objects.filter(number=number).update(approved_at=timezone.now())


def test_the_database_refuses_an_approver_without_an_approval(editor: User, reviewer: User) -> None:
    number = make_proposal(editor).number

    with (
        pytest.raises(IntegrityError, match="release_unapproved_has_no_approver"),
        transaction.atomic(),
    ):
        Release.objects.filter(number=number).update(approved_by=reviewer)


def test_a_proposal_whose_rows_nobody_touched_since_is_laid_onto_the_live_site(
    editor: User, reviewer: User
) -> None:
    make_question(slug="one")
    make_question(slug="two")
    publish_all(by=None)
    Question.objects.filter(slug="one").update(answer="<p>Proposed.</p>")
    proposal = propose_rows(keys=["question:one"], by=editor)
    Question.objects.filter(slug="two").update(answer="<p>Meanwhile.</p>")
    publish_rows(keys=["question:two"], by=None)

    approve(number=proposal.number, by=reviewer)

    answers = [live_content()[f"question:{slug}"]["answer"] for slug in ("one", "two")]
    assert answers == ["<p>Proposed.</p>", "<p>Meanwhile.</p>"]


def test_a_proposal_is_previewed_on_what_is_live_now(editor: User) -> None:
    make_question(slug="one")
    make_question(slug="two")
    publish_all(by=None)
    Question.objects.update(answer="<p>Changed.</p>")
    proposal = propose_rows(keys=["question:one"], by=editor)

    publish_rows(keys=["question:two"], by=None)

    proposal.refresh_from_db()
    assert proposal.content["question:two"]["answer"] == "<p>Changed.</p>"


def test_what_was_changed_while_it_was_read_is_not_approved(editor: User, reviewer: User) -> None:
    question = make_question()
    publish_all(by=None)
    Question.objects.update(answer="<p>Proposed.</p>")
    proposal = propose_rows(keys=[question.key], by=editor)
    seen = what_is_proposed(proposal)
    Question.objects.update(answer="<p>Slipped in.</p>")
    amend(number=proposal.number, by=editor, refresh=True)

    with pytest.raises(CannotPublish, match="while you read it"):
        approve(number=proposal.number, by=reviewer, seen=seen)

    assert live_content()[question.key]["answer"] != "<p>Slipped in.</p>"


def test_a_clash_is_settled_by_taking_the_rows_as_they_are_saved_now(
    editor: User, reviewer: User
) -> None:
    question = make_question()
    publish_all(by=None)
    Question.objects.update(answer="<p>Proposed.</p>")
    number = propose_rows(keys=[question.key], by=editor).number
    Question.objects.update(answer="<p>Quicker.</p>")
    publish_rows(keys=[question.key], by=None)
    Question.objects.update(answer="<p>Both.</p>")
    with pytest.raises(CannotPublish, match="“Can I drive home"):
        amend(number=number, by=editor, note="Only the note")

    amend(number=number, by=editor, refresh=True)
    approve(number=number, by=reviewer)

    assert live_content()[question.key]["answer"] == "<p>Both.</p>"


def test_a_declined_proposal_is_closed_for_good(editor: User, reviewer: User) -> None:
    number = make_proposal(editor).number
    with pytest.raises(CannotPublish, match="Say why"):
        close(number=number, by=reviewer, remark="  ")

    close(number=number, by=reviewer, remark="The dose is wrong.")

    with pytest.raises(CannotPublish, match="The dose is wrong"):
        approve(number=number, by=reviewer)
    with pytest.raises(CannotPublish, match="The dose is wrong"):
        amend(number=number, by=editor)
    assert live_content() == {}


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("release_closed_is_not_approved", {"approved_at": NOW, "needs_second_person": False}),
        ("release_closed_says_why", {"remark": ""}),
    ],
)
def test_the_database_refuses_a_closed_release_that_is_approved_or_says_not_why(
    editor: User, constraint: str, changes: dict[str, object]
) -> None:
    number = make_proposal(editor).number
    close(number=number, by=editor, remark="No.")

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Release.objects.filter(number=number).update(**changes)
