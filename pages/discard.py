"""Putting working rows back to what the live site says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext

from pages.models import CONTENT_MODELS, Row
from pages.releases import (
    Content,
    fields_of,
    foreign_keys_of,
    live_content,
    many_to_many_of,
    model_of,
    row_of,
    title_of,
)


class CannotDiscard(Exception):
    """Nothing was put back. The message says why, in words for the person who tried."""


@transaction.atomic
def discard(*, keys: Iterable[str], by: User | None) -> tuple[list[str], list[str]]:
    """Set these rows back to the live site, deleted ones included; delete those that it never had.

    Returns the keys put back and the keys deleted. Raises :class:`CannotDiscard` where a
    row belongs to one that was deleted and is not put back too, or is still in use.
    """
    live = live_content()
    wanted = sorted(set(keys), key=_place_of)
    back = [key for key in wanted if key in live]
    for key in back:
        _put_back(key, live, by)
    for key in back:
        _set_many_to_many(key, live[key])
    gone = [key for key in reversed(wanted) if key not in live and _delete(key)]
    return back, gone


def _place_of(key: str) -> tuple[int, str]:
    """Rows come after the rows that they refer to."""
    return CONTENT_MODELS.index(model_of(key)), key


def _put_back(key: str, live: Content, by: User | None) -> None:
    model = model_of(key)
    slug = key.partition(":")[2]
    row = model._default_manager.filter(slug=slug).first() or model(slug=slug)
    for field in fields_of(model):
        value: Any = live[key][field.name]
        if field.name in foreign_keys_of(model):
            setattr(row, field.name, value and _find(value, live[key]))
        else:
            setattr(row, field.name, field.to_python(value))
    row.edited_by = by
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise CannotDiscard(
            gettext(
                "“%(row)s” cannot get back what it had: another row has its address or name now."
            )
            % {"row": row}
        ) from error


def _set_many_to_many(key: str, fields: Mapping[str, Any]) -> None:
    row = _find(key, fields)
    for name in many_to_many_of(model_of(key)):
        getattr(row, name).set([_find(other, fields) for other in fields[name]])


def _find(key: str, user: Mapping[str, Any]) -> Row:
    row = row_of(key)
    if row is None:
        raise CannotDiscard(
            gettext("“%(title)s” belongs to “%(key)s”, which was deleted. Put that back too.")
            % {"title": title_of(user, default=key), "key": key}
        )
    return row


def _delete(key: str) -> bool:
    row = row_of(key)
    if row is None:
        return False
    try:
        row.delete()
    except ProtectedError as error:
        users = ", ".join(f"“{user}”" for user in error.protected_objects)
        raise CannotDiscard(
            gettext("“%(row)s” is still used by %(users)s.") % {"row": row, "users": users}
        ) from error
    return True
