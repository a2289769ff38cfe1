"""Finds words of the interface that gettext never saw: everything it hands out is put in brackets,
and what is left on a page outside them, beside what people wrote, was not marked."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.utils import translation

_INNERMOST = re.compile(r"⟦[^⟦⟧]*⟧")
_WORD = re.compile(r"[^\W\d_][^\W\d_]+")
# References and whole addresses.
_GIVEN = re.compile(r"\b[A-Z0-9]{5}-[A-Z0-9]{5}\b|https?://[^\s<\"]+")
# Forms of dates are looked up too, and are no words.
_FORMS = {"F j, Y", "F j, Y, g:i A", "F j, g:i A", "j F", "l, F j", "l, F j, Y", "l, F j, Y, P T"}


def mark_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the test ends, what is translated comes in brackets."""

    def marked(message: str) -> str:
        return message if message in _FORMS or not message.strip() else f"⟦{message}⟧"

    def plural(one: str, many: str, number: int) -> str:
        return marked(one if number == 1 else many)

    known: dict[str, Callable[..., str]] = {
        "gettext": marked,
        "pgettext": lambda _context, message: marked(message),
        "ngettext": plural,
        "npgettext": lambda _context, one, many, number: plural(one, many, number),
    }
    for name, function in known.items():
        monkeypatch.setattr(translation._trans, name, function, raising=False)  # type: ignore[attr-defined]


def words_left(html: str) -> list[str]:
    """The words that a reader sees or hears outside the brackets."""
    html = re.sub(
        r"<(script|style|code|kbd|bdi|del|ins|blockquote|textarea)\b.*?</\1>",
        " ",
        html,
        flags=re.DOTALL,
    )
    html = _GIVEN.sub(" ", html)
    while _INNERMOST.search(html):
        html = _INNERMOST.sub(" ", html)
    said = re.findall(r'\b(?:aria-label|title|placeholder|alt|data-l|data-side)="([^"]*)"', html)
    said += re.findall(r'<input[^>]*type="submit"[^>]*value="([^"]*)"', html)
    said += re.split(r"<[^>]*>", html)
    return [word for text in said for word in _WORD.findall(unescape(text))]


def words_of(*values: Any) -> set[str]:
    """The words of what people wrote, in any case: they are theirs, not the interface's."""
    return {word.lower() for value in values for word in _WORD.findall(str(value))}
