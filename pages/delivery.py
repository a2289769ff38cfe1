"""Serving the live release: kept in the process, on disk for when the database is away.

One cheap query per request asks which release is live. The rendered page, its ETag
and the tree behind it are kept for as long as the answer stays the same. A release is
known by its number and the moment of its approval: a number may come again after a
database was restored from a backup.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import logging
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import Error as DatabaseAway
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
)
from django.template import Engine
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response

from pages.days import today
from pages.models import Release
from pages.nodes import Page
from pages.releases import MODEL_BY_NAME, Content
from pages.site import ContentError, Site, build_site

logger = logging.getLogger(__name__)

CACHE_CONTROL = "public, max-age=0, must-revalidate"
# After a database refused, how long to answer from memory before asking again.
RETRY_SECONDS = 2.0


class ReleaseId(NamedTuple):
    number: int
    approved_at: str  # ISO
    built_at: str  # ISO; a scheduled release is built anew until its moment comes


class Rendered(NamedTuple):
    body: bytes
    etag: str


@dataclass(frozen=True)
class Live:
    """One release on one day: its tree and the pages drawn from it so far, by path.

    What readers see changes at midnight too (``pages.days``); the content is kept so that
    the tree of a new day needs no database.
    """

    release: ReleaseId
    day: dt.date
    content: Content
    site: Site
    rendered: dict[str, Rendered] = field(default_factory=dict)


NOTHING = Live(ReleaseId(0, "", ""), dt.date.min, {}, Site(0, {}))


class _Memory:
    """What this process knows. Replaced as a whole, so readers need no lock."""

    def __init__(self) -> None:
        self.live: Live | None = None
        self.ask_again_at = 0.0  # monotonic seconds
        self.loading = threading.Lock()


_memory = _Memory()


def forget() -> None:
    """Start as a new process would."""
    _memory.live = None
    _memory.ask_again_at = 0.0


def live_site() -> Site:
    """The site of the live release; an empty one with number 0 before there is any."""
    return _live().site


def respond(request: HttpRequest, path: str) -> HttpResponseBase:
    """The page at ``path``, from memory where possible. Raises ``Http404``.

    Staff get their own, uncached: nobody else's request touches the session.
    """
    live = _live()
    if live is NOTHING:
        return _not_open_yet(request)
    page = live.site.pages[path]
    if not page:
        return _moved(request, live.site, path)
    if _is_staff(request):
        may_edit = editable_by(request)
        response = HttpResponse(draw(request, live.site, page, may_edit=may_edit))
        response["Cache-Control"] = "private, no-store"
        return response
    rendered = live.rendered.get(path)
    if rendered is None:
        rendered = live.rendered[path] = _rendered(draw(request, live.site, page))
    return conditional(request, rendered, "text/html; charset=utf-8")


def conditional(request: HttpRequest, rendered: Rendered, content_type: str) -> HttpResponseBase:
    """The body with its validators, or 304 for a reader who has it already."""
    response = HttpResponse(rendered.body, content_type=content_type)
    response["ETag"] = rendered.etag
    response["Cache-Control"] = CACHE_CONTROL
    return get_conditional_response(request, etag=rendered.etag, response=response) or response


def conditional_text(request: HttpRequest, text: str, content_type: str) -> HttpResponseBase:
    return conditional(request, _rendered(text), content_type)


def draw(
    request: HttpRequest, site: Site, page: Page, *, may_edit: frozenset[str] = frozenset()
) -> str:
    """The page as HTML. Its context holds nothing of the person who asks, but for staff the
    kinds of rows that they may edit: those get a link."""
    context = {**own_context(request), "site": site, "page": page, "may_edit": may_edit}
    return render_to_string("pages/page.html", context)


def editable_by(request: HttpRequest) -> frozenset[str]:
    """The names of the kinds of rows that this member of staff may change, where there is an
    admin to change them in."""
    if settings.ROLE == "public":
        return frozenset()
    user = request.user
    return frozenset(name for name in MODEL_BY_NAME if user.has_perm(f"pages.change_{name}"))


def own_context(request: HttpRequest) -> dict[str, Any]:
    """What our own context processors give. Django's read the session and the user."""
    context: dict[str, Any] = {}
    for processor in Engine.get_default().template_context_processors:
        if not processor.__module__.startswith("django."):
            context.update(processor(request))
    return context


