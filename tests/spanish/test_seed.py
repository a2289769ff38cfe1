"""The Spanish that comes with the software: made of today's English, with the same figures."""

from __future__ import annotations

import re

import pytest

from pages.releases import MODEL_BY_NAME, Content
from pages.site import build_site
from pages.translations import KIND, State, english_of
from tests.content.seed import seeds
from tests.found.content import content_of

NEEDED = ("/", "/contact/", "/safety/", "/thoughts-of-suicide/", "/privacy/")
# Where the Spanish says more: which key to press, or what to text, for Spanish.
SPANISH_ROUTE = {"crisisline:call-988", "page:thoughts-of-suicide", "section:if-you-call"}
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*%?")


@pytest.fixture(scope="module")
def content() -> Content:
    return content_of(seed for kind in MODEL_BY_NAME for seed in seeds(kind))


def test_every_seeded_translation_was_made_of_todays_english(content: Content) -> None:
    """A name here: translate anew, and enter the fingerprint that the admin would."""
    states = build_site(1, content).others["es"].states
    translated = {row["of"] for key, row in content.items() if key.startswith(KIND)}

    assert {
        key: states.get(key) for key in translated if states.get(key) is not State.AWAITING
    } == {}


def test_the_pages_that_matter_for_safety_are_spanish_as_a_whole(content: Content) -> None:
    site = build_site(1, content).others["es"]

    for path in NEEDED:
        page = site.pages[f"/es{path}" if path != "/" else "/es/"]
        rows = [page, *page.sections, *(row for each in page.sections for row in each.listed)]
        assert [row.key for row in rows if row.language != "es"] == [], path
    assert {line.language for line in site.crisis_lines} == {"es"}
    assert "oprima 2" in site.doors[0].detail


def test_a_translation_has_the_figures_and_links_of_its_english(content: Content) -> None:
    for key, row in content.items():
        if not key.startswith(KIND) or row["of"] in SPANISH_ROUTE:
            continue
        for name, english in english_of(row["of"], content[row["of"]]).items():
            spanish = row["words"][name]
            assert sorted(_FIGURE.findall(spanish)) == sorted(_FIGURE.findall(english)), (key, name)
            assert re.findall('href="[^"]*"', spanish) == re.findall('href="[^"]*"', english), key
