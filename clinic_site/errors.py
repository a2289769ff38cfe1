"""The pages for when something goes wrong. None needs a database, a session or a request context.

If even their templates cannot be rendered, a few lines of plain HTML still carry the crisis line
and the clinic's number.
"""

from __future__ import annotations

import logging
from typing import Final

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.html import escape

from pages import typed

logger = logging.getLogger(__name__)

LAST_RESORT: Final = """<!doctype html>
<html lang="en-US"><head><meta charset="utf-8"><title>Something went wrong</title></head>
<body><h1>Something went wrong</h1>
<p>In crisis, or thinking about suicide? Call or text <a href="tel:988">988</a>.
In danger now? Call <a href="tel:911">911</a>.</p>
<p>Our number is <a href="tel:{e164}">{word} ({digits})</a>.</p></body></html>
"""


def error_page(
    name: str, status: int, *, reason: str = "", retry_after: int | None = None
) -> HttpResponse:
    """``templates/errors/<name>.html`` with this status.

    ``reason`` is a sentence for the reader; ``retry_after`` is in seconds.
    """
    context = {
        "clinic_name": settings.CLINIC_NAME,
        "phone_word": settings.CLINIC_PHONE_WORD,
        "phone_digits": settings.CLINIC_PHONE_DIGITS,
        "phone_e164": settings.CLINIC_PHONE_E164,
        "reason": reason,
    }
    try:
        html: str = loader.render_to_string(f"errors/{name}.html", context)
    except Exception:
        logger.exception("the error page %s cannot be rendered", name)
        html = LAST_RESORT.format(
            word=escape(settings.CLINIC_PHONE_WORD),
            digits=escape(settings.CLINIC_PHONE_DIGITS),
            e164=escape(settings.CLINIC_PHONE_E164),
        )
    response = HttpResponse(html, status=status)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def too_large(request: HttpRequest) -> HttpResponse:
    return error_page("413", 413)


def too_many(request: HttpRequest, *, retry_after: int) -> HttpResponse:
    """A limit was reached; ``retry_after`` is in seconds."""
    return error_page("429", 429, retry_after=retry_after)


def unavailable(request: HttpRequest, *, retry_after: int = 120) -> HttpResponse:
    """``retry_after`` is in seconds."""
    return error_page("503", 503, retry_after=retry_after)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be read; one that is too large says so with its own status.

    The reason is shown only where this project or Django's core wrote it for a reader: other
    exceptions may quote the request.
    """
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    if isinstance(exception, TooManyFieldsSent):
        return error_page("400", 400, reason="What was sent has more fields than our form has.")
    return error_page(
        "400", 400, reason=str(exception) if isinstance(exception, BadRequest) else ""
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page("403", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page("404", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_page("500", 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """For signing in, the desk and the admin. The public form needs no such cookie.

    A form of the content's admin gets its typing back: signing in again in another tab makes
    every open form too old.
    """
    if typed.is_our_form(request):
        return typed.after_signing_in(request)
    return error_page("csrf", 403)
