"""What became of one row: who changed which field in which release, and one field back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext

from pages.models import Page, Release, Row
from pages.redirects import move
from pages.releases import (
    Change,
    diff,
    fields_of,
    foreign_keys_of,
    in_todays_shape,
    many_to_many_of,
    row_of,
)


class CannotRestore(ValueError):
    """Nothing was changed. The message says why, for the person who tried."""


@dataclass(frozen=True)
class Step:
    """One release that changed the row."""

    number: int
    live_from: dt.datetime
    by: str
    approved_by: str
    note: str
    change: Change


def steps_of(key: str) -> list[Step]:
    """The releases that changed the row, newest first. Their whole contents stay where they are."""
    releases = Release.objects.been_live().order_by("-live_from", "-number")
    numbers = [
        number for number, keys in releases.values_list("number", "changed_keys") if key in keys
    ]
    chosen = releases.filter(number__in=numbers).select_related("proposed_by", "approved_by")
    rows = chosen.defer("content", "changes").annotate(pair=KeyTransform(key, "changes"))
    steps = []
    for release in rows:
        before, after = (
            in_todays_shape({key: fields}) if fields else {}
            for fields in release.pair  # type: ignore[attr-defined]
        )
        steps += [
            Step(
                release.number,
                release.live_from,
                str(release.proposed_by or ""),
                str(release.approved_by or ""),
                release.note,
                change,
            )
            for change in diff(before, after)
        ]
    return steps


@transaction.atomic
def restore_field(*, row: Row, name: str, number: int, by: User) -> None:
    """Set one field of the working row to what release ``number`` says. Nothing is published.

    Raises :class:`CannotRestore` when that value does not work today.
    """
    model = type(row)
    release = Release.objects.been_live().filter(number=number).first()
    fields = in_todays_shape(release.content).get(row.key) if release else None
    if fields is None or name not in fields or name == "slug":
        raise CannotRestore(gettext("There is nothing to bring back."))
    before = getattr(row, "path", "")
    if name in many_to_many_of(model):
        getattr(row, name).set([_row_called(key) for key in fields[name]])
    else:
        setattr(row, name, _value(model, name, fields[name]))
    row.edited_by = by
    try:
        row.full_clean()
    except ValidationError as error:
        raise CannotRestore(" ".join(error.messages)) from error
    row.save()
    if isinstance(row, Page) and name == "path":
        move(before=before, after=row.path, by=by)


def _value(model: type[Row], name: str, value: Any) -> Any:
    if name in foreign_keys_of(model):
        return _row_called(value) if value else None
    (field,) = (field for field in fields_of(model) if field.name == name)
    return field.to_python(value)


def _row_called(key: str) -> Row:
    found = row_of(key)
    if found is None:
        raise CannotRestore(
            gettext("It refers to “%(key)s”, which has been deleted.") % {"key": key}
        )
    return found
