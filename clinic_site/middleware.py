"""Refusing what the site has no use for, so that the sender can read the refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

METHODS: Final = ("GET", "HEAD", "POST")

GetResponse = Callable[[HttpRequest], HttpResponse]


def only_known_methods(get_response: GetResponse) -> GetResponse:
    """The whole site is read and posted to. A library that also takes PUT for POST is not asked."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return get_response(request)

    return middleware
