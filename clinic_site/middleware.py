"""Refusing what the site has no use for, so that the sender can read the refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

READ_AND_DROPPED: Final = 16 * 1024 * 1024  # bytes
METHODS: Final = ("GET", "HEAD", "POST")
CHUNK: Final = 64 * 1024  # bytes

GetResponse = Callable[[HttpRequest], HttpResponse]


def only_known_methods(get_response: GetResponse) -> GetResponse:
    """The whole site is read and posted to. A library that also takes PUT for POST is not asked."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return get_response(request)

    return middleware


def read_out_refused_bodies(get_response: GetResponse) -> GetResponse:
    """Read and drop the rest of a body that was refused with 413 or 400.

    A server that closes a connection with unread bytes in it resets it, and the browser then shows
    "connection reset" instead of our page. Bodies beyond 16 MB are cut off all the same.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code in {400, 413} and request.method not in {"GET", "HEAD"}:
            _read_out(request)
        return response

    return middleware


def _read_out(request: HttpRequest) -> None:
    stream = getattr(request, "_stream", None)
    left = READ_AND_DROPPED
    try:
        while stream is not None and left > 0:
            chunk = stream.read(min(CHUNK, left))
            if not chunk:
                return
            left -= len(chunk)
    except (OSError, ValueError):  # the sender went away, or the stream is closed already
        return
