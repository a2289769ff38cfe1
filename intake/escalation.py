"""Promises at risk and broken: told to people, once per promise and milestone.

"Once" is a constraint of the database on (request, kind, milestone, channel), not a search. A milestone
names the promise and its due time, so a promise made anew can be at risk anew.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from intake import webhook
from intake.clock import ATTEMPT_WITHIN, CONTACT_WITHIN
from intake.models import CallbackRequest, Message
from intake.outbox import queue_message

# The last quarter of each promise.
_PROMISES: Final = (
    ("attempt", "first_attempt_at", "attempt_due_at", ATTEMPT_WITHIN / 4),
    ("contact", "first_contact_at", "contact_due_at", CONTACT_WITHIN / 4),
)


def escalate(*, now: datetime | None = None) -> int:
    """Queue what has become due to be told, and return how many messages that were."""
    moment = now or timezone.now()
    told = 0
    for name, kept_at, due_at, warning in _PROMISES:
        owed = _owed(kept_at)
        soon = {f"{due_at}__gt": moment, f"{due_at}__lte": moment + warning}
        told += _tell(Message.Kind.DUE_SOON, name, due_at, owed.filter(**soon))
        told += _tell(Message.Kind.OVERDUE, name, due_at, owed.filter(**{f"{due_at}__lte": moment}))
    return told


def _owed(kept_at: str) -> QuerySet[CallbackRequest]:
    """Requests to which a promise is not kept yet."""
    waiting = CallbackRequest.objects.filter(state__in=CallbackRequest.WAITING, is_demo=False)
    return waiting.filter(**{f"{kept_at}__isnull": True}).select_related("owner")


def _tell(kind: str, name: str, due_at: str, requests: QuerySet[CallbackRequest]) -> int:
    """Queue one message a channel for each request that has none yet about this promise."""
    known = set(
        Message.objects.filter(kind=kind, request__in=requests).values_list(
            "request_id", "milestone", "channel"
        )
    )
    told = 0
    for request in requests:
        milestone = f"{name} {getattr(request, due_at):%Y%m%d%H%M}"
        for channel in _channels():
            if (request.pk, milestone, channel) in known:
                continue
            queue_message(
                kind=kind,
                request=request,
                milestone=milestone,
                user=request.owner,
                channel=channel,
            )
            told += 1
    return told


def _channels() -> list[str]:
    every = [Message.Channel.MAIL, Message.Channel.WEBHOOK]
    return [str(channel) for channel in (every if webhook.is_configured() else every[:1])]
