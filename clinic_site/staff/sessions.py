"""Sessions as rows: ending them from outside, and giving one another key."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest


@transaction.atomic
def end_all(*, user: User, but: str = "") -> int:
    """End every session of ``user`` except the one with the key ``but``; how many there were."""
    sessions = list(UserSession.objects.filter(user=user).exclude(session_key=but))
    for session in sessions:
        session.end()
    return len(sessions)


@transaction.atomic
def renew_key(request: HttpRequest) -> None:
    """The same session under a new key; the list of sessions follows."""
    old = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)
