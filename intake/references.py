"""The short name of a request: read over the phone, printed in mail, typed at the desk."""

from __future__ import annotations

import unicodedata
from typing import Final
from uuid import UUID

from django.utils.crypto import salted_hmac

# Without 0 1 I L O, which people confuse when they read or hear them.
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH: Final = 10


def reference_for(submission_key: UUID) -> str:
    """The reference of a form: the same for every retry, and computed without a database.

    A keyed hash, so that nobody can compute it from a key they saw elsewhere.
    """
    number = int.from_bytes(
        salted_hmac("intake.references", submission_key.bytes, algorithm="sha256").digest(), "big"
    )
    letters = []
    for _ in range(LENGTH):
        number, index = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[index])
    return "".join(letters)


def show_reference(reference: str) -> str:
    """``R4TXNW7KQC`` as people read it: ``R4TXN-W7KQC``."""
    return f"{reference[:5]}-{reference[5:]}"


def parse_reference(text: str) -> str | None:
    """The reference in what somebody typed, or ``None``.

    Case, spaces, hyphens and full-width letters do not matter.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    letters = "".join(c for c in plain if not c.isspace() and c not in "-\u2010\u2011\u2013\u2014")
    if len(letters) != LENGTH or any(c not in ALPHABET for c in letters):
        return None
    return letters
