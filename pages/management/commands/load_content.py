"""``manage.py load_content``: bring the seed content of ``pages/content`` into the database."""

from __future__ import annotations

import tomllib
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

import pages
from pages.models import CONTENT_MODELS, Release, Row
from pages.publishing import CannotPublish, publish_all
from pages.releases import MODEL_BY_NAME, fields_of, foreign_keys_of, many_to_many_of

CONTENT_DIR = Path(pages.__file__).parent / "content"
SEED_REASON = "Seed content; waits for review by the clinic's own clinician."


@dataclass
class Entry:
    """One table of a file, with where it stands for messages."""

    file: str
    kind: str
    values: dict[str, Any]
    row: Row | None = field(default=None)

    @property
    def slug(self) -> str:
        return str(self.values.get("slug", "(no slug)"))

    def refuse(self, problem: str, name: str = "") -> CommandError:
        place = f"{self.file}, [[{self.kind}]] {self.slug}"
        return CommandError(f"{place}{', ' + name if name else ''}: {problem}")


class Command(BaseCommand):
    help = (
        "Create the rows of pages/content/*.toml that are missing, and publish release 1 if there "
        "is none. Rows that exist are left as their editors have them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--overwrite", action="store_true", help="set existing rows back to what the files say"
        )
        parser.add_argument(
            "--from", dest="folder", type=Path, default=CONTENT_DIR, help="another folder of files"
        )

    def handle(self, *args: Any, overwrite: bool, folder: Path, **options: Any) -> None:
        with transaction.atomic():
            written = load(read(folder), overwrite=overwrite)
            self.stdout.write(f"Content: {written} rows written.")
            if not Release.objects.exists():
                self._publish_first()

    def _publish_first(self) -> None:
        try:
            release = publish_all(by=None, note="Seed content", override_reason=SEED_REASON)
        except CannotPublish as refusal:
            lines = "\n".join(f"  {problem}" for problem in refusal.problems)
            raise CommandError(f"{refusal}\n{lines}") from refusal
        self.stdout.write(f"{release} is live.")


def read(folder: Path) -> list[Entry]:
    """Every table of every file, in the order in which rows may be created."""
    entries = []
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise CommandError(f"There are no .toml files in {folder}.")
    for path in paths:
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CommandError(f"{path.name}: {error}") from error
        for kind, rows in tables.items():
            if kind not in MODEL_BY_NAME or not isinstance(rows, list):
                known = ", ".join(MODEL_BY_NAME)
                raise CommandError(f"{path.name}: [[{kind}]] is not one of {known}.")
            for place, values in enumerate(rows, start=1):
                entries.append(Entry(path.name, kind, {"position": place * 10, **values}))
    order = [str(model._meta.model_name) for model in CONTENT_MODELS]
    return sorted(entries, key=lambda entry: order.index(entry.kind))


def load(entries: Iterable[Entry], *, overwrite: bool) -> int:
    """Write the rows that are missing; return how many. One bad row means that none is written."""
    entries = list(entries)
    _refuse_repeated(entries)
    written = []
    for entry in entries:
        model = MODEL_BY_NAME[entry.kind]
        existing = model._default_manager.filter(slug=entry.slug).first()
        if existing is None or overwrite:
            entry.row = _write(entry, model, existing)
            written.append(entry)
    for entry in written:
        _set_many_to_many(entry)
    return len(written)


def _refuse_repeated(entries: list[Entry]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for entry in entries:
        place = (entry.kind, entry.slug)
        if place in seen:
            raise entry.refuse(f"is also in {seen[place]}", "slug")
        seen[place] = entry.file


def _write(entry: Entry, model: type[Row], existing: Row | None) -> Row:
    columns = {column.name for column in fields_of(model)}
    keys = foreign_keys_of(model)
    row = model()
    row.pk = existing.pk if existing else None
    row._state.adding = existing is None  # or full_clean takes the row for its own rival
    for name, value in entry.values.items():
        if name in many_to_many_of(model):
            continue
        if name not in columns:
            raise entry.refuse(
                f"there is no such field; there are {', '.join(sorted(columns))}", name
            )
        setattr(row, name, _find(entry, model, name, value) if name in keys else value)
    try:
        row.full_clean()
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise entry.refuse(" ".join(messages), "" if name == "__all__" else name) from error
    row.save()
    return row


def _set_many_to_many(entry: Entry) -> None:
    model = MODEL_BY_NAME[entry.kind]
    for name in many_to_many_of(model):
        slugs = entry.values.get(name, [])
        if not isinstance(slugs, list):
            raise entry.refuse("has to be a list of slugs", name)
        getattr(entry.row, name).set([_find(entry, model, name, slug) for slug in slugs])


def _find(entry: Entry, model: type[Row], name: str, slug: Any) -> Row:
    """The row that a reference means."""
    target = model._meta.get_field(name).related_model
    found = target._default_manager.filter(slug=slug).first()  # type: ignore[union-attr]
    if found is None:
        kind = target._meta.model_name  # type: ignore[union-attr]
        raise entry.refuse(f"there is no {kind} called {slug!r}", name)
    return cast("Row", found)
