"""What the database itself refuses, whoever writes to it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from pages.models import FigurePart, OutcomeFigure, Question, Study
from pages.models.figures import CIRCUMSTANCES
from tests.pages.factories import make_figure, make_part, make_question, make_study

pytestmark = pytest.mark.django_db


def refused(name: str) -> Any:
    return pytest.raises(IntegrityError, match=name)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("figure_range_in_order", {"low": 20, "high": 15}),
        ("figure_range_in_order", {"low": 15, "high": 15}),
        ("figure_range_in_order", {"low": None, "high": 15}),
        ("figure_counts_or_reason", {"denominator": None, "no_denominator_reason": ""}),
        ("figure_numerator_within_denominator", {"numerator": 33, "denominator": 32}),
        (
            "figure_numerator_within_denominator",
            {"numerator": 3, "denominator": None, "no_denominator_reason": "Not given."},
        ),
        ("figure_percents_are_of_100", {"low": 100.1}),
        ("figure_percents_are_of_100", {"low": 1, "high": 146}),
        ("figure_percents_are_of_100", {"comparator_percent": -1}),
        *(("figure_says_its_circumstances", {name: ""}) for name in CIRCUMSTANCES),
        ("figure_published_has_study", {"study": None}),
        ("figure_clinic_reported_has_caveat", {"origin": "clinic_reported", "caveat": ""}),
    ],
)
def test_a_figure_that_contradicts_itself_is_refused(
    constraint: str, changes: dict[str, Any]
) -> None:
    make_figure(make_study())

    with refused(constraint), transaction.atomic():
        OutcomeFigure.objects.update(**changes)


@pytest.mark.parametrize("year", [203, 20260])
def test_a_study_is_of_a_year(year: int) -> None:
    make_study()

    with refused("study_year_is_a_year"), transaction.atomic():
        Study.objects.update(year=year)


def test_a_share_is_of_one_hundred_people() -> None:
    make_part(make_figure(make_study()))

    with refused("figurepart_is_of_100_people"), transaction.atomic():
        FigurePart.objects.update(people=101)


def test_a_whole_figure_is_accepted() -> None:
    make_figure(make_study())

    changed = OutcomeFigure.objects.update(low=15, high=20, numerator=5, denominator=32)

    assert changed == 1


@pytest.mark.parametrize(
    "changes", [{"reviewed_on": "2026-01-02"}, {"reviewed_by": "Dr. A, psychiatrist"}]
)
@pytest.mark.parametrize("model", [Question, Study, OutcomeFigure], ids=lambda m: m.__name__)
def test_a_review_has_both_its_day_and_its_reviewer(model: Any, changes: dict[str, str]) -> None:
    make_question()
    make_figure(make_study())

    with refused("review_has_reviewer"), transaction.atomic():
        model.objects.update(**changes)


def test_a_short_name_names_one_row() -> None:
    make_question()

    with pytest.raises(IntegrityError), transaction.atomic():
        make_question()
