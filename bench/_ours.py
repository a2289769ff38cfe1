"""Our own site for measuring, as the fault tests start it."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.conf import settings  # noqa: E402

from tests.faults.conftest import ENVIRON, SECRET_KEY  # noqa: E402
from tests.faults.site import Site, make_form  # noqa: E402
from tests.operations.place import ROOT, Place, own_database  # noqa: E402
from tests.operations.servers import free_port, wait_until  # noqa: E402

settings.SECRET_KEY = SECRET_KEY  # the visitors' tokens are made here

__all__ = [
    "ROOT",
    "Place",
    "Site",
    "free_port",
    "make_form",
    "new_place",
    "own_database",
    "running_site",
    "wait_until",
]


@functools.cache
def _prepared() -> Place:
    """A site on the seed content, made once for all measurements."""
    folder = Path(tempfile.mkdtemp(prefix="clinic-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return _prepare(folder)


def _prepare(folder: Path, url: str = "") -> Place:
    place = Place(folder / "var", url, {**ENVIRON, "CLINIC_STATIC_DIR": str(folder / "static")})
    place.must("prepare", "--quiet")
    return place


def new_place(folder: Path, url: str = "") -> Place:
    """A site of its own in ``folder``: on SQLite, or in the empty database at ``url``."""
    folder.mkdir(parents=True, exist_ok=True)
    if url:
        return _prepare(folder, url)
    shutil.copytree(_prepared().var, folder / "var")
    return Place(folder / "var", "", _prepared().environ)


@contextmanager
def running_site(place: Place) -> Iterator[Site]:
    site = Site(place)
    site.start("web")
    try:
        site.wait_until_up()
        yield site
    finally:
        site.stop()
