"""The words people search with: everyday words, small words, words of danger, typing errors.

The lists are data, for editors to read and extend: ``pages/data/search_words.toml`` and
``pages/data/crisis_words.toml``. Everything here is bounded by the length of what was typed.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import snowballstemmer
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from pages.languages import ENGLISH, SPANISH

STEMMERS: Final = {SPANISH: "spanish"}  # as Snowball calls them, by the language of a site
DATA: Final = Path(__file__).parent / "data"
LONGEST_PHRASE: Final = 5  # words

_APOSTROPHES: Final = re.compile("['\u2018\u2019\u02bc\u00b4`]")
_NOT_LETTERS: Final = re.compile(r"[\W_]+")


def plain_words(text: str) -> list[str]:
    """Words in lower case, without accents, apostrophes and invisible characters."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    visible = "".join(c for c in decomposed if unicodedata.category(c) not in {"Mn", "Cf"})
    return _NOT_LETTERS.sub(" ", _APOSTROPHES.sub("", visible)).split()


@functools.cache
def _lists(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def _of(language: str) -> list[dict[str, Any]]:
    """The lists for a site in this language. Spanish readers also use English words."""
    lists = _lists("search_words.toml")
    return [lists, lists[language]] if language in lists else [lists]


@functools.cache
def everyday(language: str = ENGLISH) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """What people say, as words, to the site's own words for it."""
    meant: dict[tuple[str, ...], tuple[str, ...]] = {}
    for lists in _of(language):
        for own, said in lists["everyday"].items():
            for phrase in said:
                words = tuple(plain_words(phrase))
                meant[words] = (*meant.get(words, ()), own)
    return meant


@functools.cache
def small_words(language: str = ENGLISH) -> frozenset[str]:
    """Words that say nothing about what is looked for."""
    return frozenset(word for lists in _of(language) for word in lists["small"])


@functools.cache
def crisis_phrases() -> tuple[str, ...]:
    """The phrases of danger in both languages; ``*`` stands for up to two words."""
    lists = _lists("crisis_words.toml")
    return (*lists["english"], *lists["spanish"])


@functools.cache
def _danger() -> re.Pattern[str]:
    parts = [re.escape(phrase).replace(r"\ \*", r"(?: \w+){0,2}") for phrase in crisis_phrases()]
    return re.compile(r"\b(?:" + "|".join(sorted(parts)) + r")\b")


def is_crisis(words: Iterable[str]) -> bool:
    """Whether the words are such as somebody in danger may type. A needless 988 does no harm."""
    text = " ".join(words)
    return text in _lists("crisis_words.toml")["alone"] or _danger().search(text) is not None


def without_danger(words: Iterable[str]) -> list[str]:
    """The words that are left to look for: nobody in danger is shown where cells "die off".

    Suicide itself stays: the site has something to say about it.
    """

    def left(found: re.Match[str]) -> str:
        return found[0] if "suicid" in found[0] else " "

    return _danger().sub(left, " ".join(words)).split()


@functools.cache
def known_words(language: str = ENGLISH) -> frozenset[str]:
    """Every word of the lists: none of them is a typing error."""
    phrases = [
        *everyday(language),
        small_words(language),
        *(plain_words(phrase) for phrase in crisis_phrases()),
    ]
    return frozenset(word for words in phrases for word in words)


def stems(words: Iterable[str], language: str) -> list[str]:
    """Each word without its endings, where FTS5 cannot take them off: it knows English only."""
    algorithm = STEMMERS.get(language)
    # One for each call: it keeps the word it works on.
    return snowballstemmer.stemmer(algorithm).stemWords(list(words)) if algorithm else list(words)


def nearest(word: str, vocabulary: Mapping[str, int]) -> str:
    """The word of the vocabulary that was probably meant, or ``word`` where none is near.

    ``vocabulary`` counts how often each word is used. One slip is forgiven in a word of three to
    five letters, two in a longer one; letters in the wrong order are one slip. Short words are
    never what was meant: too many of them are alike.
    """
    slips = 0 if len(word) < 3 else 1 if len(word) < 6 else 2
    near = extract(
        word,
        vocabulary.keys(),
        scorer=OSA.distance,
        processor=None,
        score_cutoff=slips,
        limit=20,
    )
    ranked = (
        (distance, other[0] != word[0], -vocabulary[other], other)
        for other, distance, _ in near
        if slips and len(other) > 3
    )
    return min(ranked, default=(0, False, 0, word))[3]
