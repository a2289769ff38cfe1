"""The last release that any process of this machine saw, on disk.

A process that starts while the database is away serves the site from it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from pages.models.release import ReleaseId
from pages.releases import Content

logger = logging.getLogger(__name__)


def read() -> tuple[ReleaseId, Content] | None:
    """``None`` where nothing was saved, or nothing that can be read."""
    try:
        saved = json.loads(_place().read_text(encoding="utf-8"))
        release = ReleaseId(saved["number"], saved["approved_at"], saved["built_at"])
        return release, saved["content"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        logger.exception("The saved release cannot be read")
        return None


def write(release: ReleaseId, content: Content) -> None:
    """Whole or not at all. A full disk is logged, for readers have their page all the same."""
    try:
        with new_file_beside(_place()) as path:
            path.write_text(json.dumps({**release._asdict(), "content": content}), encoding="utf-8")
            path.replace(_place())
    except OSError:
        logger.exception("The release could not be saved to disk")


def _place() -> Path:
    return Path(settings.VAR_DIR) / "last_release.json"


@contextlib.contextmanager
def new_file_beside(path: Path) -> Iterator[Path]:
    """An empty file in the same folder; gone afterwards unless it was renamed."""
    handle, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
