"""Passwords that somebody would guess: a common one dressed up, or this clinic's own words.

Passwords of twelve characters and more are rarely on a list of common ones as they stand. Most of
those that get guessed are a common word with something before, after or twice, so that is taken off
first (OWASP ASVS 5, 6.2.4 and 6.2.11).
"""

from __future__ import annotations

import re
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

# Keys beside each other, there and back, as often as anybody would type them.
_ROWS: Final = tuple(
    row * 4 for keys in ("1234567890", "qwertyuiop", "asdfghjkl") for row in (keys, keys[::-1])
)
# Letters as people disguise them.
_AS_LETTERS: Final = str.maketrans("013457@$!", "oleastasi")
# Not to be the whole of a password. The clinic's name and host come from the settings.
OWN_WORDS: Final = frozenset(
    [
        "admin",
        "callback",
        "clinic",
        "coordinator",
        "crisis",
        "desk",
        "editor",
        "health",
        "heal",
        "hotline",
        "infusion",
        "ketamine",
        "patient",
        "pain",
        "reviewer",
        "supervisor",
        "therapy",
    ]
)
# What a password must have beside digits, signs, and words that anybody would try.
ENOUGH: Final = 8  # characters


class GuessableValidator:
    """Refuses a password of which too little is left without what anybody would try."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise :exc:`ValidationError` for a password that is guessed before it is tried out."""
        left = _without_own_words(password.lower().translate(_AS_LETTERS))
        core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", password.lower())
        is_row = any(password.lower() in row for row in _ROWS)
        if is_row or len(set(left)) < ENOUGH // 2 or len(left) < ENOUGH or _is_common(core):
            raise ValidationError(
                gettext(
                    "That is too easy to guess. Take four words that have nothing to do with each "
                    "other or with the clinic."
                ),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return gettext("Four words that have nothing to do with each other make a good one.")


def _without_own_words(password: str) -> str:
    words = OWN_WORDS | set(re.findall(r"[a-z]{4,}", settings.CLINIC_NAME.lower()))
    words |= set(re.findall(r"[a-z]{4,}", " ".join(settings.ALLOWED_HOSTS).lower()))
    return re.sub("|".join(sorted(map(re.escape, words), key=len, reverse=True)), "", password)


def _is_common(core: str) -> bool:
    """Whether ``core``, or what it repeats, is on Django's list of 20,000 from breaches."""
    once = re.sub(r"^(.{3,}?)\1+$", r"\1", core)
    return any(
        word in _COMMON.passwords
        for word in (core, once, core.translate(_AS_LETTERS), once.translate(_AS_LETTERS))
    )


_COMMON: Final = CommonPasswordValidator()
