"""Headers of every answer, static files and error pages included.

The policy has the shape of Django 6's ``SECURE_CSP`` setting: with Django 6 its own middleware can
take over, and a dependency for the time until then is not worth its keeping.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_prose_editor.widgets import importmap

logger = logging.getLogger("clinic_site.csp")

EDITOR_STYLES: Final = ["'sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA='"]
REPORT_LIMIT: Final = 16 * 1024  # bytes
REPORTS_A_MINUTE: Final = 30  # logged per process; the rest are dropped
_turn = threading.Lock()
_logged: list[float] = []


def policy(directives: Mapping[str, Sequence[str]], path: str) -> str:
    """The text of the header; pages of the admin may also run what the prose editor brings."""
    extra = prose_editor_hashes() if path.startswith(f"/{settings.ADMIN_PATH}/") else {}
    return "; ".join(
        " ".join([name, *values, *extra.get(name, ())]) for name, values in directives.items()
    )


@functools.cache
def prose_editor_hashes() -> dict[str, list[str]]:
    """Hashes of the inline parts of django-prose-editor: its import map and its style sheet.

    The map changes with the names of static files, so it is asked for. The sheet is a constant in
    the editor's script, measured in Chromium; the browser test of the admin fails when it changes.
    """
    tag = str(importmap)
    text = tag[tag.index(">") + 1 : tag.rindex("</script>")]
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return {"script-src": [f"'sha256-{digest}'"], "style-src": EDITOR_STYLES}


def security_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Outermost, so that nothing leaves without them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault(
            "Content-Security-Policy", policy(settings.SECURE_CSP, request.path)
        )
        for name, value in settings.FIXED_HEADERS.items():
            response.headers.setdefault(name, value)
        if response.status_code == 304:  # it has no length of its own (RFC 9110, section 8.6)
            response.headers.pop("Content-Length", None)
        return response

    return middleware


def of_a_page(*, scheme: str) -> list[tuple[str, str]]:
    """What the middleware adds to a public page, asked of the middleware itself.

    For whoever answers before Django does: these headers have one source.
    """
    request = WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/",
            "wsgi.url_scheme": scheme,
            "wsgi.input": io.BytesIO(),
        }
    )
    page = HttpResponse()
    own = set(page.headers)
    XFrameOptionsMiddleware(lambda request: page).process_response(request, page)
    SecurityMiddleware(lambda request: page).process_response(request, page)
    security_headers(lambda request: page)(request)
    return [(name, value) for name, value in page.headers.items() if name not in own]


@csrf_exempt
@require_POST
def receive_report(request: HttpRequest) -> HttpResponse:
    """Where browsers report what the policy stopped. Always 204: there is nothing to learn here.

    Logged are the directive and the two addresses without their queries; nothing else is read.
    """
    body = request.read(REPORT_LIMIT + 1)
    if len(body) <= REPORT_LIMIT and _may_log():
        for line in _lines(body):
            logger.warning("%s", line)
    return HttpResponse(status=204)


def _may_log() -> bool:
    now = time.monotonic()
    with _turn:
        _logged[:] = [moment for moment in _logged if now - moment < 60]
        if len(_logged) >= REPORTS_A_MINUTE:
            return False
        _logged.append(now)
        return True


def _lines(body: bytes) -> list[str]:
    """One line for each of the first reports in ``body``; both wire formats are understood."""
    try:
        sent: Any = json.loads(body)
    except ValueError:
        return []
    lines = []
    for item in (sent if isinstance(sent, list) else [sent])[:5]:
        report = item.get("csp-report", item.get("body")) if isinstance(item, dict) else None
        if isinstance(report, dict):
            directive = report.get("effective-directive") or report.get("effectiveDirective")
            if not directive:  # older browsers: the whole directive, its name first
                directive = str(report.get("violated-directive", "")).partition(" ")[0]
            page = report.get("document-uri") or report.get("documentURL")
            stopped = report.get("blocked-uri") or report.get("blockedURL")
            lines.append(f"stopped {_word(directive)} page={_plain(page)} by={_plain(stopped)}")
    return lines


def _word(value: object) -> str:
    return "".join(c for c in str(value)[:40] if c.isalnum() or c == "-")


def _plain(value: object) -> str:
    """An address without query and fragment, in characters that cannot forge a log line."""
    try:
        parts = urlsplit(str(value or "")[:300])
    except ValueError:
        return "?"
    text = f"{parts.scheme}:{parts.netloc}{parts.path}" if parts.netloc else parts.path
    return "".join(c for c in text[:200] if c.isascii() and c.isprintable() and c != " ")
