"""What a release contains, and how two contents differ. Reads only; ``publishing`` writes.

Content maps the key of a row (``"question:driving-home"``) to its fields: dates and
decimals as text, a foreign key as the other row's key, many-to-many as a sorted list
of keys. Rows that are not ready are left out, and so is every row below one of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from django.db import models

from pages.models import CONTENT_MODELS, Release, Row

Fields = dict[str, Any]
Content = dict[str, Fields]

MODEL_BY_NAME: dict[str, type[Row]] = {str(m._meta.model_name): m for m in CONTENT_MODELS}
# Where a row keeps its own words for itself.
TITLES = ("heading", "title", "question", "headline", "label", "name", "of")


@dataclass(frozen=True)
class FieldChange:
    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """One row that differs. Added and removed rows carry all their fields."""

    key: str
    kind: Literal["added", "removed", "changed"]
    fields: tuple[FieldChange, ...]


def title_of(fields: Mapping[str, Any], *, default: str) -> str:
    """The row's own words for itself, from its fields in a release."""
    return next((fields[name] for name in TITLES if fields.get(name)), default)


def model_of(key: str) -> type[Row]:
    """The model of ``key``; ``KeyError`` when no model has that name."""
    return MODEL_BY_NAME[key.partition(":")[0]]


def row_of(key: str) -> Row | None:
    """The working row of ``key``, if there still is one."""
    return model_of(key)._default_manager.filter(slug=key.partition(":")[2]).first()


@cache
def fields_of(model: type[Row]) -> tuple[models.Field[Any, Any], ...]:
    """The columns that a release carries, in the model's order."""
    return tuple(f for f in model._meta.concrete_fields if f.name not in model.UNPUBLISHED_FIELDS)


@cache
def foreign_keys_of(model: type[Row]) -> tuple[str, ...]:
    return tuple(f.name for f in fields_of(model) if f.is_relation)


@cache
def parents_of(model: type[Row]) -> tuple[str, ...]:
    """The foreign keys without which the row makes no sense; the others may be left empty."""
    return tuple(
        f.name
        for f in fields_of(model)
        if isinstance(f, models.ForeignKey) and f.remote_field.on_delete is not models.SET_NULL
    )


@cache
def many_to_many_of(model: type[Row]) -> tuple[str, ...]:
    return tuple(f.name for f in model._meta.many_to_many)


def named_by(key: str, fields: Mapping[str, Any]) -> Iterator[str]:
    """The keys of the rows that this row refers to."""
    model = model_of(key)
    for name in foreign_keys_of(model):
        if fields.get(name):
            yield fields[name]
    for name in many_to_many_of(model):
        yield from fields.get(name, ())


def serialise(row: Row) -> Fields:
    """The row as a release carries it. The row must come from the database, so that
    a decimal typed as ``75`` reads ``75.0`` here as everywhere."""
    model = type(row)
    fields: Fields = {}
    for field in fields_of(model):
        value = getattr(row, field.name)
        if isinstance(value, Row):
            value = value.key
        elif isinstance(value, (dt.date, Decimal)):
            value = str(value)
        fields[field.name] = value
    for name in many_to_many_of(model):
        fields[name] = sorted(other.key for other in getattr(row, name).all())
    return fields


def working_content() -> Content:
    """Every row that could go live now, as the working copy has it."""
    content: Content = {}
    for model in CONTENT_MODELS:
        rows = (
            model._default_manager.filter(is_ready=True)
            .select_related(*foreign_keys_of(model))
            .prefetch_related(*many_to_many_of(model))
        )
        content.update((row.key, serialise(row)) for row in rows)
    return prune(content)


def live_content() -> Content:
    """The content of the live release in today's shape; empty before the first one."""
    live = Release.objects.live()
    return in_todays_shape(live.content) if live else {}


def in_todays_shape(content: Content) -> Content:
    """The content of an older release with the columns of today's models.

    A release never changes, but models do: a column added since gets its default,
    one dropped since is left out. A kind of row that no longer exists raises ``KeyError``.
    """
    shaped: Content = {}
    for key, fields in content.items():
        model = model_of(key)
        defaults: Fields = {field.name: field.get_default() for field in fields_of(model)}
        defaults.update((name, []) for name in many_to_many_of(model))
        shaped[key] = {name: fields.get(name, default) for name, default in defaults.items()}
    return shaped


def prune(content: Content) -> Content:
    """The content without rows whose parent is missing, and without mentions of missing rows."""
    kept = dict(content)
    while orphans := [
        key
        for key, fields in kept.items()
        if any(fields[fk] and fields[fk] not in kept for fk in parents_of(model_of(key)))
    ]:
        for key in orphans:
            del kept[key]
    for key, fields in kept.items():
        for name in foreign_keys_of(model_of(key)):
            if fields[name] and fields[name] not in kept:
                kept[key] = fields = {**fields, name: None}
        for name in many_to_many_of(model_of(key)):
            present = [other for other in fields[name] if other in kept]
            if present != fields[name]:
                kept[key] = fields = {**fields, name: present}
    return kept


def diff(before: Content, after: Content) -> list[Change]:
    """What turns ``before`` into ``after``, in the order of the models, then by key."""
    changes = []
    for key in sorted(before.keys() | after.keys(), key=_in_order):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        kind: Literal["added", "removed", "changed"] = (
            "added" if old is None else "removed" if new is None else "changed"
        )
        was, will = old or {}, new or {}
        fields = tuple(
            FieldChange(name, was.get(name), will.get(name))
            for name in will | was
            if was.get(name) != will.get(name)
        )
        changes.append(Change(key, kind, fields))
    return changes


def _in_order(key: str) -> tuple[int, str]:
    return list(MODEL_BY_NAME).index(key.partition(":")[0]), key


def changes_of(keys: Iterable[str], *, live: Content, working: Content) -> list[Change]:
    """The unpublished changes of these rows: from the live site to the working copy."""
    wanted = set(keys)
    return [change for change in diff(live, working) if change.key in wanted]


def last_changed() -> dict[str, dt.datetime]:
    """When each row last changed on the live site, by key. One query, without contents."""
    seen: dict[str, dt.datetime] = {}
    releases = Release.objects.been_live().order_by("live_from", "number")
    for keys, live_from in releases.values_list("changed_keys", "live_from"):
        seen.update(dict.fromkeys(keys, live_from))
    return seen
