"""How hard a text is to read, as the US school grade of Flesch and Kincaid (1975)."""

from __future__ import annotations

import re


def grade(text: str) -> float:
    """School grade of ``text``: 8 is read with ease by most adults, 12 by few at 2 a.m.

    Numbers count as one short word each; the end of a line ends a sentence.
    """
    text = re.sub(r"https?://\S+|\d[\d,.:%-]*\d|\d", " ten ", text)
    sentences = [part for part in re.split(r"[.!?]+\s|\n+", text) if re.search(r"[A-Za-z]", part)]
    words = re.findall(r"[A-Za-z\u2019']+", text)
    if not words:
        return 0.0
    return (
        0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    )


def syllables(word: str) -> int:
    """Groups of vowels, less a silent ending; at least one."""
    word = re.sub(r"[\u2019']s?$", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", word))
    if re.search(r"[^aeiouyl]e$|[^aeioutd]ed$|[^aeiouscxzg]es$", word):
        groups -= 1
    return max(groups, 1)
