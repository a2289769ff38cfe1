"""Every request is answered in one language: readers' in that of the address, staff's as they chose."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from pages.languages import LANGUAGES, language_of, speaking

View = Callable[[HttpRequest], HttpResponseBase]


def speak(get_response: View) -> View:
    """Answer in the language of the request, error pages included; whatever the browser prefers."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with speaking(language_for(request)):
            return get_response(request)

    return middleware


def language_for(request: HttpRequest) -> str:
    """That of the address. At the doors of staff, which have one address for all languages and are
    never kept in a cache: what was chosen in this browser, or else ``STAFF_LANGUAGE``."""
    if not request.path_info.startswith(settings.STAFF_PATHS):
        return language_of(request.path_info)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return chosen if chosen in LANGUAGES else settings.STAFF_LANGUAGE
