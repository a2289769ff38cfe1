"""What a session knows about itself: since when, last used when, with which role, how sure.

Kept in the session under one key and compared with the database at each request of somebody
signed in. So a changed role ends every session of that person whichever way it was changed.
"""

from __future__ import annotations

import hashlib
import time
from typing import Final

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import CharField, Value
from django.http import HttpRequest

_KEY: Final = "standing"
# The last use is written down at most this often, so that reading pages writes little.
NOTED_EVERY: Final = 30  # seconds
FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def begin(request: HttpRequest, user: User) -> None:
    """Start the clocks of a new session."""
    now = time.time()
    request.session[_KEY] = {"since": now, "seen": now, "role": role_print(user)}


def has_begun(request: HttpRequest) -> bool:
    return _KEY in request.session


def why_over(request: HttpRequest, user: User) -> str:
    """Why this session may not go on: "idle", "age", "role", or "" when it may."""
    state, now = request.session[_KEY], time.time()
    if now - state["seen"] > settings.IDLE_MINUTES * 60:
        return "idle"
    if now - state["since"] > settings.SESSION_COOKIE_AGE:
        return "age"
    if state["role"] != role_print(user):
        return "role"
    return ""


def note_use(request: HttpRequest) -> None:
    """Somebody touched something. Not for what a page asks by itself."""
    state, now = request.session[_KEY], time.time()
    if now - state["seen"] >= NOTED_EVERY:
        request.session[_KEY] = {**state, "seen": now}


def role_print(user: User) -> str:
    """A digest of everything that decides what ``user`` may do. One query."""
    held = (
        user.groups.order_by()
        .values_list(Value("group", output_field=CharField()), "pk")
        .union(
            user.user_permissions.order_by().values_list(
                Value("permission", output_field=CharField()), "pk"
            )
        )
    )
    whole = [user.is_active, user.is_staff, user.is_superuser, sorted(held)]
    return hashlib.sha256(repr(whole).encode()).hexdigest()[:32]


def has_factor(user: User) -> bool:
    """Whether a passkey or an authenticator app is set up. Recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def is_proven(request: HttpRequest, user: User) -> bool:
    """Whether a second factor was shown or set up in this very session.

    A session that began with the password alone must not become whole because the same person
    set up a factor elsewhere: it may be somebody else's.
    """
    return any(record["method"] == "mfa" for record in get_authentication_records(request, user))


def is_recent(request: HttpRequest, user: User) -> bool:
    """Whether this person signed in, or confirmed who they are, minutes ago.

    Who has a second factor confirms with that, not with the password alone.
    """
    if not has_begun(request):
        return False
    counted = {"mfa"} if has_factor(user) else {"mfa", "password"}
    moments = [
        record["at"]
        for record in get_authentication_records(request, user)
        if record.get("reauthenticated") and record["method"] in counted
    ]
    last = max([request.session[_KEY]["since"], *moments])
    return bool(time.time() - last < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
