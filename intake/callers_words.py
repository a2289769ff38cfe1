"""What callers say: the words to start from, and what may not stand in a message.

A message on a voicemail may be heard by somebody else, so it names neither the treatment nor the
clinic. A caller asks for the person by the name they gave, as the confirmation page says.
"""

from __future__ import annotations

import re
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from intake.phrases import plain_words

LONGEST_OPENING: Final = 300  # characters
LONGEST_VOICEMAIL: Final = 200

OPENING: Final = (
    "Hello, my name is [your name]. May I speak to [the name they gave]? (Until they are on the "
    "line, do not say what it is about.) Is this a good moment?"
)
VOICEMAIL: Final = (
    f"Hello, this is [your first name]. My number is {settings.CLINIC_PHONE_WORD}. Thank you."
)
# What looks like a number of somebody's, or like an address.
ADDRESS: Final = re.compile(r"@|\d{5}|\d{3}[ .-]\d{4}")

_TELLING: Final = (
    "ketamine",
    "infusion",
    "clinic",
    "treatment",
    "depression",
    "pain",
    "mental",
)


def refuse_addresses(text: str) -> None:
    """Raise ``ValidationError`` for a number or address that is not ours: the words fit anybody."""
    for ours in (settings.CLINIC_PHONE_DIGITS, settings.CLINIC_PHONE_WORD):
        text = text.replace(ours, "")
    if ADDRESS.search(text):
        raise ValidationError(gettext("Leave out addresses, and numbers that are not ours."))


def refuse_telling_words(text: str) -> None:
    """Raise ``ValidationError`` for whole words, also in the plural, that tell what it is about."""
    telling = "|".join(map(re.escape, (plain_words(settings.CLINIC_NAME), *_TELLING)))
    if found := re.search(rf"\b(?:{telling})s?\b", plain_words(text)):
        raise ValidationError(
            gettext(
                "Somebody else may hear a voicemail, so it names no treatment and no clinic. Leave out “%(found)s”."
            )
            % {"found": found[0]}
        )
