"""Putting rows back to what the live site says."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from pages.discard import CannotDiscard, discard
from pages.models import OutcomeFigure, Page, Question, Section, Study
from pages.publishing import publish_all
from pages.releases import diff, live_content, working_content
from tests.pages.factories import (
    make_figure,
    make_page,
    make_part,
    make_question,
    make_section,
    make_study,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]


def unpublished() -> list[str]:
    return [change.key for change in diff(live_content(), working_content())]


def test_a_changed_row_says_again_what_the_site_says(editor: User) -> None:
    question = make_question()
    study = make_study()
    question.cites.add(study)
    figure = make_figure(study, review_due_on="2027-01-02")
    publish_all(by=None)
    Question.objects.update(answer="<p>A slip.</p>", is_on_home=True)
    question.cites.clear()
    OutcomeFigure.objects.update(low=None, review_due_on=None)

    done = discard(keys=[question.key, figure.key], by=editor)

    assert done == ([figure.key, question.key], [])
    assert unpublished() == []
    assert Question.objects.get().edited_by == editor


def test_only_the_chosen_rows_are_put_back() -> None:
    make_question(slug="one")
    make_question(slug="two")
    publish_all(by=None)
    Question.objects.update(answer="<p>Mine.</p>")

    discard(keys=["question:one"], by=None)

    assert unpublished() == ["question:two"]


def test_a_row_that_is_not_ready_any_more_comes_back() -> None:
    question = make_question()
    publish_all(by=None)
    Question.objects.update(is_ready=False)

    discard(keys=[question.key], by=None)

    assert unpublished() == []


def test_deleted_rows_come_back_with_what_belongs_to_them() -> None:
    figure = make_figure(make_study())
    part = make_part(figure)
    publish_all(by=None)
    keys = [part.key, figure.key]
    figure.delete()
    assert unpublished() == keys[::-1]

    discard(keys=keys, by=None)

    assert unpublished() == []


def test_a_row_whose_parent_stays_deleted_is_refused_and_nothing_is_written() -> None:
    section = make_section(make_page())
    study = make_study()
    publish_all(by=None)
    Page.objects.get(slug="faq").delete()
    Study.objects.update(finding="Mine.")

    with pytest.raises(CannotDiscard, match="Put that back too"):
        discard(keys=[study.key, section.key], by=None)

    assert not Section.objects.filter(slug=section.slug).exists()
    assert Study.objects.get().finding == "Mine."


def test_a_new_row_is_deleted() -> None:
    publish_all(by=None)
    question = make_question()

    assert discard(keys=[question.key], by=None) == ([], [question.key])
    assert not Question.objects.exists()


def test_a_new_row_that_another_one_uses_is_refused() -> None:
    publish_all(by=None)
    study = make_study()
    make_figure(study)

    with pytest.raises(CannotDiscard, match="still used by “47 in 100"):
        discard(keys=[study.key], by=None)

    assert Study.objects.exists()


def test_new_rows_that_use_each_other_go_together() -> None:
    publish_all(by=None)
    figure = make_figure(make_study())

    discard(keys=[figure.key, "study:berman-2000"], by=None)

    assert unpublished() == []


def test_an_address_that_another_page_has_taken_is_refused_in_words() -> None:
    page = make_page()
    make_section(page)
    publish_all(by=None)
    Page.objects.filter(slug="faq").update(path="/questions/")
    make_page(slug="other", path="/faq/")

    with pytest.raises(CannotDiscard, match="another row has its address"):
        discard(keys=[page.key], by=None)
