"""Phone numbers in any form that a person writes.

``phonenumbers`` knows the numbering plans; this module adds what people write around a number
("cell", "(work)", invisible marks from a copied contact) and says in one sentence how to put a
number right.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import phonenumbers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers import PhoneNumberType

from intake.text import fold

US_DIGITS: Final = 10
LONGEST: Final = 15  # digits of an international number: ITU-T E.164
# Three-digit codes of the North American plan that reach a service, not a person.
SERVICES: Final = frozenset({"211", "311", "411", "511", "611", "711", "811"})
_WORDS: Final = re.compile(r"[^\W\d_]{2,}", re.UNICODE)
_ORNAMENT: Final = re.compile(r"[^\w\s+#;=,:/().-]")  # a bullet or a heart between the digits
_EXTENSION: Final = re.compile(
    r"(?:\bext\w*|\bx|#|;ext=)[\s.:=]*\d+\s*$", re.IGNORECASE | re.UNICODE
)


class BadPhone(ValueError):
    """A number nobody could call. The message says how to put it right."""


def read_phone(typed: str) -> PhoneNumber:
    """The number in ``typed``, with its extension; a US number unless it says otherwise.

    Raises :exc:`BadPhone`.
    """
    text = _international_prefix(_ORNAMENT.sub(" ", _plain_digits(fold(typed))))
    for as_written in (str, _without_words):
        number = _parse(as_written(text))
        # A number of no kind is not valid; ``is_valid_number`` would find the kind once more.
        kind = PhoneNumberType.UNKNOWN if number is None else phonenumbers.number_type(number)
        if kind == PhoneNumberType.PREMIUM_RATE:
            raise BadPhone(_("We cannot call a premium-rate number; give another number"))
        if kind != PhoneNumberType.UNKNOWN:
            return number
    raise BadPhone(_what_is_wrong(text))


def _plain_digits(text: str) -> str:
    """Digits of every script as 0 to 9: Arabic-Indic, Devanagari and the others."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _international_prefix(text: str) -> str:
    """``00 44 ...`` as ``+44 ...``; ``phonenumbers`` itself reads only the American ``011``."""
    return re.sub(r"^00(?=[\s.-]*[1-9])", "+", text)


def _without_words(text: str) -> str:
    """What is left when "cell", "(work)" or "please" is taken out; the extension stays."""
    extension = _EXTENSION.search(text)
    end = extension.start() if extension else len(text)
    return _WORDS.sub(" ", text[:end]) + text[end:]


def _parse(text: str) -> PhoneNumber | None:
    try:
        return PhoneNumber.from_string(text, region="US")
    except phonenumbers.NumberParseException:
        return None


def _what_is_wrong(text: str) -> str:
    extension = _EXTENSION.search(text)
    main = text[: extension.start()] if extension else text
    digits = "".join(c for c in main if c.isdecimal())
    if not digits:
        return _("Write the phone number in digits, such as 303-555-0142")
    if digits in {"911", "988"}:
        return _(
            "%(digits)s is the line to call for help now. Here, give the number we can reach you on"
        ) % {"digits": digits}
    if digits in SERVICES:
        return _("%(digits)s is a service number; give the number we can reach you on") % {
            "digits": digits
        }
    if "+" in main and not digits.startswith("1"):
        return _("That number is not in use in the country it begins with; check each digit")
    if len(digits) > LONGEST:
        return _("The phone number has %(count)s digits; give one number of %(wanted)s digits") % {
            "count": len(digits),
            "wanted": US_DIGITS,
        }
    if digits.startswith("1") and ("+" in main or len(digits) == US_DIGITS + 1):
        digits = digits[1:]
    return _wrong_count(len(digits)) or _wrong_digits(digits)


def _wrong_count(count: int) -> str:
    digits = ngettext("%(count)s digit", "%(count)s digits", count) % {"count": count}
    if count == 7:
        return _("The phone number has %(digits)s; put the area code before it") % {
            "digits": digits
        }
    if count < US_DIGITS:
        return _("The phone number has %(digits)s; a US number has %(wanted)s") % {
            "digits": digits,
            "wanted": US_DIGITS,
        }
    if count > US_DIGITS:
        return _(
            "The phone number has %(digits)s; a US number has %(wanted)s. "
            "If it is not a US number, begin with + and the country code"
        ) % {"digits": digits, "wanted": US_DIGITS}
    return ""


def _wrong_digits(digits: str) -> str:
    area, exchange = digits[:3], digits[3:6]
    if area[0] in "01":
        return _("No US area code begins with %(digit)s; check the first 3 digits") % {
            "digit": area[0]
        }
    if exchange[0] in "01":
        return _("After the area code, no US number goes on with %(digit)s; check the digits") % {
            "digit": exchange[0]
        }
    return _("%(number)s is not a US number in use; check each digit") % {
        "number": f"{area}-{exchange}-{digits[6:]}"
    }
