"""How hard an English text is to read."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z][A-Za-z'\u2019-]*")
_VOWELS = re.compile(r"[aeiouy]+")


def english_words(text: str) -> list[str]:
    return _WORD.findall(text)


def reading_grade(text: str) -> float:
    """The Flesch-Kincaid grade (Kincaid and others 1975): US school years needed to follow it."""
    words = english_words(text)
    sentences = [part for part in re.split(r"[.!?:;]\s|\n", text) if _WORD.search(part)]
    if not words:
        return 0.0
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    word = word.lower()
    silent = word.endswith("e") and not word.endswith("le")
    return max(1, len(_VOWELS.findall(word)) - silent)
