"""What changed, in words for the person who edits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.models import Row
from pages.models.translation import key_of
from pages.releases import Change, Content, FieldChange, model_of, title_of
from pages.rich import plain

KINDS = {"added": _("new"), "removed": _("removed"), "changed": _("changed")}
# The same in a row's history, where it is said of what somebody did.
DEEDS = {"added": _("added"), "removed": _("removed"), "changed": _("changed")}


@dataclass(frozen=True)
class FieldInWords:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangeInWords:
    key: str
    title: str
    row_kind: str
    kind: str
    address: str
    fields: tuple[FieldInWords, ...]


def describe(
    changes: Iterable[Change], *, before: Content, after: Content, whole: bool = False
) -> list[ChangeInWords]:
    """Each change with its row's title, and its fields side by side in words.

    With ``whole`` also what a new row says, or a removed one said.
    """
    described = []
    for change in changes:
        model = model_of(change.key)
        row = after.get(change.key) or before.get(change.key) or {}
        fields = tuple(
            _side_by_side(model, field, before, after)
            for field in change.fields
            if change.kind == "changed" or (whole and _says_something(field))
        )
        described.append(
            ChangeInWords(
                change.key,
                title_of(row, default=change.key),
                str(model._meta.verbose_name),
                str(KINDS[change.kind]),
                address_of(change.key),
                fields,
            )
        )
    return described


def kind_in_words(change: Change) -> str:
    """What a release did with the row: ``added``, ``removed`` or ``changed``."""
    return str(DEEDS[change.kind])


def address_of(key: str) -> str:
    """Leads to the change page of the row with this key."""
    return reverse("admin:pages_row", args=[key])


def translation_address(key: str, language: str, content: Content) -> str:
    """Leads to the form with the translation of the row ``key``, which may not exist yet."""
    if key_of(key, language) in content:
        return address_of(key_of(key, language))
    query = urlencode({"of": key, "language": language})
    return f"{reverse('admin:pages_translation_add')}?{query}"


def in_words(value: Any) -> str:
    """A value of a release for reading: no markup, yes and no, lists with commas."""
    if value is None or value == "":
        return gettext("(empty)")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(str(item).partition(":")[2] for item in value) or gettext("(none)")
    if isinstance(value, dict):
        return "\n".join(f"{name}: {plain(str(text))}" for name, text in value.items())
    return plain(str(value))


def _says_something(field: FieldChange) -> bool:
    """Not what only keeps a row in its place."""
    return field.name not in {"slug", "position", "is_ready"} and bool(field.before or field.after)


def _side_by_side(
    model: type[Row], field: FieldChange, before: Content, after: Content
) -> FieldInWords:
    old = _value_in_words(model, field.name, field.before, before)
    new = _value_in_words(model, field.name, field.after, after)
    if old == new:  # they differ in markup only, such as the address of a link
        old, new = str(field.before), str(field.after)
    return FieldInWords(_label(model, field.name), *_marked(old, new))


def _value_in_words(model: type[Row], name: str, value: Any, content: Content) -> str:
    field = model._meta.get_field(name)
    if field.is_relation and value:
        keys = [value] if isinstance(value, str) else value
        return ", ".join(title_of(content.get(key, {}), default=key) for key in keys)
    labels = dict(getattr(field, "flatchoices", ()))
    return str(labels[value]) if labels and value in labels else in_words(value)


def _marked(old: str, new: str) -> tuple[SafeString, SafeString]:
    """Both texts, with the words that only one of them has marked."""
    one, other = re.findall(r"\S+\s*", old), re.findall(r"\S+\s*", new)
    words = [word.strip() for word in one], [word.strip() for word in other]
    sides: tuple[list[str], list[str]] = ([], [])
    for kind, a, b, c, d in SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        for side, part, tag in ((0, one[a:b], "del"), (1, other[c:d], "ins")):
            text = conditional_escape("".join(part))
            sides[side].append(text if kind == "equal" or not text else f"<{tag}>{text}</{tag}>")
    return mark_safe("".join(sides[0])), mark_safe("".join(sides[1]))  # noqa: S308  escaped above


def _label(model: Any, name: str) -> str:
    try:
        return str(model._meta.get_field(name).verbose_name)
    except LookupError:
        return name
