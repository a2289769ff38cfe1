"""The pictures that templates draw from data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.nodes import Segment
from pages.templatetags import figures


@dataclass
class Box:
    left: int
    top: int
    right: int
    bottom: int


def boxes_of(outline: str) -> list[Box]:
    """The rectangles of the path data, in whole people."""
    found = []
    for x, y, wide, high in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)", outline):
        left, top = int(x) // figures.WIDTH, int(y) // figures.HEIGHT
        found.append(
            Box(left, top, left + int(wide) // figures.WIDTH, top + int(high) // figures.HEIGHT)
        )
    return found


def people_of(outline: str) -> set[int]:
    return {
        row * figures.ROW + column
        for box in boxes_of(outline)
        for row in range(box.top, box.bottom)
        for column in range(box.left, box.right)
    }


@given(st.integers(0, 100), st.integers(0, 100))
def test_an_outline_covers_exactly_its_people(one: int, other: int) -> None:
    first, after = sorted((one, other))

    drawn = figures.outline(first, after)

    assert people_of(drawn) == set(range(first, after))
    assert all(box.right <= figures.ROW for box in boxes_of(drawn))


def test_an_icon_array_draws_its_shares_one_after_another() -> None:
    shares = [Segment(29, "on"), Segment(25, "part"), Segment(0, "maybe"), Segment(46, "off")]

    drawn = figures.people("54 of 100", shares)

    shapes = drawn["shapes"]
    assert isinstance(shapes, list)
    assert [shape["glyph"] for shape in shapes] == ["on", "part", "off"]
    assert [len(people_of(shape["outline"])) for shape in shapes] == [29, 25, 46]
    assert set.union(*(people_of(shape["outline"]) for shape in shapes)) == set(range(100))


@pytest.mark.parametrize("name", ["", "nothing-of-that-name", "../base", "brain.svg", "Brain"])
def test_a_drawing_that_does_not_exist_leaves_its_place_empty(name: str) -> None:
    assert figures.drawing(name, "") == ""


def test_counts_in_a_headline_stand_out_and_the_rest_is_escaped() -> None:
    assert figures.people_counted("15 to 20 in 100 <b>return</b>") == (
        "<span>15 to 20 in 100</span> &lt;b&gt;return&lt;/b&gt;"
    )


@pytest.mark.parametrize(
    ("authors", "short"),
    [
        ("Berman RM, Cappiello A, and others", "Berman and others 2000"),
        ("Jelovac A, and others", "Jelovac and others 2000"),
        ("Domino EF", "Domino 2000"),
        ("US Food and Drug Administration", "US Food and Drug Administration 2000"),
        ("de Graaf M; Smit F", "de Graaf and others 2000"),
    ],
)
def test_a_study_is_cited_by_its_first_author(authors: str, short: str) -> None:
    assert figures.cited(SimpleNamespace(authors=authors, year=2000)) == short  # type: ignore[arg-type]


def test_two_studies_that_would_read_alike_are_told_apart_by_their_journal() -> None:
    one, two, other = (
        SimpleNamespace(authors=authors, year=2018, journal=journal)
        for authors, journal in (
            ("Zanos P, Gould T", "Mol Psychiatry"),
            ("Zanos P, Moaddel R", "Pharmacol Rev"),
            ("Li N", "Science"),
        )
    )

    named = [figures.cited_among(study, (one, two, other)) for study in (one, two, other)]  # type: ignore[arg-type]

    assert named == [
        "Zanos and others, Mol Psychiatry 2018",
        "Zanos and others, Pharmacol Rev 2018",
        "Li 2018",
    ]