def _moved(request: HttpRequest, site: Site, path: str) -> HttpResponse:
    """To where the page of this address went, for good. Raises ``Http404``."""
    target = site.redirects[path] or site.redirects[f"{path}/"]
    if not target:
        raise Http404(f"no page at {path}")
    query = request.META.get("QUERY_STRING", "")
    response = HttpResponsePermanentRedirect(target + (f"?{query}" if query else ""))
    # Or a browser would remember a redirect that was a slip.
    response["Cache-Control"] = CACHE_CONTROL
    return response


def _rendered(text: str) -> Rendered:
    body = text.encode()
    return Rendered(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _not_open_yet(request: HttpRequest) -> HttpResponse:
    """Nothing was ever published and nothing is on disk: the phone and the crisis lines."""
    response = HttpResponse(render_to_string("errors/503.html", own_context(request)), status=503)
    response["Cache-Control"] = "no-store"
    response["Retry-After"] = "60"
    return response


def _is_staff(request: HttpRequest) -> bool:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    try:
        return bool(request.user.is_active and request.user.is_staff)
    except DatabaseAway:
        return False


def _live() -> Live:
    """The live release as this process can know it: database, else memory, else disk."""
    if time.monotonic() >= _memory.ask_again_at:
        try:
            return _from_database()
        except (DatabaseAway, ContentError) as error:
            _memory.ask_again_at = time.monotonic() + RETRY_SECONDS
            logger.warning("The live release cannot be read (%s); the last known is served", error)
    if _memory.live is None:
        _memory.live = _from_disk()
    if _memory.live is not NOTHING and _memory.live.day != today():
        _memory.live = _built(_memory.live.release, _memory.live.content)
    return _memory.live


def _built(release: ReleaseId, content: Content) -> Live:
    day = today()
    return Live(release, day, content, build_site(release.number, content, today=day))


def _from_database() -> Live:
    release = _ask()
    known = _memory.live
    if release is None:
        return NOTHING
    if known is not None and _is_current(known, release):
        return known
    with _memory.loading:
        if _memory.live is not None and _is_current(_memory.live, release):
            return _memory.live
        content: Content = Release.objects.values_list("content", flat=True).get(
            number=release.number
        )
        _memory.live = _built(release, content)
    _write_to_disk(release, content)
    return _memory.live


def _is_current(live: Live, release: ReleaseId) -> bool:
    return live.release == release and live.day == today()


def _ask() -> ReleaseId | None:
    """Which release is live: the one query that every request makes."""
    newest = Release.objects.been_live().order_by("-live_from", "-number")
    found = newest.values_list("number", "approved_at", "built_at").first()
    return ReleaseId(found[0], str(found[1]), str(found[2])) if found else None


def _last_release() -> Path:
    return Path(settings.VAR_DIR) / "last_release.json"


def _from_disk() -> Live:
    """The release that any process of this machine saw last."""
    try:
        saved = json.loads(_last_release().read_text(encoding="utf-8"))
        release = ReleaseId(saved["number"], saved["approved_at"], saved["built_at"])
        return _built(release, saved["content"])
    except FileNotFoundError:
        return NOTHING
    except (OSError, ValueError, KeyError, TypeError):
        logger.exception("The saved release cannot be read")
        return NOTHING


def _write_to_disk(release: ReleaseId, content: Content) -> None:
    """Keep the release for a process that starts without a database; whole or not at all."""
    try:
        with _new_file_beside(_last_release()) as path:
            path.write_text(json.dumps({**release._asdict(), "content": content}), encoding="utf-8")
            path.replace(_last_release())
    except OSError:
        logger.exception("The release could not be saved to disk")


@contextlib.contextmanager
def _new_file_beside(path: Path) -> Iterator[Path]:
    """An empty file in the same folder; gone afterwards unless it was renamed."""
    handle, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
