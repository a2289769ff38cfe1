"""Telephone numbers in words for readers: 866-951-4325, 866-951-HEAL, tel:+18669514325."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_KEYS: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
# Ten digits of the North American plan, the last four perhaps a word.
_NUMBER: Final = re.compile(
    r"(?<![\w+./-])(?:\+?1[ .-]?)?(?:\([2-9]\d\d\)|[2-9]\d\d)[ .-]?[2-9]\d\d[ .-]?(?:\d{4}|[A-Z]{4})(?!\w)"
)
# Where readers may complain and report harm, from the content facts: the FDA's MedWatch, and the
# Office for Civil Rights with its line for people who type.
OF_AUTHORITIES: Final = frozenset({"+18003321088", "+18003681019", "+18005377697"})


def dialled(number: str) -> str:
    """``number`` as a telephone dials it: +1 and ten digits (ITU-T E.164)."""
    digits = re.sub(r"\D", "", number.upper().translate(_KEYS))
    return f"+1{digits[-10:]}"


def numbers_in(text: str) -> Iterator[str]:
    """Each number as it is written; short ones, such as 988, are none."""
    yield from _NUMBER.findall(text)
