"""A small site, live in English and in Spanish."""

from __future__ import annotations

from typing import Any

from pages.models import Translation
from pages.models.translation import slug_of
from pages.releases import working_content
from pages.translations import english_of, fingerprint_of


def translate(key: str, **words: str) -> Translation:
    """The Spanish of the row, made of the English that it says now."""
    english = english_of(key, working_content()[key])
    values: dict[str, Any] = {
        "slug": slug_of(key, "es"),
        "language": "es",
        "of": key,
        "words": {name: f"es: {text}" for name, text in english.items()} | words,
        "original": fingerprint_of(english),
    }
    return Translation.objects.create(**values)
