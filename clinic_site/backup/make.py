"""Making a backup while the site is in use."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from clinic_site.backup import archive, database, keys
from clinic_site.backup.kept import SUFFIX
from intake import tombstones

_STAGING: Final = ".making-"
_LEFTOVER_AFTER: Final = 24 * 60 * 60  # seconds


def make_backup(folder: Path) -> Path:
    """Write one encrypted backup into ``folder`` and return its path; it is on disk by then.

    Everything acknowledged before the call is in it. The spool is read before the database:
    a submission that moves from one to the other meanwhile is then in both, which the restored
    site sorts out by itself; the other way round it could be in neither.

    Raises :exc:`~clinic_site.backup.keys.BackupKeyMissing`, :exc:`OSError`,
    :exc:`~clinic_site.backup.database.DatabaseNotCopied`.
    """
    public = keys.read_public()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _remove_leftovers(folder)
    made_at = datetime.now(UTC)
    staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=folder))
    try:
        content = staging / "content"
        content.mkdir()
        names = [*_copy_files(content)]
        database.copy_out(content / database.copy_name())
        manifest = archive.Manifest(
            made_at=made_at.isoformat(),
            engine=database.engine(),
            migrations=tuple(database.applied_migrations()),
            entries=tuple(
                archive.entry_for(name, content / name)
                for name in (*sorted(names), database.copy_name())
            ),
        )
        with (staging / "sealed").open("xb") as target:
            os.fchmod(target.fileno(), 0o600)
            archive.write(target, folder=content, manifest=manifest, public=public)
            target.flush()
            os.fsync(target.fileno())
        path = folder / f"clinic-{made_at:%Y%m%dT%H%M%S.%fZ}{SUFFIX}"
        (staging / "sealed").rename(path)
        _sync(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return path


def sources() -> Iterator[tuple[str, Path]]:
    """Every file that belongs in a backup beside the database: (name inside, path here).

    Private keys are never among them: a backup that carried the keys to what it holds
    would be worth stealing.
    """
    var = Path(settings.VAR_DIR)
    for path in sorted((var / "spool").glob("[!.]*")):
        yield f"spool/{path.name}", path
    yield "last_release.json", var / "last_release.json"
    yield tombstones.FILE_NAME, tombstones.path()
    for name in ("intake.pub", keys.PUBLIC_NAME):
        yield f"keys/{name}", Path(settings.KEYS_DIR) / name
    if settings.MEDIA_ROOT:
        media = Path(settings.MEDIA_ROOT)
        for path in sorted(p for p in media.rglob("*") if p.is_file()):
            yield f"media/{path.relative_to(media).as_posix()}", path


def _copy_files(content: Path) -> Iterator[str]:
    for name, path in sources():
        target = content / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, target)
        except FileNotFoundError:
            continue  # never there, or moved into the database, which is copied after this
        yield name


def _remove_leftovers(folder: Path) -> None:
    """What a backup that was killed left behind; not one that is being made right now."""
    for path in folder.glob(f"{_STAGING}*"):
        if time.time() - path.stat().st_mtime > _LEFTOVER_AFTER:
            shutil.rmtree(path, ignore_errors=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
