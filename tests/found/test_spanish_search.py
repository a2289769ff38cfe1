"""Search on the Spanish site: its words in all their forms, and English ones where it has no others."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pages.search import index_of, search
from pages.search_words import DATA, crisis_phrases, everyday, plain_words, small_words, stems
from pages.site import Site

GOLDEN = tomllib.loads((Path(__file__).parent / "golden.toml").read_text(encoding="utf-8"))
WORDS = tomllib.loads((DATA / "search_words.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def spanish(seed_site: Site) -> Site:
    return seed_site.at("/es/")


@pytest.mark.parametrize(("typed", "address"), GOLDEN["spanish"].items())
def test_the_first_result_is_what_was_meant(spanish: Site, typed: str, address: str) -> None:
    results = search(spanish, typed).results

    assert results
    assert results[0].document.address == f"/es{address}"


@pytest.mark.parametrize(
    ("typed", "marked"),
    [("riesgo", "riesgos"), ("anestésicos", "anestésico"), ("vómito", "vómito")],
)
def test_a_word_is_found_and_marked_in_another_form(spanish: Site, typed: str, marked: str) -> None:
    found = search(spanish, typed)

    assert found.corrected == ""
    pieces = [piece for each in found.results for piece in (*each.title, *each.excerpt)]
    assert marked in {piece.text.lower() for piece in pieces if piece.is_hit}


@pytest.mark.parametrize("phrase", [one for one in crisis_phrases() if "*" not in one])
def test_words_of_danger_come_before_all_others(spanish: Site, phrase: str) -> None:
    found = search(spanish, phrase)

    assert found.is_crisis
    assert found.results[0].document.address == "/es/thoughts-of-suicide/"


def test_the_english_site_is_searched_without_spanish_rules(seed_site: Site) -> None:
    assert index_of(seed_site).forms == {}
    assert stems(["manejar"], "en") == ["manejar"]
    assert "son" not in small_words()
    assert ("jaqueca",) not in everyday()


def test_both_languages_keep_their_index(seed_site: Site, spanish: Site) -> None:
    both = index_of(seed_site), index_of(spanish)

    assert both == (index_of(seed_site), index_of(spanish))
    assert both[0] is index_of(seed_site)


@pytest.mark.parametrize("own", WORDS["es"]["everyday"])
def test_each_entry_leads_to_something(spanish: Site, own: str) -> None:
    assert index_of(spanish).find(f'"{" ".join(plain_words(own))}"')
