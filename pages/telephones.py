"""Telephone numbers in words for readers: 866-951-4325, 866-951-HEAL, tel:+18669514325."""

from __future__ import annotations

import re
from typing import Final

from phonenumbers import convert_alpha_characters_in_number

# Ten digits of the North American plan, the last four perhaps a word.
_NUMBER: Final = re.compile(
    r"(?<![\w+./-])(?:\+?1[ .-]?)?(?:\([2-9]\d\d\)|[2-9]\d\d)[ .-]?[2-9]\d\d[ .-]?(?:\d{4}|[A-Z]{4})(?!\w)"
)
# Where readers may complain and report harm, from the content facts: the FDA's MedWatch, and the
# Office for Civil Rights with its line for people who type.
OF_AUTHORITIES: Final = frozenset({"+18003321088", "+18003681019", "+18005377697"})


def digits_of(number: str) -> str:
    """Its digits, those of a word on the keypad among them."""
    return re.sub(r"\D", "", convert_alpha_characters_in_number(number))


def dialled(number: str) -> str:
    """A number of North America as a telephone dials it: +1 and its digits (ITU-T E.164)."""
    return f"+1{digits_of(number).removeprefix('1')}"


def numbers_in(text: str) -> list[str]:
    """Each number as it is written; short ones, such as 988, are none."""
    return _NUMBER.findall(text)
