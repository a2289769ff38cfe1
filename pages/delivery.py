"""Answering with pages of the live release: drawn once, kept packed, sent with validators."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

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

from pages.languages import speaking
from pages.live import NOTHING, Live, live
from pages.nodes import Page
from pages.packed import CACHE_CONTROL, Packed, choose_encoding
from pages.releases import MODEL_BY_NAME
from pages.site import Site


def respond(request: HttpRequest, path: str) -> HttpResponseBase:
    """The page at ``path``, from memory where possible. Raises ``Http404``.

    Staff get their own, uncached: nobody else's request touches the session.
    """
    now = live()
    if now is NOTHING:
        return _not_open_yet(request)
    site = now.site.at(path)
    page = site.pages[path]
    if not page:
        return _moved(request, site, path)
    if _is_staff(request):
        may_edit = editable_by(request)
        response = HttpResponse(draw(request, site, page, may_edit=may_edit))
        response["Cache-Control"] = "private, no-store"
        return response
    return answer(request, keep(now, path, lambda: Packed(draw(request, site, page))))


def keep(now: Live, path: str, make: Callable[[], Packed]) -> Packed:
    """What is kept under ``path``, made at most once however many ask at the same time."""
    found = now.drawn.get(path)
    if found is not None:
        return found
    with now.drawing.setdefault(path, threading.Lock()):
        if path not in now.drawn:
            now.drawn[path] = make()
        return now.drawn[path]


def answer(request: HttpRequest, packed: Packed) -> HttpResponseBase:
    """The text in the encoding that the reader prefers, or 304 for one who has it already."""
    # To be ignored where there is no modification date (RFC 9110, section 13.1.4); Django would not.
    request.META.pop("HTTP_IF_UNMODIFIED_SINCE", None)
    body = packed.body(choose_encoding(request.headers.get("Accept-Encoding")))
    response = HttpResponse(body.content, headers=dict(body.headers))
    return get_conditional_response(request, etag=body.etag, response=response) or response


def draw(
    request: HttpRequest, site: Site, page: Page, *, may_edit: frozenset[str] = frozenset()
) -> str:
    """The page as HTML. Its context holds nothing of the person who asks, but for staff the
    kinds of rows that they may edit: those get a link."""
    context = {**own_context(request), "site": site, "page": page, "may_edit": may_edit}
    with speaking(site.language):
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
