"""Does a comment read as if somebody were in danger? Words only, never a judgment.

The list is data: ``intake/data/crisis_phrases.toml``. A match puts 988 and 911 first on the
confirmation and marks the request for the desk; no request is refused and nobody is alerted.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

PHRASES: Final = Path(__file__).parent / "data" / "crisis_phrases.toml"

# The answers of the form in which people write words of their own.
FREE_TEXTS: Final = ("comment", "access_needs", "language", "name")

_APOSTROPHES: Final = re.compile("['\u2018\u2019\u02bc\u00b4`]")
_NOT_LETTERS: Final = re.compile(r"[\W_]+")


def plain_words(text: str) -> str:
    """Lower-case words with one space between: no accents, apostrophes or invisible characters."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    visible = decomposed
    if not decomposed.isascii():
        visible = "".join(c for c in decomposed if unicodedata.category(c) not in {"Mn", "Cf"})
    return _NOT_LETTERS.sub(" ", _APOSTROPHES.sub("", visible)).strip()


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    parts = [re.escape(phrase).replace(r"\ \*", r"(?: \w+){0,2}") for phrase in phrases]
    return re.compile(r"\b(?:" + "|".join(sorted(parts)) + r")\b")


@functools.cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    lists = tomllib.loads(PHRASES.read_text(encoding="utf-8"))
    return _pattern(lists["harmless"]), _pattern([*lists["english"], *lists["spanish"]])


def has_crisis_wording(text: str) -> bool:
    """Whether ``text`` has wording that suggests danger, in English or Spanish."""
    harmless, danger = _patterns()
    # What is left out leaves two spaces, which keep its neighbours from forming a phrase.
    return danger.search(harmless.sub("", plain_words(text))) is not None


def form_has_crisis_wording(content: Mapping[str, Any]) -> bool:
    """Whether any free text of a form has such wording."""
    return has_crisis_wording("\n".join(str(content.get(field) or "") for field in FREE_TEXTS))
