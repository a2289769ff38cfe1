"""What counts as a medical statement."""

from __future__ import annotations

from typing import Any

import pytest

from pages.medical import is_medical, medical_among
from pages.models import CrisisLine, Mechanism, Notice
from pages.releases import working_content
from tests.pages.factories import (
    make_figure,
    make_item,
    make_page,
    make_part,
    make_question,
    make_section,
    make_step,
    make_study,
)

pytestmark = pytest.mark.django_db


def medical(key: str) -> bool:
    return is_medical(key, working_content())


def test_figures_studies_mechanisms_steps_and_crisis_lines_always_are() -> None:
    figure = make_figure(make_study())
    part = make_part(figure)
    step = make_step()
    mechanism = Mechanism.objects.create(slug="m", heading="M", drawing="synapse")
    line = CrisisLine.objects.create(slug="call", label="Call 988", href="tel:988")

    rows = (figure.study, figure, part, step, mechanism, line)

    assert [row.key for row in rows if row and not medical(row.key)] == []


@pytest.mark.parametrize(
    ("topic", "expected"),
    [("treatment", True), ("evidence", True), ("safety", True), ("practical", False)],
)
def test_a_question_is_by_its_topic(topic: str, expected: bool) -> None:
    assert medical(make_question(topic=topic).key) is expected


def test_a_practical_question_that_cites_a_study_is() -> None:
    question = make_question()
    question.cites.add(make_study())

    assert medical(question.key)


def test_whatever_a_clinician_has_signed_is() -> None:
    signed = make_question(reviewed_on="2026-01-02", reviewed_by="Dr. A, psychiatrist")

    assert medical(signed.key)


@pytest.mark.parametrize("kind", Notice.Kind.values)
def test_a_notice_is_unless_it_is_about_the_form_or_the_law(kind: str) -> None:
    notice = Notice.objects.create(slug="n", kind=kind, heading="N")

    assert medical(notice.key) is (kind not in {"form", "legal"})


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ({"is_treatment": True}, True),
        ({"path": "/safety/"}, True),
        ({"path": "/thoughts-of-suicide/"}, True),
        ({}, False),
    ],
)
def test_a_page_lends_it_to_its_sections_and_their_entries(
    page: dict[str, Any], expected: bool
) -> None:
    row = make_page(**page)
    section = make_section(row)
    item = make_item(section)

    assert [medical(r.key) for r in (row, section, item)] == [expected] * 3


def test_a_statement_that_is_removed_or_stops_being_one_counts_too() -> None:
    question = make_question(topic="safety")
    before = working_content()
    demoted = {question.key: before[question.key] | {"topic": "practical"}}

    assert medical_among([question.key], before=before, after={}) == [question.key]
    assert medical_among([question.key], before=before, after=demoted) == [question.key]
    assert medical_among([question.key], before={}, after=demoted) == []
