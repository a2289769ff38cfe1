"""Which publishing waits for a second person, by the clinic's own policy."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from clinic_site.roles import EDITOR
from pages.models import CrisisLine, PublishingPolicy, Question, Release
from pages.publishing import (
    CannotPublish,
    approve,
    propose_rows,
    publish_all,
    publish_rows,
    restore,
    undo,
)
from pages.releases import live_content
from tests.pages.factories import make_question
from tests.pages.people import make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]

MEDICAL, PLAIN = "question:safe", "question:plain"


@pytest.fixture(autouse=True)
def _changed(site_rows: None) -> None:
    make_question(slug="safe", topic="safety")
    make_question(slug="plain", topic="practical")
    publish_all(by=None)
    Question.objects.update(answer="<p>Changed.</p>")


def answer(key: str) -> str:
    return str(live_content()[key]["answer"])


def test_a_medical_statement_waits_also_for_a_superuser(editor: User, chief: User) -> None:
    for user in (editor, chief):
        release = publish_rows(keys=[MEDICAL], by=user)

        assert release.approved_at is None
        assert release.needs_second_person

    assert answer(MEDICAL) != "<p>Changed.</p>"


def test_anything_else_goes_live_at_once(editor: User) -> None:
    release = publish_rows(keys=[PLAIN], by=editor)

    assert release.approved_by == editor
    assert answer(PLAIN) == "<p>Changed.</p>"


def test_one_medical_statement_among_others_makes_all_of_them_wait(editor: User) -> None:
    release = publish_rows(keys=[PLAIN, MEDICAL], by=editor)

    assert release.approved_at is None
    assert answer(PLAIN) != "<p>Changed.</p>"


def test_taking_a_medical_statement_off_the_site_waits_too(editor: User) -> None:
    Question.objects.filter(slug="safe").delete()

    assert publish_rows(keys=[MEDICAL], by=editor).approved_at is None
    assert MEDICAL in live_content()


def test_a_clinic_that_asks_for_nobody_publishes_at_once(editor: User) -> None:
    PublishingPolicy.objects.create(second_person="off")

    assert publish_rows(keys=[MEDICAL], by=editor).approved_at


def test_a_clinic_that_asks_for_everything_waits_for_everything(editor: User) -> None:
    PublishingPolicy.objects.create(second_person="everything")

    assert publish_rows(keys=[PLAIN], by=editor).approved_at is None


def test_a_stricter_policy_holds_for_what_was_proposed_before(editor: User) -> None:
    PublishingPolicy.objects.create(second_person="off")
    number = propose_rows(keys=[MEDICAL], by=editor).number
    Release.objects.filter(number=number).update(needs_second_person=False)
    PublishingPolicy.objects.update(second_person="medical")

    with pytest.raises(CannotPublish, match="other than its proposer"):
        approve(number=number, by=editor)


def test_who_asks_for_a_second_person_waits_whatever_the_policy(editor: User) -> None:
    PublishingPolicy.objects.create(second_person="off")
    number = propose_rows(keys=[PLAIN], by=editor).number

    with pytest.raises(CannotPublish, match="other than its proposer"):
        approve(number=number, by=editor)


def test_undoing_and_going_back_wait_where_they_touch_a_medical_statement(editor: User) -> None:
    publish_rows(keys=[MEDICAL], by=None)

    assert undo(number=2, by=editor).approved_at is None
    assert restore(number=1, by=editor).approved_at is None
    assert answer(MEDICAL) == "<p>Changed.</p>"


def test_undoing_takes_back_one_release_and_keeps_the_later_ones(editor: User) -> None:
    publish_rows(keys=[PLAIN], by=None)
    line = CrisisLine.objects.get(href="tel:911")
    line.detail = "Police"
    line.save()
    publish_rows(keys=[line.key], by=None)

    undo(number=2, by=editor)

    assert answer(PLAIN) == "<p>No. Ask an adult to take you.</p>"
    assert live_content()[line.key]["detail"] == "Police"


def test_undoing_what_was_changed_again_names_the_rows(editor: User) -> None:
    publish_rows(keys=[PLAIN], by=None)
    Question.objects.update(answer="<p>Again.</p>")
    publish_rows(keys=[PLAIN], by=None)

    with pytest.raises(CannotPublish, match="same rows again: “Can I drive home"):
        undo(number=2, by=editor)

    assert answer(PLAIN) == "<p>Again.</p>"


def test_only_who_holds_the_permission_overrides_and_the_reason_stays() -> None:
    editor = make_staff("robin2", EDITOR)
    number = publish_rows(keys=[MEDICAL], by=editor).number

    with pytest.raises(CannotPublish, match="even with a reason"):
        approve(number=number, by=editor, override_reason="Nobody is here.")

    from django.contrib.auth.models import Permission

    editor.user_permissions.add(Permission.objects.get(codename="override_second_person"))
    editor = User.objects.get(pk=editor.pk)
    with pytest.raises(CannotPublish, match="other than its proposer"):
        approve(number=number, by=editor, override_reason="   ")
    release = approve(number=number, by=editor, override_reason="Nobody is here.")

    assert release.override_reason == "Nobody is here."
    assert answer(MEDICAL) == "<p>Changed.</p>"


def test_a_second_person_needs_no_reason_and_leaves_none(editor: User, chief: User) -> None:
    number = publish_rows(keys=[MEDICAL], by=editor).number

    assert approve(number=number, by=chief, override_reason="Just so.").override_reason == ""


def test_a_proposal_of_nobody_says_what_to_do(chief: User) -> None:
    number = propose_rows(keys=[MEDICAL], by=None).number

    with pytest.raises(CannotPublish, match="Nobody is on record"):
        approve(number=number, by=chief)


@pytest.mark.parametrize("changes", [{"pk": 2}, {"second_person": "sometimes"}])
def test_the_database_keeps_the_policy_to_one_row_that_says_something(
    changes: dict[str, object],
) -> None:
    with pytest.raises(IntegrityError, match="policy_"), transaction.atomic():
        PublishingPolicy.objects.create(**changes)
