"""The language of a page is in its address, so every request is answered in the one it asks for."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from pages.languages import language_of, speaking

View = Callable[[HttpRequest], HttpResponseBase]


def speak(get_response: View) -> View:
    """Answer in the language of the address, error pages included; whatever the browser prefers."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with speaking(language_of(request.path_info)):
            return get_response(request)

    return middleware
