"""Our own site for measuring, as the fault tests start it."""

from __future__ import annotations

import os
import shutil
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


def new_place(folder: Path, url: str = "", *, like: Place | None = None) -> Place:
    """A site of its own on the seed content; ``like`` one that is made already, on SQLite."""
    folder.mkdir(parents=True, exist_ok=True)
    if like:
        shutil.copytree(like.var, folder / "var")
        return Place(folder / "var", "", like.environ)
    place = Place(folder / "var", url, {**ENVIRON, "CLINIC_STATIC_DIR": str(folder / "static")})
    place.must("prepare", "--quiet")
    return place


@contextmanager
def running_site(place: Place, *, worker: bool = False) -> Iterator[Site]:
    site = Site(place)
    site.start("web")
    if worker:
        site.start("worker")
    try:
        site.wait_until_up()
        yield site
    finally:
        site.stop()
