"""What a person wrote, made ready to read out. Lives only as long as one response."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import phonenumbers
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake.choices import STATES, ForWhom, Topic
from intake.models import CallbackRequest

_E164: Final = re.compile(r"^\+[1-9]\d{4,14}$")
_STATE_NAMES: Final = dict(STATES)

LABELS: Final = {
    "name": _("Name"),
    "phone": _("Phone"),
    "phone_extension": _("Extension"),
    "email": _("Email"),
    "window": _("Best time"),
    "for_whom": _("Asks for"),
    "adult": _("18 or older"),
    "topic": _("Topic"),
    "state": _("State"),
    "language": _("Language"),
    "access_needs": _("Makes a call easier"),
    "comment": _("In their words"),
    "voicemail": _("Voicemail"),
    "call_consent": _("Agreed to a call"),
    "text_consent": _("Agreed to texts"),
    "email_receipt": _("Receipt by email"),
}
# The header, the dial and "Agreed to" already say these.
_ELSEWHERE: Final = frozenset(
    {
        "name",
        "phone",
        "phone_extension",
        "window",
        "voicemail",
        "call_consent",
        "text_consent",
        "email_receipt",
    }
)


@dataclass(frozen=True)
class Fact:
    label: str
    value: str
    is_wide: bool = False


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Person:
    name: str
    phone: str  # as people read it
    phone_href: str  # empty when there is no number
    extension: str
    email: str
    email_href: str
    facts: Sequence[Fact]
    corrections: Sequence[Change] = field(default_factory=list)


def describe(contents: Sequence[Mapping[str, Any]]) -> Person:
    """The newest version of what somebody sent, with what changed since the first."""
    first, newest = contents[0], contents[-1]
    phone = str(newest.get("phone") or "")
    email = str(newest.get("email") or "")
    extension = str(newest.get("phone_extension") or "")
    return Person(
        name=str(newest.get("name") or "") or gettext("No name given"),
        phone=read_number(phone),
        phone_href=_tel(phone, extension),
        extension=extension,
        email=email,
        email_href="mailto:" + quote(email, safe="@") if email else "",
        facts=_facts(newest),
        corrections=_changes(first, newest) if len(contents) > 1 else [],
    )


def read_number(phone: str) -> str:
    """``(303) 555-0142`` for a US number, ``+44 20 7946 0018`` for another."""
    if not _E164.match(phone):
        return phone
    number = phonenumbers.parse(phone)
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if number.country_code == 1
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(number, style)


def _tel(phone: str, extension: str) -> str:
    """A ``tel:`` address (RFC 3966), or nothing for what is not a number."""
    if not _E164.match(phone):
        return ""
    digits = "".join(c for c in extension if c in "0123456789")
    return f"tel:{phone};ext={digits}" if digits else f"tel:{phone}"


def _facts(content: Mapping[str, Any]) -> list[Fact]:
    agreed = [
        words
        for name, words in (
            ("call_consent", gettext("a call")),
            ("voicemail", gettext("voicemail")),
            ("text_consent", gettext("texts")),
            ("email_receipt", gettext("a receipt by email")),
        )
        if content.get(name)
    ]
    facts = [
        Fact(str(LABELS[name]), in_words(name, content.get(name)), is_wide=name == "comment")
        for name in LABELS
        if name not in _ELSEWHERE and (content.get(name) not in (None, "") or name == "email")
    ]
    typed = str(content.get("phone_as_typed") or "")
    if typed and _digits(typed) != _digits(str(content.get("phone") or ""))[-10:]:
        facts.append(Fact(gettext("Phone as they typed it"), typed))
    consent = Fact(gettext("Agreed to"), ", ".join(agreed) or gettext("nothing"))
    comment = [fact for fact in facts if fact.is_wide]
    return [*(fact for fact in facts if not fact.is_wide), consent, *comment]


def in_words(name: str, value: Any) -> str:
    """One answer as staff read it."""
    if name == "adult":
        if value is None:
            return gettext("Not said")
        return gettext("Yes") if value else gettext("No, not yet 18")
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    text = str(value or "")
    if name == "for_whom":
        themself, other = gettext("Themself"), gettext("Someone else")
        return {ForWhom.SELF: themself, ForWhom.OTHER: other}.get(text, text)  # type: ignore[call-overload, no-any-return]
    if name == "topic":
        return {Topic.PHONE: gettext("Would rather discuss by phone")}.get(  # type: ignore[call-overload, no-any-return]
            text, str(dict(Topic.choices).get(text, text))
        )
    if name == "window":
        return str(dict(CallbackRequest.Window.choices).get(text, text))
    if name == "state":
        return str(_STATE_NAMES.get(text, text))
    if name == "phone":
        return read_number(text) or gettext("Not given")
    return text or gettext("Not given")


def _digits(text: str) -> str:
    return "".join(c for c in text if c in "0123456789")


def _changes(first: Mapping[str, Any], newest: Mapping[str, Any]) -> list[Change]:
    return [
        Change(str(label), in_words(name, first.get(name)), in_words(name, newest.get(name)))
        for name, label in LABELS.items()
        if first.get(name) != newest.get(name)
    ]
