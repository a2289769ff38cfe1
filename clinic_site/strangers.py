"""Django for the form, without what only staff need.

Half of the middleware is for files, the doors of staff and sessions. The form sets no cookie and
reads no session, so for somebody without one it is answered without that half;
``tests/serving/test_strangers.py`` holds that the answers are the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from pages.languages import LANGUAGES, in_language

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FORM: Final = frozenset(
    in_language(path, language)
    for path in ("/contact/", "/contact/received/")
    for language in LANGUAGES
)
# What is for files, for the doors of staff, and for people with a session.
LEFT_OUT: Final = frozenset(
    {
        "clinic_site.staff.middleware.doors_open_to_staff_networks",
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
        "clinic_site.staff.middleware.StaffSessions",
    }
)


class _ForStrangers(WSGIHandler):
    def load_middleware(self, is_async: bool = False) -> None:
        everything = settings.MIDDLEWARE
        settings.MIDDLEWARE = [name for name in everything if name not in LEFT_OUT]
        try:
            super().load_middleware(is_async)
        finally:
            settings.MIDDLEWARE = everything


class Django:
    """The WSGI application: all of Django, or for strangers at the form what they need of it."""

    def __init__(self, whole: WSGIApplication) -> None:
        self._whole = whole
        self._for_strangers = _ForStrangers()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_stranger = settings.SESSION_COOKIE_NAME not in environ.get("HTTP_COOKIE", "")
        short = is_stranger and environ["PATH_INFO"] in FORM
        return (self._for_strangers if short else self._whole)(environ, start_response)
