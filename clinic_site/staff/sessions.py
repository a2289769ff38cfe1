"""Ending sessions from outside."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.db import transaction


@transaction.atomic
def end_all(*, user: User, but: str = "") -> int:
    """End every session of ``user`` except the one with the key ``but``; how many there were."""
    sessions = list(UserSession.objects.filter(user=user).exclude(session_key=but))
    for session in sessions:
        session.end()
    return len(sessions)
