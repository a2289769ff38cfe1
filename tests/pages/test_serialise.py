"""Working rows become the content of a release."""

from __future__ import annotations

import datetime as dt

import pytest

from pages.models import CONTENT_MODELS, Question, Row
from pages.releases import in_todays_shape, prune, serialise, working_content
from tests.pages.factories import (
    make_figure,
    make_item,
    make_page,
    make_part,
    make_question,
    make_section,
    make_study,
)

pytestmark = pytest.mark.django_db


def test_a_row_is_its_columns_without_its_bookkeeping() -> None:
    question = make_question(reviewed_on=dt.date(2026, 11, 1), reviewed_by="Dr. A, psychiatrist")
    question.cites.add(make_study(slug="b"), make_study(slug="a"))

    fields = serialise(Question.objects.get())

    assert fields["question"] == "Can I drive home?"
    assert fields["reviewed_on"] == "2026-11-01"
    assert fields["cites"] == ["study:a", "study:b"]
    assert not fields.keys() & {"id", "edited_at", "edited_by"}


def test_a_decimal_reads_the_same_however_it_was_typed() -> None:
    make_figure(make_study(), slug="typed", low="75")

    content = working_content()

    assert content["outcomefigure:typed"]["low"] == "75.0"
    assert content["outcomefigure:typed"]["study"] == "study:berman-2000"


def test_a_row_that_is_not_ready_is_left_out_with_everything_below_it() -> None:
    page = make_page(is_ready=False)
    make_item(make_section(page))

    assert working_content() == {}


def test_a_mention_of_a_row_that_is_left_out_is_dropped() -> None:
    question = make_question()
    question.cites.add(make_study(slug="kept"), make_study(slug="waiting", is_ready=False))

    assert working_content()["question:driving-home"]["cites"] == ["study:kept"]


def test_a_figure_goes_with_its_study() -> None:
    figure = make_figure(make_study(is_ready=False))
    make_part(figure)
    clinic = make_figure(slug="ours", origin="clinic_reported", caveat="Not checked.")
    clinic.context.add(figure)

    content = working_content()

    assert content.keys() == {"outcomefigure:ours"}
    assert content["outcomefigure:ours"]["context"] == []


def test_pruning_leaves_its_argument_alone() -> None:
    make_item(make_section(make_page()))
    content = working_content()
    without_page = {key: fields for key, fields in content.items() if key != "page:faq"}

    assert prune(without_page) == {}
    assert len(without_page) == 2


def test_a_release_from_before_a_column_existed_gets_its_default() -> None:
    make_question()
    content = working_content()
    del content["question:driving-home"]["is_on_home"]
    content["question:driving-home"]["dropped_since"] = "x"

    shaped = in_todays_shape(content)

    assert shaped == working_content()


def test_the_number_of_queries_does_not_grow_with_the_rows(
    django_assert_num_queries: pytest.FixtureRequest,
) -> None:
    def fill(start: int, count: int) -> None:
        for n in range(start, start + count):
            study = make_study(slug=f"s{n}")
            make_part(make_figure(study, slug=f"f{n}"), slug=f"p{n}")
            make_question(slug=f"q{n}").cites.add(study)
            make_item(make_section(make_page(slug=f"page{n}"), slug=f"sec{n}"), slug=f"i{n}")

    # One per kind of row, and one per many-to-many of a kind that has rows.
    expected = len(CONTENT_MODELS) + 4
    fill(0, 1)
    with django_assert_num_queries(expected):  # type: ignore[operator]
        working_content()
    fill(1, 20)
    with django_assert_num_queries(expected):  # type: ignore[operator]
        working_content()


def test_every_kind_of_row_can_name_itself() -> None:
    assert all(issubclass(model, Row) for model in CONTENT_MODELS)
    assert make_question().key == "question:driving-home"
