"""The whole site as one JSON file, and back: all of it or nothing.

The file holds what a release holds, in today's shape, in one way of writing it, so that what was
imported and published comes out byte for byte. An import sets the working copy to what the file
says and proposes it; nothing goes live by it. Rows that the file does not have are kept, and
marked as not ready.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction

from pages.models import CONTENT_MODELS, Page, Redirect, Release, Row
from pages.proposals import propose
from pages.releases import (
    MODEL_BY_NAME,
    Content,
    Fields,
    diff,
    fields_of,
    foreign_keys_of,
    in_todays_shape,
    many_to_many_of,
    model_of,
    working_content,
)
from pages.site import ContentError, build_site

FORMAT: Final = "clinic-site"
VERSION: Final = 1


class CannotImport(ValueError):
    """Nothing was written. The message says what is wrong, and where in the file."""


def write(content: Content) -> str:
    """The file for this content."""
    document = {"format": FORMAT, "version": VERSION, "content": in_todays_shape(content)}
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read(text: str) -> Content:
    """The content of a file, checked as far as that goes without the database.

    Raises :class:`CannotImport`.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise CannotImport(f"This is not a JSON file: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise CannotImport("This is not a file of export_site.")
    if document.get("version") != VERSION:
        raise CannotImport(
            f"The file is of version {document.get('version')!r}; this site reads version {VERSION}."
        )
    content = document.get("content")
    if not isinstance(content, dict):
        raise CannotImport("The file has no content.")
    for key, fields in content.items():
        _check_names(key, fields)
    try:
        content = in_todays_shape(content)
        build_site(0, content)
    except ContentError as error:
        raise CannotImport(str(error)) from error
    order = list(MODEL_BY_NAME)
    return dict(sorted(content.items(), key=lambda e: (order.index(e[0].partition(":")[0]), e[0])))


@transaction.atomic
def import_content(*, content: Content, by: User | None, note: str) -> Release:
    """The working copy says what ``content`` says, and a proposal of it waits for approval.

    Raises :class:`CannotImport`, and ``CannotPublish`` as :func:`pages.proposals.propose` does;
    either way nothing was written.
    """
    _make_way(content)
    rows = {key: _write(key, fields, by) for key, fields in content.items()}
    for key, fields in content.items():
        for name in many_to_many_of(model_of(key)):
            getattr(rows[key], name).set([rows[other] for other in fields[name]])
    _set_aside_the_rest(content, by)
    for change in diff(content, working_content()):
        names = ", ".join(field.name for field in change.fields)
        raise CannotImport(f"{change.key} ({names}) does not come out as the file has it.")
    return propose(content=content, by=by, note=note)


def _check_names(key: str, fields: Any) -> None:
    try:
        model = model_of(key)
    except KeyError as error:
        raise CannotImport(f"{key}: there is no such kind of row.") from error
    if not isinstance(fields, dict):
        raise CannotImport(f"{key}: its fields are missing.")
    known = {field.name for field in fields_of(model)} | set(many_to_many_of(model))
    if unknown := sorted(fields.keys() - known):
        raise CannotImport(f"{key}: this site knows no field called {', '.join(unknown)}.")
    for name in many_to_many_of(model):
        if not isinstance(fields.get(name, []), list):
            raise CannotImport(f"{key}, {name}: has to be a list.")


def _make_way(content: Content) -> None:
    """Two pages may have changed places: none holds its old address while they are written."""
    for model, name in ((Page, "path"), (Redirect, "from_path")):
        for row in model._default_manager.all():
            if row.key in content:
                moving = {name: f"/moving-{row.pk}/"}
                model._default_manager.filter(pk=row.pk).update(**moving)


def _write(key: str, fields: Fields, by: User | None) -> Row:
    model = model_of(key)
    row = model._default_manager.filter(slug=fields["slug"]).first() or model()
    for field in fields_of(model):
        value = fields[field.name]
        if field.name in foreign_keys_of(model):
            value = _row_called(value)
        else:
            value = field.to_python(value)
        setattr(row, field.name, value)
    row.edited_by = by
    try:
        row.full_clean()
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        place = key if name == "__all__" else f"{key}, {name}"
        raise CannotImport(f"{place}: {' '.join(messages)}") from error
    row.save()
    return row


def _row_called(key: str | None) -> Row | None:
    """The row that a checked file refers to: it comes before the rows that do."""
    return model_of(key)._default_manager.get(slug=key.partition(":")[2]) if key else None


def _set_aside_the_rest(content: Mapping[str, Any], by: User | None) -> None:
    for model in CONTENT_MODELS:
        rows: models.QuerySet[Row] = model._default_manager.filter(is_ready=True)
        for row in rows:
            if row.key not in content:
                row.is_ready, row.edited_by = False, by
                row.save(update_fields=["is_ready", "edited_by", "edited_at"])
