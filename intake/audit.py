"""Who did what, append-only: each event carries the digest of the one before it.

Call :func:`record` as the last write of a transaction: on PostgreSQL it holds one lock until
the commit, so that two events can never follow the same one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from intake.models import AuditEvent

Detail = Mapping[str, str | int | bool | list[str] | None]

GENESIS: Final = "0" * 64
_LOCK: Final = 0x61756469  # any number that nothing else in this database locks


@dataclass(frozen=True, slots=True)
class Problem:
    """The first event at which the chain does not hold."""

    sequence: int
    reason: str


def english() -> AbstractContextManager[None]:
    """Inside, words are those that are kept: the record reads the same whoever acted."""
    return translation.override(settings.LANGUAGE_CODE)


@transaction.atomic
def record(
    *,
    actor: AbstractBaseUser | None,
    action: str,
    reference: str = "",
    detail: Detail | None = None,
) -> AuditEvent:
    """Append one event. ``detail`` must hold nothing personal: it is kept for good."""
    return record_each(actor=actor, action=action, details={reference: detail or {}})[0]


@transaction.atomic
def record_each(
    *, actor: AbstractBaseUser | None, action: str, details: Mapping[str, Detail]
) -> list[AuditEvent]:
    """Append one event for each reference in ``details``, in as many queries as for one."""
    _take_turn()
    last = AuditEvent.objects.order_by("-sequence").values("sequence", "digest").first()
    sequence, previous = (last["sequence"], last["digest"]) if last else (0, GENESIS)
    events = []
    for reference, detail in details.items():
        sequence += 1
        event = AuditEvent(
            sequence=sequence,
            at=timezone.now(),
            actor_id=actor.pk if actor else None,
            action=action,
            reference=reference,
            detail=dict(detail),
            previous=previous,
        )
        previous = event.digest = digest_of(event)
        events.append(event)
    return AuditEvent.objects.bulk_create(events)


def _take_turn() -> None:
    """Wait for other writers. SQLite has one writer at a time anyway (BEGIN IMMEDIATE)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def digest_of(event: AuditEvent) -> str:
    """SHA-256 over everything the event says and the digest before it, as hexadecimal."""
    content = [
        event.previous,
        event.sequence,
        event.at.astimezone(UTC).isoformat(),
        event.actor_id,
        event.action,
        event.reference,
        event.detail,
    ]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def verify() -> Problem | None:
    """Walk the chain from its beginning; the first broken link, or ``None``.

    Events cut off at the very end leave no trace in the chain itself: compare
    :func:`head` with one noted elsewhere.
    """
    previous, expected = GENESIS, 1
    for event in AuditEvent.objects.order_by("sequence").iterator(chunk_size=2000):
        if event.sequence != expected:
            return Problem(
                expected, gettext("event %(expected)s is missing") % {"expected": expected}
            )
        if event.previous != previous:
            return Problem(
                expected,
                gettext("event %(expected)s does not follow the event before it")
                % {"expected": expected},
            )
        if event.digest != digest_of(event):
            return Problem(
                expected, gettext("event %(expected)s was changed") % {"expected": expected}
            )
        previous, expected = event.digest, expected + 1
    return None


def head() -> tuple[int, str]:
    """Number and digest of the newest event: note them elsewhere to notice a cut-off end."""
    last = AuditEvent.objects.order_by("-sequence").first()
    return (last.sequence, last.digest) if last else (0, GENESIS)


def last_change(reference: str) -> AuditEvent | None:
    """The newest event about a request that changed it: who a stale tab must ask."""
    return (
        AuditEvent.objects.filter(reference=reference)
        .exclude(action__in=["opened", "searched", "expired"])
        .select_related("actor")
        .order_by("-sequence")
        .first()
    )
