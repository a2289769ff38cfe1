"""Save and publish: one row goes live, and only that row."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.models import CrisisLine, Page, PublishingPolicy, Question, Release, Section
from pages.publishing import CannotPublish, publish_all, publish_rows, restore
from pages.releases import live_content, working_content
from tests.pages.factories import make_item, make_page, make_question, make_section, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]


def test_publishing_all_makes_the_live_site_equal_the_working_copy(editor: User) -> None:
    PublishingPolicy.objects.create(second_person="off")

    release = publish_all(by=editor, note="First")

    assert release.number == 1
    assert live_content() == working_content()
    assert (release.proposed_by, release.approved_by, release.note) == (editor, editor, "First")
    assert release.changed_keys == list(dict.fromkeys(release.changed_keys))
    assert set(release.changed_keys) == working_content().keys()


def test_publishing_one_row_changes_only_that_row() -> None:
    make_question(slug="one")
    make_question(slug="two")
    before = publish_all(by=None).content
    Question.objects.update(answer="<p>Changed.</p>")

    release = publish_rows(keys=["question:one"], by=None)

    changed = {key for key in before if before[key] != release.content[key]}
    assert changed == {"question:one"}
    assert release.content.keys() == before.keys()
    assert release.changed_keys == ["question:one"]


texts = st.dictionaries(st.sampled_from("abcde"), st.sampled_from(["Old.", "New."]))


def write_questions(texts: dict[str, str]) -> None:
    """The working copy has these questions and no other."""
    Question.objects.all().delete()
    for slug, text in texts.items():
        make_question(slug=slug, answer=f"<p>{text}</p>")


@given(before=texts, after=texts, chosen=st.sets(st.sampled_from("abcde")))
@settings(max_examples=40, deadline=None)
def test_publishing_a_subset_gives_exactly_the_base_plus_the_subset(
    before: dict[str, str], after: dict[str, str], chosen: set[str]
) -> None:
    with transaction.atomic():
        write_questions(before)
        base = publish_all(by=None).content
        write_questions(after)
        working = working_content()
        keys = {f"question:{slug}" for slug in chosen}
        would_change = any(base.get(key) != working.get(key) for key in keys)

        if would_change:
            publish_rows(keys=keys, by=None)
        else:
            with pytest.raises(CannotPublish):
                publish_rows(keys=keys, by=None)

        assert live_content() == {
            key: (working if key in keys else base)[key]
            for key in base.keys() | working.keys()
            if key in (working if key in keys else base)
        }
        assert working_content() == working
        transaction.set_rollback(True)


def test_a_row_takes_along_its_parent_that_was_never_published() -> None:
    publish_all(by=None)
    item = make_item(make_section(make_page()))

    publish_rows(keys=[item.key], by=None)

    assert {"page:faq", "section:faq-text", "sectionitem:faq-text-entry"} <= live_content().keys()


def test_a_row_takes_along_a_study_that_was_never_published() -> None:
    publish_all(by=None)
    question = make_question()
    question.cites.add(make_study())

    publish_rows(keys=[question.key], by=None)

    assert live_content()["question:driving-home"]["cites"] == ["study:berman-2000"]
    assert "study:berman-2000" in live_content()


def test_a_published_parent_is_not_touched_by_its_child() -> None:
    make_section(make_page())
    publish_all(by=None)
    Page.objects.filter(slug="faq").update(title="Not yet")
    Section.objects.filter(slug="faq-text").update(heading="Now")

    publish_rows(keys=["section:faq-text"], by=None)

    assert live_content()["page:faq"]["title"] == "Faq"
    assert live_content()["section:faq-text"]["heading"] == "Now"


def test_a_deleted_row_leaves_the_site_when_its_removal_is_published() -> None:
    question = make_question()
    question.cites.add(make_study())
    publish_all(by=None)
    question.delete()
    assert "question:driving-home" in live_content()

    publish_rows(keys=["question:driving-home"], by=None)

    assert "question:driving-home" not in live_content()


def test_a_page_that_is_no_longer_ready_leaves_with_its_sections() -> None:
    make_item(make_section(make_page()))
    publish_all(by=None)
    Page.objects.filter(slug="faq").update(is_ready=False)

    publish_rows(keys=["page:faq", "section:faq-text"], by=None)

    assert (
        not {"page:faq", "section:faq-text", "sectionitem:faq-text-entry"} & live_content().keys()
    )


def test_a_section_of_a_page_that_is_not_ready_is_refused_and_stays() -> None:
    make_section(make_page())
    publish_all(by=None)
    Page.objects.filter(slug="faq").update(is_ready=False)

    with pytest.raises(CannotPublish, match="what it belongs to is not ready"):
        publish_rows(keys=["section:faq-text"], by=None)

    assert "section:faq-text" in live_content()


def test_publishing_nothing_new_is_refused() -> None:
    publish_all(by=None)

    with pytest.raises(CannotPublish, match="nothing to publish"):
        publish_all(by=None)

    assert Release.objects.count() == 1


def test_an_error_in_preflight_blocks_publishing_by_anyone(chief: User) -> None:
    publish_all(by=None)
    CrisisLine.objects.filter(href="tel:911").delete()

    with pytest.raises(CannotPublish) as refusal:
        publish_all(by=chief)

    assert {problem.id for problem in refusal.value.problems} == {"pages.E012"}
    assert Release.objects.count() == 1


def test_undo_is_a_new_release_with_the_old_content(editor: User) -> None:
    question = make_question()
    first = publish_all(by=None)
    Question.objects.update(answer="<p>A mistake.</p>")
    publish_rows(keys=[question.key], by=None)

    undone = restore(number=1, by=editor)

    assert undone.number == 3
    assert undone.content == first.content
    assert undone.note == "Back to release 1"
    assert Question.objects.get().answer == "<p>A mistake.</p>"


def test_a_proposal_cannot_be_restored() -> None:
    publish_all(by=None)
    Release.objects.update(approved_at=None)

    with pytest.raises(Release.DoesNotExist):
        restore(number=1, by=None)
