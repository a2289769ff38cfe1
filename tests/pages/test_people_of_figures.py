"""A figure becomes pictures of one hundred people."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.nodes import OutcomeFigure, Segment, whole_people
from pages.releases import working_content
from pages.site import build_site
from tests.pages.factories import make_figure, make_part, make_study

pytestmark = pytest.mark.django_db


def built() -> OutcomeFigure:
    (figure,) = build_site(1, working_content()).all(OutcomeFigure)
    return figure


@pytest.mark.parametrize(
    ("percent", "people"),
    [("53.6", 54), ("28.9", 29), ("46.5", 47), ("0", 0), ("0.4", 0), ("100", 100), ("99.5", 100)],
)
def test_a_percentage_is_rounded_to_whole_people(percent: str, people: int) -> None:
    assert whole_people(Decimal(percent)) == people


def test_one_percentage_is_one_picture() -> None:
    make_figure(make_study(), low="46.9")

    (arm,) = built().arms

    assert arm.segments == (Segment(47, "on"), Segment(53, "off"))
    assert arm.alt == "47 of 100 figures filled"


def test_a_comparator_gets_a_picture_of_its_own() -> None:
    make_figure(make_study(), low="46.9", comparator_percent="33.3")

    ketamine, other = built().arms

    assert (ketamine.label, other.label) == ("Ketamine", "Midazolam, a sedative")
    assert other.segments == (Segment(33, "on"), Segment(67, "off"))
    assert other.alt == "Midazolam, a sedative: 33 of 100 figures filled"


def test_a_clinic_reported_range_shows_its_width_in_its_own_glyphs() -> None:
    make_figure(origin="clinic_reported", caveat="Not checked.", low="15", high="20")

    figure = built()

    assert figure.is_clinic_reported
    (arm,) = figure.arms
    assert arm.segments == (Segment(15, "said"), Segment(5, "maybe"), Segment(80, "off"))
    assert arm.alt.startswith("15 to 20 of 100 figures: 15 filled, 5 half filled")


def test_parts_take_the_place_of_percentages_and_the_rest_stay_outlined() -> None:
    figure = make_figure(make_study(), low="50")
    make_part(figure, slug="b", people=8, label="got worse", glyph="worse", position=2)
    make_part(figure, slug="a", people=29, label="reached remission", position=1)

    (arm,) = built().arms

    assert arm.segments == (
        Segment(29, "on", "reached remission"),
        Segment(8, "worse", "got worse"),
        Segment(63, "off"),
    )
    assert arm.alt == "Of 100 people, 29 reached remission; 8 got worse"


def test_parts_of_two_arms_make_two_pictures() -> None:
    figure = make_figure(make_study())
    make_part(figure, slug="a", arm="After 4 weeks", people=80, label="held")
    make_part(figure, slug="b", arm="After 8 weeks", people=60, label="held")

    assert [arm.label for arm in built().arms] == ["After 4 weeks", "After 8 weeks"]


def test_a_figure_without_numbers_has_no_picture() -> None:
    make_figure(make_study(), low=None)

    assert built().arms == ()


def test_the_studies_of_a_figure_are_named_once_each() -> None:
    study = make_study()
    make_figure(study).more_studies.add(study, make_study(slug="other"))

    assert [cited.slug for cited in built().studies_cited] == ["berman-2000", "other"]


@given(low=st.decimals(0, 100, places=1), more=st.decimals(0, 100, places=1))
def test_every_picture_shows_one_hundred_people(low: Decimal, more: Decimal) -> None:
    figure = _bare(low=low, high=min(Decimal(100), low + more) if more else None)

    assert [sum(segment.people for segment in arm.segments) for arm in figure.arms] == [100]
    assert all(segment.people > 0 for arm in figure.arms for segment in arm.segments)


def _bare(**values: object) -> OutcomeFigure:
    from dataclasses import MISSING, fields

    blank = {f.name: "" for f in fields(OutcomeFigure) if f.default is MISSING}
    return OutcomeFigure(**{**blank, "comparator_percent": None, **values})  # type: ignore[arg-type]
