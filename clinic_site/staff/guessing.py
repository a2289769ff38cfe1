"""Slowing down guesses at passwords without letting a stranger lock anybody out.

Every attempt is counted before the password is looked at, whether or not the name exists, so the
answer reveals nothing. With the right password it is taken back: a team that signs in on its first
morning, from one address and sixteen new browsers, guesses nothing.

A browser in which this account has signed in before carries a signed mark and is counted by itself;
all other browsers share the counters for strangers. A stranger who uses those up stops other
strangers, not the browser on the coordinator's desk, and never a passkey.
The idea is OWASP's "device cookies" (Slow Down Online Guessing Attacks with Device Cookies).
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from allauth.core import ratelimit
from allauth.core.internal import ratelimit as counters
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

KNOWN_FOR: Final = timedelta(days=180)
_SALT: Final = "clinic_site.staff.known_browser"
_COUNTED: Final = "clinic_site.staff.counted"


def may_try(request: HttpRequest, *, name: str) -> bool:
    """Count one attempt at ``name`` and say whether it may be made.

    The rates are ``ACCOUNT_RATE_LIMITS`` in the settings.
    """
    name = name.strip().lower()
    browser = known_browser(request, name=name)
    if browser:
        return _count(request, "known_browser", browser)
    # Narrow counters first: one address must not use up what all strangers share.
    return (
        _count(request, "stranger_at_account", _place(request, name))
        and _count(request, "strangers_from_address")
        and _count(request, "strangers_at_account", name)
    )


def was_no_guess(request: HttpRequest) -> None:
    """Take back what this request counted: its password was right."""
    for counted in request.META.pop(_COUNTED, []):
        counted.rollback()


def _count(request: HttpRequest, action: str, key: str | None = None) -> bool:
    # The library's public function says only whether; what it counted cannot be taken back.
    counted = counters.consume(request, app="allauth.account", action=action, key=key)
    if counted:
        request.META.setdefault(_COUNTED, []).append(counted)
    return bool(counted)


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
