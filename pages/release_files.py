"""The live release as files, for a web server that answers without asking Python.

Each release is one complete folder: every page as ``index.html`` with ``.br`` and ``.gz`` beside
it, the sitemap, what crawlers ask, the page for bad times. The link ``current`` leads to the live
one and is replaced in one step, so no reader meets half a release. A folder is named for what is
in it: what was written once is found again, and going back is replacing the link.

``run_worker`` keeps the folder up to date where ``CLINIC_RELEASES_DIR`` is set.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import brotli
from django.conf import settings
from django.db import Error as DatabaseAway
from django.db import close_old_connections
from django.http import HttpRequest
from django.template.loader import render_to_string

from pages import crawlers
from pages.delivery import draw, own_context
from pages.live import NOTHING, Live, live
from pages.packed import AT_LEISURE, AT_ONCE
from pages.releases import last_changed

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.25
KEPT: Final = 5  # folders, the live one included

Texts = dict[str, bytes]


def keep_up() -> None:
    """Bring the files up to date four times a second, for as long as the process lives."""
    written: Live | None = None
    while True:
        try:
            written = refresh(written)
        except Exception:
            logger.exception("The files of the live release could not be written")
        close_old_connections()
        time.sleep(POLL_SECONDS)


def refresh(written: Live | None = None) -> Live | None:
    """Write and switch to what is live unless it is ``written``; what is there afterwards.

    Compressed quickly first, so that nobody waits for the new release, and then well.
    """
    now = live()
    if now is NOTHING or (now is written and _current().exists()):
        return written
    texts = dict(_texts(now))
    folder = _root() / f"{now.release.number}-{_digest(texts)}"
    if not _is_whole(folder, texts):
        _write(folder, texts)
    _switch(folder)
    _prune()
    _compress_well(folder, texts)
    return now


def _root() -> Path:
    return Path(settings.RELEASES_DIR)


def _current() -> Path:
    return _root() / "current"


def _texts(now: Live) -> Iterator[tuple[str, bytes]]:
    """Every file by its name."""
    for site in now.site.every:
        for page in site.pages.values():
            if page.path.endswith("/"):
                html = draw(_somebody_at(page.path), site, page)
                yield f"{page.path}index.html".removeprefix("/"), html.encode()
    try:
        changed = last_changed()
    except DatabaseAway:
        changed = {}
    yield "sitemap.xml", crawlers.sitemap(now.site, changed).text
    yield "robots.txt", crawlers.robots().text
    away = render_to_string("errors/503.html", own_context(_somebody_at("/")))
    yield "errors/503.html", away.encode()


def _somebody_at(path: str) -> HttpRequest:
    """A request that says nothing but where."""
    request = HttpRequest()
    request.path = request.path_info = path
    return request


def _digest(texts: Texts) -> str:
    return hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()[:16]


def _is_whole(folder: Path, texts: Texts) -> bool:
    """Whether every file is there and says what it should, compressed ones included: a machine
    may have lost its power while it wrote."""
    try:
        return all(
            (folder / name).read_bytes()
            == text
            == gzip.decompress((folder / f"{name}.gz").read_bytes())
            == brotli.decompress((folder / f"{name}.br").read_bytes())
            for name, text in texts.items()
        )
    except (OSError, EOFError, ValueError, brotli.error):
        return False


def _write(folder: Path, texts: Texts) -> None:
    """All of it under another name, then under its own."""
    _root().mkdir(mode=0o755, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=_root()))
    try:
        for name, text in texts.items():
            for ending, packed in (
                ("", text),
                (".gz", gzip.compress(text, 9, mtime=0)),
                (".br", brotli.compress(text, quality=AT_ONCE)),
            ):
                _put(fresh / f"{name}{ending}", packed)
        for place in (fresh, *fresh.rglob("*/")):
            place.chmod(0o755)  # for the web server, whatever the mask of this service
        if folder.exists():  # and was found damaged; meanwhile Python answers
            shutil.rmtree(folder)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _put(place: Path, content: bytes) -> None:
    """A file whose time of change is made from its content.

    A web server makes the entity tag from that time and the size: so the tag is the same on every
    node, and another one as soon as a byte is.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    place.chmod(0o644)
    moment = int.from_bytes(hashlib.sha256(content).digest()[:4], "big") >> 1  # before 2038
    os.utime(place, (moment, moment))


def _compress_well(folder: Path, texts: Texts) -> None:
    """Each ``.br`` again at leisure, and put in the place of the first in one step."""
    for name, text in texts.items():
        place = folder / f"{name}.br"
        better = brotli.compress(text, quality=AT_LEISURE)
        if len(better) < place.stat().st_size:
            _put(folder / f"{name}.new", better)
            (folder / f"{name}.new").replace(place)


def _switch(folder: Path) -> None:
    """Let ``current`` lead to this folder; there is no moment without."""
    if _current().is_symlink() and _current().readlink() == Path(folder.name):
        return
    fresh = _root() / f".current-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(folder.name)
    fresh.replace(_current())
    logger.info("Release files: %s", folder.name)


def _prune() -> None:
    """Remove all but the folders that were made last, and what a killed process left."""
    live_now = _current().resolve()
    for left in _root().glob(".new-*"):
        if time.time() - left.stat().st_mtime > 60:
            shutil.rmtree(left, ignore_errors=True)
    folders = [place for place in _root().glob("[0-9]*-*") if place.is_dir()]
    folders.sort(key=lambda place: place.stat().st_ctime, reverse=True)
    for old in folders[KEPT:]:
        if old != live_now:
            shutil.rmtree(old, ignore_errors=True)
