"""Finding rows by any word in them, whatever kind they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pages.models import Row
from pages.releases import fields_of
from pages.rich import plain

AROUND = 60  # characters shown on either side of a word


@dataclass(frozen=True)
class Hit:
    row: Row
    label: str  # of the field in which the first word stands
    before: str
    word: str
    after: str


def find(words: str, models: Iterable[type[Row]]) -> list[Hit]:
    """Every row, ready or not, that holds all of the words somewhere, in the order of the models."""
    wanted = [word.casefold() for word in words.split()]
    if not wanted:
        return []
    hits = []
    for model in models:
        for row in model._default_manager.all():
            texts = texts_of(row)
            whole = "\n".join(text for _, text in texts).casefold()
            if all(word in whole for word in wanted):
                hits.append(_hit(row, texts, wanted[0]))
    return hits


def texts_of(row: Row) -> list[tuple[str, str]]:
    """What the row says, field by field, as readers see it: no markup, choices in their words."""
    texts = []
    for field in fields_of(type(row)):
        if field.is_relation:
            continue
        value = getattr(row, field.name)
        if value is None or isinstance(value, bool):
            continue
        shown = row._get_FIELD_display(field) if field.choices else value  # type: ignore[attr-defined]
        text = plain(str(shown))
        if field.choices:
            text = f"{text} ({value})"
        texts.append((str(field.verbose_name), text))
    return texts


def _hit(row: Row, texts: list[tuple[str, str]], word: str) -> Hit:
    for label, text in texts:
        place = text.casefold().find(word)
        if place >= 0:
            end = place + len(word)
            start = max(0, place - AROUND)
            return Hit(row, label, text[start:place], text[place:end], text[end : end + AROUND])
    return Hit(row, "", "", "", "")
