"""The backups that are there, looked at from outside: nothing here can make or open one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

SUFFIX: Final = ".backup"


def backups_in(folder: Path) -> list[Path]:
    """Finished backups, oldest first."""
    return sorted(folder.glob(f"clinic-*{SUFFIX}"))


def last_backup_at(folder: Path) -> datetime | None:
    """When the newest backup in ``folder`` was made, by its file's time."""
    found = backups_in(folder)
    return datetime.fromtimestamp(found[-1].stat().st_mtime, UTC) if found else None


def remove_old(folder: Path, *, keep: int) -> list[Path]:
    """Remove all but the ``keep`` newest backups and return what went."""
    old = backups_in(folder)[:-keep]
    for path in old:
        path.unlink()
    return old
