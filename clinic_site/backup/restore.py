"""Putting a backup back, into an empty place, wholly or not at all.

The whole file is read and checked before the first byte is written. Then its files are
unpacked beside their places, and moved there; the database comes last and in one step, so a
restore that was interrupted leaves a place without a database, never half of one.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from nacl.public import PrivateKey

from clinic_site.backup import archive, database
from intake import tombstones
from intake.retention import replay_tombstones

STAGING: Final = ".restoring"
_JOURNAL: Final = "places.json"
# What may be in an otherwise empty VAR_DIR: made by the settings, or put there beforehand. The
# tombstones above all: they know of deletions that this backup is too old to know of.
_HARMLESS: Final = frozenset(
    {
        "secret_key",
        "keys",
        "static",
        "sheets",
        "backups",
        "metrics",
        "limits",
        tombstones.FILE_NAME,
        STAGING,
    }
)


class NotEmpty(Exception):
    """There is something here that a restore would mix with or overwrite."""


class DoesNotFit(Exception):
    """The backup is sound, but was made by another engine or a newer version."""


@dataclass(frozen=True)
class Restored:
    made_at: str
    files: int
    replayed: int | None  # purges done again; None when that has to wait for `migrate`


def restore_backup(path: Path, private: PrivateKey) -> Restored:
    """Verify, then restore ``path``. Raises before anything is written when it cannot.

    Raises what :func:`archive.verify` raises, :exc:`NotEmpty`, :exc:`DoesNotFit`,
    :exc:`~clinic_site.backup.database.DatabaseNotCopied`, :exc:`OSError`.
    """
    with path.open("rb") as source:
        manifest = archive.verify(source, private)
    _check_fit(manifest)
    places = _places(manifest)
    # First: what lies here may be a restore that was killed after its last step.
    if not database.is_empty():
        raise NotEmpty("the database has tables already; give a new one in DATABASE_URL")
    undo_interrupted()
    _check_empty(places, manifest)
    staging = Path(settings.VAR_DIR) / STAGING
    staging.mkdir(mode=0o700)
    try:
        content = staging / "content"
        content.mkdir(mode=0o700)
        with path.open("rb") as source:
            archive.unpack(source, private, content)
        new = {name: place for name, place in places.items() if not place.exists()}
        _write_journal(staging, [*new.values(), *_database_on_its_way()])
        for name, place in new.items():
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(content / name, place)
        tombstones.adopt(content / tombstones.FILE_NAME)  # more of them never do harm
        database.copy_in(_within_its_file_system(content / database.copy_name()))
    except BaseException:
        undo_interrupted()
        raise
    shutil.rmtree(staging)
    return Restored(manifest.made_at, len(manifest.entries), replay_purges())


def undo_interrupted() -> bool:
    """Remove what a restore left that did not reach its end; True when there was one."""
    staging = Path(settings.VAR_DIR) / STAGING
    if not staging.exists():
        return False
    journal = staging / _JOURNAL
    if journal.exists():
        for place in json.loads(journal.read_text()):
            Path(place).unlink(missing_ok=True)
    shutil.rmtree(staging)
    return True


def replay_purges() -> int | None:
    """Delete again what was deleted after the backup was made, and return how many.

    ``None`` for a backup of an older version: the worker does it once ``manage.py prepare`` has
    brought the tables up to date.
    """
    if database.known_migrations() - set(database.applied_migrations()):
        return None
    return replay_tombstones()


def _check_fit(manifest: archive.Manifest) -> None:
    if manifest.engine != database.engine():
        raise DoesNotFit(
            f"the backup is of {manifest.engine}, DATABASE_URL names {database.engine()}; "
            "restore it to the engine it came from"
        )
    unknown = sorted(set(manifest.migrations) - database.known_migrations())
    if unknown:
        raise DoesNotFit(
            f"a newer version made this backup (it has {unknown[-1]}); install that version first"
        )


def _places(manifest: archive.Manifest) -> dict[str, Path]:
    """Where each file goes; the database and the tombstones are put back in their own way."""
    roots = {"keys": Path(settings.KEYS_DIR)}
    if settings.MEDIA_ROOT:
        roots["media"] = Path(settings.MEDIA_ROOT)
    places = {}
    for entry in manifest.entries:
        first, _, rest = entry.name.partition("/")
        if entry.name in {database.copy_name(), tombstones.FILE_NAME}:
            continue
        if first == "media" and "media" not in roots:
            raise DoesNotFit("the backup has media files, and this site has no MEDIA_ROOT")
        places[entry.name] = (
            roots[first] / rest
            if rest and first in roots
            else (Path(settings.VAR_DIR) / entry.name)
        )
    return places


def _check_empty(places: dict[str, Path], manifest: archive.Manifest) -> None:
    var = Path(settings.VAR_DIR)
    harmless = _HARMLESS | _empty_database_files()
    found = sorted(
        path.name for path in var.iterdir() if path.name not in harmless and _holds_a_file(path)
    )
    if found:
        raise NotEmpty(f"{var} is not empty: it has {', '.join(found[:5])}")
    wanted = {entry.name: entry.sha256 for entry in manifest.entries}
    for name, place in places.items():
        if place.exists() and archive.entry_for(name, place).sha256 != wanted[name]:
            raise NotEmpty(f"{place} is here already, and is not the one in the backup")


def _holds_a_file(path: Path) -> bool:
    return path.is_file() or any(inner.is_file() for inner in path.rglob("*"))


def _empty_database_files() -> frozenset[str]:
    """The names under which an empty SQLite database may lie there already."""
    if database.engine() != "sqlite":
        return frozenset()
    name = database.sqlite_path().name
    return frozenset({name, f"{name}-wal", f"{name}-shm"})


def _write_journal(staging: Path, places: list[Path]) -> None:
    with (staging / _JOURNAL).open("x") as file:
        json.dump([str(place) for place in places], file)
        file.flush()
        os.fsync(file.fileno())


def _within_its_file_system(copy: Path) -> Path:
    """A SQLite copy beside its place, so that the last step is one rename; else unchanged."""
    for near in _database_on_its_way():
        near.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(copy, near)
        with near.open("rb") as file:
            os.fsync(file.fileno())
        return near
    return copy


def _database_on_its_way() -> list[Path]:
    if database.engine() != "sqlite":
        return []
    target = database.sqlite_path()
    return [target.with_name(f".{target.name}{STAGING}")]
