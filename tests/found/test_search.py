"""What a search finds, on the content that the project ships."""

from __future__ import annotations

import sqlite3
import threading
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages import search as searching
from pages.search import LONGEST, MOST_RESULTS, index_of, search
from pages.search_words import plain_words
from pages.site import Site, build_site
from tests.content.seed import ready_seeds
from tests.found.content import content_of

GOLDEN = tomllib.loads((Path(__file__).parent / "golden.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("typed", "address"), GOLDEN["first"].items())
def test_the_first_result_is_what_was_meant(seed_site: Site, typed: str, address: str) -> None:
    answer = search(seed_site, typed)

    assert answer.results
    assert answer.results[0].document.address == address
    assert not answer.corrected


@pytest.mark.parametrize(("typed", "meant"), GOLDEN["misspelt"].items())
def test_a_typing_error_finds_what_the_right_spelling_finds(
    seed_site: Site, typed: str, meant: str
) -> None:
    wrong, right = search(seed_site, typed), search(seed_site, meant)

    assert wrong.corrected == ("" if typed == meant else meant)
    assert wrong.results
    assert wrong.results == right.results


def test_every_word_of_the_site_is_left_as_it_was_typed(seed_site: Site) -> None:
    index = index_of(seed_site)

    assert [
        word for word in index.vocabulary if searching._corrected(index, [word]) != [word]
    ] == []


def test_the_beginning_of_a_word_is_enough(seed_site: Site) -> None:
    answer = search(seed_site, "fibrom")

    assert answer.results[0].document.address == "/pain-conditions/#fibromyalgia"
    assert not answer.corrected


def test_results_come_from_pages_sections_questions_and_studies(seed_site: Site) -> None:
    found = {
        r.document.kind for q in ("depression", "jelovac") for r in search(seed_site, q).results
    }

    assert found == {"page", "section", "question", "study"}


def test_a_study_says_what_it_found(seed_site: Site) -> None:
    result = search(seed_site, "jelovac").results[0]

    assert result.document.direction == "found no benefit"
    assert "did no better" in result.document.text


def test_what_was_found_is_marked_in_the_title_and_the_excerpt(seed_site: Site) -> None:
    result = search(seed_site, "driving").results[0]

    assert [piece.text for piece in result.title if piece.is_hit] == ["drive"]
    assert "".join(piece.text for piece in result.title) == "Can I drive home?"
    assert "drive" in [piece.text for piece in result.excerpt if piece.is_hit]


def test_an_everyday_word_marks_what_it_stands_for(seed_site: Site) -> None:
    result = next(
        r for r in search(seed_site, "sad").results if r.document.address.endswith("#depression")
    )

    assert ("Depression", True) in result.title


def test_all_words_count_before_some_of_them(seed_site: Site) -> None:
    both = search(seed_site, "bladder liver")
    some = search(seed_site, "bladder vietnam")

    assert all({"bladder", "liver"} <= set(plain_words(r.document.text)) for r in both.results[:2])
    assert not both.is_partial
    assert some.is_partial
    assert some.results


@pytest.mark.parametrize("typed", ["zzqqxx", "of the", "¿?", "日本語", "x" * 60])
def test_what_stands_nowhere_is_not_found(seed_site: Site, typed: str) -> None:
    assert search(seed_site, typed).results == ()


@pytest.mark.parametrize("typed", ["", "   ", "\x00\x02\x03", "?!", "\u200b"])
def test_nothing_typed_is_nothing_looked_for(seed_site: Site, typed: str) -> None:
    answer = search(seed_site, typed)

    assert answer.results == ()
    assert not answer.is_crisis


def test_no_more_than_a_hundred_characters_are_read(seed_site: Site) -> None:
    answer = search(seed_site, "cost " + "a" * LONGEST + " suicide")

    assert answer.is_cut
    assert len(answer.typed) <= LONGEST
    assert not answer.is_crisis
    assert not search(seed_site, "a" * LONGEST).is_cut


def test_no_more_than_sixteen_words_are_read(seed_site: Site) -> None:
    assert search(seed_site, "zq " * 15 + "cost").results
    assert not search(seed_site, "zq " * 16 + "cost").results


def test_a_phrase_is_looked_for_as_a_phrase(seed_site: Site) -> None:
    index = index_of(seed_site)

    assert index.find(searching._any_of(["blood pressure"]))
    assert index.find(searching._any_of(["blood"]))
    assert not index.find(searching._any_of(["pressure blood"]))


@given(st.text(max_size=300))
@settings(deadline=None, max_examples=150)
def test_whatever_is_typed_gets_an_answer(typed: str) -> None:
    searching._answer(index_of(SITE), plain_words(typed))  # raises nothing
    answer = search(SITE, typed)

    assert len(answer.results) <= MOST_RESULTS
    assert len(answer.typed) <= LONGEST


@given(
    st.lists(
        st.sampled_from(
            ['"', "*", "(", ")", "NEAR", "AND", "OR", "NOT", "text:", "^", "-", "cost"]
        ),
        max_size=12,
    )
)
@settings(deadline=None, max_examples=100)
def test_the_words_of_the_query_language_are_only_words(parts: list[str]) -> None:
    words = plain_words(" ".join(parts))

    searching._answer(index_of(SITE), words)  # search() would hide an error of the engine


SITE = build_site(1, content_of(ready_seeds()))


@pytest.mark.parametrize(
    "typed",
    [
        " ".join(f"qz{n}xw" for n in range(16)),  # as many unknown words as are read
        "a " * 1_000_000,
        "k" * 1_000_000,
        "ketamne infuson depresion " * 100,
    ],
    ids=["unknown words", "short words", "one word", "typing errors"],
)
def test_the_time_is_bounded_whatever_is_typed(seed_site: Site, typed: str) -> None:
    index_of(seed_site)

    started = time.perf_counter()
    search(seed_site, typed)

    assert time.perf_counter() - started < 1  # seconds; some milliseconds on an idle machine


def test_the_index_is_built_once_for_a_site_however_many_ask(
    seed_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching._memory, "indexes", {})
    built = []
    build = searching.build_index
    monkeypatch.setattr(
        searching, "build_index", lambda site: (built.append(site), time.sleep(0.1), build(site))[2]
    )
    threads = [threading.Thread(target=search, args=(seed_site, "cost")) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert built == [seed_site]


def test_a_new_release_has_an_index_of_its_own(seed_site: Site) -> None:
    search(seed_site, "cost")
    newer = build_site(
        2,
        content_of(seed for seed in ready_seeds() if seed.key != "question:cost"),
    )

    assert "/faq/#cost-answer" not in {r.document.address for r in search(newer, "cost").results}
    assert index_of(newer) is not index_of(seed_site)


def test_without_full_text_search_the_crisis_lines_still_come(
    seed_site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(site: Site) -> None:
        raise sqlite3.OperationalError("no such module: fts5, asked by somebody who wants to die")

    monkeypatch.setattr(searching._memory, "indexes", {})
    monkeypatch.setattr(searching, "build_index", refuse)

    answer = search(seed_site, "i want to die")

    assert answer.is_crisis
    assert answer.results == ()
    assert "OperationalError" in caplog.text
    assert "die" not in caplog.text
