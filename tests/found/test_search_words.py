"""The lists of words: every entry leads somewhere, and every word of danger to 988."""

from __future__ import annotations

import pytest

from pages.search import index_of, search
from pages.search_words import crisis_phrases, everyday, is_crisis, nearest, plain_words
from pages.site import Site


def typed_as(phrase: str) -> str:
    return phrase.replace(" * ", " to really ")


@pytest.mark.parametrize("phrase", crisis_phrases())
def test_each_word_of_danger_puts_help_first(seed_site: Site, phrase: str) -> None:
    answer = search(seed_site, typed_as(phrase))

    assert answer.is_crisis
    assert answer.results[0].document.address == "/thoughts-of-suicide/"


@pytest.mark.parametrize(
    "typed",
    [
        "I want to die",
        "i dont want to live any more",
        "I don\u2019t want to wake up",
        "KILL MYSELF",
        "kll myself",
        "sucidal",
        "suicidle thoughts",
        "suicid",
        "my husband wants to die",
        "how many pills",
        "help",
        "help me please",
        "No quiero vivir",
        "quiero hacerme daño",
        "ayudame",
    ],
)
def test_danger_is_read_through_case_apostrophes_accents_and_typing_errors(
    seed_site: Site, typed: str
) -> None:
    answer = search(seed_site, typed)

    assert answer.is_crisis
    assert answer.results[0].document.address == "/thoughts-of-suicide/"


@pytest.mark.parametrize(
    "typed", ["depression", "cost", "does it help with pain", "skills", "diet", "drill", "kids"]
)
def test_other_words_are_answered_as_usual(seed_site: Site, typed: str) -> None:
    assert not search(seed_site, typed).is_crisis


def test_nobody_in_danger_is_shown_where_the_word_stands_by_chance(seed_site: Site) -> None:
    addresses = {r.document.address for r in search(seed_site, "i want to die").results}

    assert all(address.startswith("/thoughts-of-suicide/") for address in addresses)


def test_whoever_asks_about_suicide_finds_what_the_site_says_of_it(seed_site: Site) -> None:
    addresses = [r.document.address for r in search(seed_site, "suicide ketamine").results]

    assert addresses[0] == "/thoughts-of-suicide/"
    assert "/response-rates/#rates-suicidal" in addresses


@pytest.mark.parametrize("own", sorted({own for meant in everyday().values() for own in meant}))
def test_what_an_everyday_word_stands_for_stands_on_the_site(seed_site: Site, own: str) -> None:
    assert index_of(seed_site).find(f'"{" ".join(plain_words(own))}"')


@pytest.mark.parametrize("said", [" ".join(words) for words in everyday()])
def test_each_everyday_word_finds_something(seed_site: Site, said: str) -> None:
    answer = search(seed_site, said)

    assert answer.results
    assert not answer.corrected


def test_no_everyday_phrase_is_longer_than_is_looked_for() -> None:
    from pages.search_words import LONGEST_PHRASE

    assert max(len(words) for words in everyday()) <= LONGEST_PHRASE


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("ketmine", "ketamine"),
        ("ketaimne", "ketamine"),
        ("pian", "pain"),  # two letters in the wrong order
        ("sfe", "safe"),
        ("xy", "xy"),  # too short to say
        ("pqrst", "pqrst"),
    ],
)
def test_the_nearest_word_is_meant(word: str, meant: str) -> None:
    vocabulary = {"ketamine": 9, "esketamine": 3, "pain": 5, "paid": 1, "safe": 2, "six": 1}

    assert nearest(word, vocabulary) == meant


def test_of_two_words_equally_near_the_more_common_is_meant() -> None:
    assert nearest("meen", {"mean": 1, "seen": 9, "meet": 4}) == "meet"  # same first letter
    assert nearest("meen", {"mean": 5, "meet": 4}) == "mean"


def test_a_phrase_needs_whole_words() -> None:
    assert is_crisis(["die"])
    assert not is_crisis(["diet"])
    assert is_crisis(["want", "to", "just", "die"])
    assert is_crisis(["help"])
    assert not is_crisis(["help", "with", "cost"])
