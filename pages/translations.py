"""The site in another language: the words of its translations laid over the English content.

A row is shown translated as a whole or not at all, so that no sentence mixes two languages: only
while every one of its words has a translation that was made of the very English it now says.
Sections go with their entries, and figures with the parts of their picture.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_noop

from pages.languages import in_language, with_links_in
from pages.models.translation import key_of
from pages.releases import Content, Fields
from pages.said import Said

KIND: Final = "translation:"

# What a translator translates. Names, numbers, citations and addresses stay as they are.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "clinicprofile": ("tagline", "states_served", "opening_hours"),
    "crisisline": ("label", "detail"),
    "study": ("design", "finding"),
    "photo": ("alt", "caption"),
    "page": ("title", "meta_title", "meta_description", "lead"),
    "section": ("heading", "aside", "body", "provenance", "link_label"),
    "sectionitem": ("heading", "body"),
    "navlink": ("label",),
    "mechanism": (
        *("heading", "term", "summary", "body", "drawing_alt", "legend"),
        *("animals_label", "animals_text", "people_label", "people_text"),
    ),
    "treatmentstep": ("heading", "body"),
    "outcomefigure": (
        *("origin_note", "headline", "body", "no_denominator_reason", "comparator", "measure"),
        *("time_point", "period", "population", "condition", "route", "dose", "caveat"),
        "provenance",
    ),
    "figurepart": ("arm", "label"),
    "question": ("question", "answer"),
    "notice": ("heading", "short", "body"),
}
# Which columns hold an address of a page of ours.
PATHS: Final = {"page": ["path"], "section": ["link_path"], "navlink": ["target"]}
PATHS["redirect"] = ["from_path", "to_path"]
# Rows that are read together with the row they belong to.
PARENTS: Final = {"sectionitem": "section", "figurepart": "figure"}


class State(Said):
    """How the translation of one row stands."""

    MISSING = gettext_noop("Only in English")
    PARTLY = gettext_noop("Some of its words are missing, so readers see the English")
    OUTDATED = gettext_noop("The English has changed since, so readers see the English")
    AWAITING = gettext_noop("Awaiting a qualified translator's review")
    REVIEWED = gettext_noop("Checked by a qualified translator")

    @property
    def is_shown(self) -> bool:
        return self in {State.AWAITING, State.REVIEWED}


@dataclass(frozen=True)
class Translated:
    """Content in another language, and the keys of the rows that are in it."""

    content: Content
    keys: frozenset[str]
    states: Mapping[str, State]  # of every row that has words to translate


def english_of(key: str, fields: Fields) -> dict[str, str]:
    """The words of the row that need a translation, by field."""
    if fields.get("lang", "en") != "en":  # a crisis line that is in another language anyway
        return {}
    names = FIELDS.get(key.partition(":")[0], ())
    return {name: fields[name] for name in names if fields[name]}


def fingerprint_of(words: Mapping[str, str]) -> str:
    """The same for the same English, however it is broken into lines."""
    plain = {name: " ".join(text.split()) for name, text in words.items()}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def state_of(key: str, content: Content, language: str) -> State:
    """How the translation of the row ``key`` of ``content`` stands in it."""
    return state_between(english_of(key, content[key]), content.get(key_of(key, language)))


def state_between(english: Mapping[str, str], translation: Mapping[str, Any] | None) -> State:
    """How a translation stands to the English words."""
    if translation is None:
        return State.MISSING
    if any(not translation["words"].get(name) for name in english):
        return State.PARTLY
    if translation["original"] != fingerprint_of(english):
        return State.OUTDATED
    return State.REVIEWED if translation["reviewed_on"] else State.AWAITING


def without_translations(content: Content) -> Content:
    return {key: row for key, row in content.items() if not key.startswith(KIND)}


def languages_in(content: Content) -> frozenset[str]:
    """The languages into which some page is translated: only those have pages of their own."""
    return frozenset(
        row["language"]
        for key, row in content.items()
        if key.startswith(KIND) and row["of"].startswith("page:")
    )


def translate(content: Content, language: str) -> Translated:
    """The content in that language; rows without a good translation keep their English words."""
    rows = without_translations(content)
    states = {
        key: state_of(key, content, language) for key, row in rows.items() if english_of(key, row)
    }
    keys = _translated_keys(rows, states)
    shown: Content = {}
    for key, row in rows.items():
        words = _words_of(key, row, content, language) if key in keys else {}
        shown[key] = _with_paths(key, {**row, **words}, language)
    return Translated(shown, keys, states)


def _translated_keys(rows: Content, states: Mapping[str, State]) -> frozenset[str]:
    good = {key for key in rows if key not in states or states[key].is_shown}
    parents = {
        key: row[PARENTS[kind]]
        for key, row in rows.items()
        if (kind := key.partition(":")[0]) in PARENTS
    }
    broken = {parent for key, parent in parents.items() if key not in good}
    good -= broken
    return frozenset(key for key in good if parents.get(key, key) in good)


def _words_of(key: str, row: Fields, content: Content, language: str) -> Fields:
    translation = content.get(key_of(key, language))
    return (
        {name: translation["words"][name] for name in english_of(key, row)} if translation else {}
    )


def _with_paths(key: str, row: Fields, language: str) -> Fields:
    """Every address of this site turned to the same page in that language."""
    kind = key.partition(":")[0]
    turned = {name: in_language(row[name], language) for name in PATHS.get(kind, [])}
    for name in FIELDS.get(kind, ()):
        if isinstance(row[name], str):  # not what stands in the place of a withheld figure
            turned[name] = with_links_in(language, row[name])
    return {**row, **turned}
