"""Slowing down guesses at passwords without letting a stranger lock anybody out.

Every attempt is counted before the password is looked at, whether or not the name exists, so the
answer reveals nothing. A browser in which this account has signed in before carries a signed mark
and is counted by itself; all other browsers share the counters for strangers. A stranger who uses
those up stops other strangers, not the browser on the coordinator's desk, and never a passkey.
The idea is OWASP's "device cookies" (Slow Down Online Guessing Attacks with Device Cookies).
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from allauth.core import ratelimit
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

KNOWN_FOR: Final = timedelta(days=180)
_SALT: Final = "clinic_site.staff.known_browser"


def may_try(request: HttpRequest, *, name: str) -> bool:
    """Count one attempt at ``name`` and say whether it may be made.

    The rates are ``ACCOUNT_RATE_LIMITS`` in the settings.
    """
    name = name.strip().lower()
    browser = known_browser(request, name=name)
    if browser:
        return bool(ratelimit.consume(request, action="known_browser", key=browser))
    # Narrow counters first: one address must not use up what all strangers share.
    return bool(
        ratelimit.consume(request, action="stranger_at_account", key=_place(request, name))
        and ratelimit.consume(request, action="strangers_from_address")
        and ratelimit.consume(request, action="strangers_at_account", key=name)
    )


def known_browser(request: HttpRequest, *, name: str) -> str:
    """The id of a browser in which ``name`` has signed in before, or ""."""
    try:
        browser, owner = signing.loads(
            request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE, ""),
            salt=_SALT,
            max_age=KNOWN_FOR,
        )
    except (signing.BadSignature, TypeError, ValueError):
        return ""
    return str(browser) if constant_time_compare(owner, _mark_of(name)) else ""


def remember_browser(request: HttpRequest, response: HttpResponse, *, name: str) -> None:
    """Mark the browser as one in which ``name`` has signed in. The mark signs nobody in.

    Whoever knows the password was not guessing: what this address tried at this name is forgotten,
    or somebody whose browser keeps no cookies would be refused after five times.
    """
    name = name.strip().lower()
    browser = known_browser(request, name=name) or secrets.token_urlsafe(16)
    ratelimit.clear(request, action="known_browser", key=browser)
    ratelimit.clear(request, action="stranger_at_account", key=_place(request, name))
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE,
        signing.dumps([browser, _mark_of(name)], salt=_SALT),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _mark_of(name: str) -> str:
    """Stands for the account in the cookie, which must not show its name."""
    return salted_hmac(_SALT, name.lower(), algorithm="sha256").hexdigest()[:32]


def _place(request: HttpRequest, name: str) -> str:
    """One address at one account."""
    from allauth.account.adapter import get_adapter

    return f"{get_adapter(request).get_client_ip(request)} {name}"
