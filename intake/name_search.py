"""Looking for a name among open requests, for somebody on the phone who knows no reference.

Names are only inside envelopes, so this opens every open request's. It is therefore limited to
open requests and to a few searches in ten minutes, and each search is on record with the number
of envelopes it opened; what was looked for is not.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone
from django.utils.translation import gettext

from intake.envelope import open_for_search
from intake.models import AuditEvent, CallbackRequest, Submission

SHORTEST: Final = 2  # letters
MOST_OPENED: Final = 10_000
PERIOD: Final = timedelta(minutes=10)
PER_PERIOD: Final = 10


class TooOften(Exception):
    """Too many searches by name lately. The message says when the next one is possible."""


class TooShort(Exception):
    """So little was typed that half of all names would fit."""


def find_by_name(
    typed: str, *, actor: AbstractBaseUser, now: datetime | None = None
) -> list[CallbackRequest]:
    """Open requests in whose name every typed word begins a word, newest first.

    Accents and capitals do not matter. Raises :exc:`TooShort`, :exc:`TooOften`, and what
    :func:`intake.envelope.open_for_search` raises.
    """
    moment = now or timezone.now()
    wanted = words_of(typed)
    if sum(len(word) for word in wanted) < SHORTEST:
        raise TooShort(
            gettext("Type at least %(least)s letters of the name.") % {"least": SHORTEST}
        )
    _check_pace(actor, moment)
    submissions = list(
        Submission.objects.filter(requests__state__in=CallbackRequest.WAITING)
        .distinct()
        .order_by("-received_at", "-pk")[:MOST_OPENED]
    )
    found = [
        submission.pk
        for submission, content in open_for_search(submissions, actor=actor)
        if fits(wanted, str(content.get("name") or ""))
    ]
    return list(
        CallbackRequest.objects.filter(submissions__in=found, state__in=CallbackRequest.WAITING)
        .distinct()
        .order_by("-received_at", "-pk")
    )


def fits(wanted: list[str], name: str) -> bool:
    """Whether each wanted word begins a word of the name of its own."""
    left = words_of(name)
    for word in sorted(wanted, key=len, reverse=True):
        match = next((part for part in left if part.startswith(word)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def words_of(text: str) -> list[str]:
    """Lower-case words without accents; a hyphen or an apostrophe divides nothing."""
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)
    )
    kept = "".join(c if c.isalnum() or c.isspace() else "" for c in bare.replace("-", " "))
    return kept.split()


def _check_pace(actor: AbstractBaseUser, now: datetime) -> None:
    lately = AuditEvent.objects.filter(
        actor_id=actor.pk, action="searched", detail__by="name", at__gt=now - PERIOD
    ).order_by("-sequence")
    times = list(lately.values_list("at", flat=True)[:PER_PERIOD])
    if len(times) == PER_PERIOD:
        wait = times[-1] + PERIOD - now
        minutes = int(wait.total_seconds() // 60) + 1
        raise TooOften(
            gettext(
                "%(most)s searches by name in %(period)s minutes are the most. Try again in %(minutes)s min, or ask for the number they gave."
            )
            % {"most": PER_PERIOD, "period": PERIOD.seconds // 60, "minutes": minutes}
        )
