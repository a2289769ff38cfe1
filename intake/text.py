"""What may stand in a text that a visitor typed.

Refused: control characters (NUL included), line breaks where one line is asked, lone surrogates
and noncharacters, and U+FFFD, which stands where something did not reach us intact.

Kept as typed: every script, emoji, and the invisible characters that some scripts need (joiners,
direction marks). Whatever shows such a text isolates it (``<bdi>``, ``dir="auto"``), so that a
direction mark in a name cannot turn the words around it. Where they mean nothing, in phone
numbers and e-mail addresses, :func:`fold` takes them out: phones put them there when people copy
a number.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from django.utils.translation import gettext as _

LINE_BREAKS: Final = frozenset("\n\r\v\f\x85\u2028\u2029")
# Category Cc without tab and line feed.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Lone surrogates, noncharacters (the last two of each plane among them), and U+FFFD.
_LAST_TWO: Final = "".join(
    chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
_NOT_WHOLE: Final = re.compile(f"[\ud800-\udfff\ufdd0-\ufdef\ufffd{_LAST_TWO}]")


class BadText(ValueError):
    """A text that is not accepted; its message ends the sentence that begins with the field."""


def is_invisible(character: str) -> bool:
    """Whether a character takes no space and prints nothing: joiners, direction marks, BOM."""
    return unicodedata.category(character) == "Cf" or character in "\u034f\u115f\u1160\u3164\uffa0"


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing at all."""
    return all(c.isspace() or is_invisible(c) for c in text)


def _refuse_what_no_text_holds(text: str) -> None:
    if _CONTROLS.search(text):
        raise BadText(_("contains a hidden control character. Delete it and type it again"))
    if _NOT_WHOLE.search(text):
        raise BadText(_("contains a character that did not reach us whole. Type it again"))


def read_line(text: str) -> str:
    """One line, in Unicode's composed form, without spaces at its ends.

    A tab, which a paste from a table brings along, becomes a space. Nothing visible at all
    becomes the empty text. Raises :exc:`BadText`.
    """
    if not LINE_BREAKS.isdisjoint(text.strip(" \t")):
        raise BadText(_("must be on one line. Take out the line breaks"))
    _refuse_what_no_text_holds(text)
    line = unicodedata.normalize("NFC", text.replace("\t", " ")).strip()
    return "" if is_blank(line) else line


def read_paragraph(text: str) -> str:
    """Several lines; each line break counts as one character, however the browser sent it.

    Raises :exc:`BadText`.
    """
    paragraph = text.replace("\r\n", "\n").replace("\r", "\n")
    paragraph = paragraph.replace("\u2028", "\n").replace("\u2029", "\n")
    _refuse_what_no_text_holds(paragraph)
    paragraph = unicodedata.normalize("NFC", paragraph).strip()
    return "" if is_blank(paragraph) else paragraph


def fold(text: str) -> str:
    """Plain forms of full-width and other look-alike characters, without invisible ones."""
    if text.isascii():
        return text.strip()
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if not is_invisible(c)).strip()
