"""Messages to staff and receipts to visitors: queued with the change, sent by the worker.

A message is sent at least once and, unless the process dies between sending and noting it,
exactly once; its fixed Message-ID lets a mail server or reader drop a copy. What it says is
written in ``templates/intake/mail``: a reference and a link, never what a visitor wrote.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import Error as DatabaseError
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from intake import letters, webhook
from intake.models import CallbackRequest, Message
from intake.pace import unhurried

LEASE: Final = timedelta(minutes=5)
BATCH: Final = 20
MAX_TRIES: Final = 10
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=4)

log = logging.getLogger(__name__)


def queue_message(
    *,
    kind: str,
    request: CallbackRequest,
    milestone: str = "",
    user: User | None = None,
    send_after: datetime | None = None,
    channel: str = Message.Channel.MAIL,
) -> None:
    """Queue one message in the caller's transaction. The same one again changes nothing.

    ``milestone`` tells apart messages of one kind about one request. A demo request queues
    nothing: nobody is to be woken by it.
    """
    if request.is_demo:
        return
    now = timezone.now()
    domain = parseaddr(settings.EMAIL_FROM)[1].rpartition("@")[2] or "localhost"
    Message.objects.bulk_create(
        [
            Message(
                kind=kind,
                request=request,
                milestone=milestone,
                channel=channel,
                user=user,
                message_id=f"<{uuid.uuid4().hex}@{domain[:40]}>",
                created_at=now,
                send_after=send_after or now,
            )
        ],
        ignore_conflicts=True,
    )


def send_due(*, now: datetime | None = None) -> int:
    """Send what is due, a batch at most, and return how many went out."""
    moment = now or timezone.now()
    sent = 0
    due = waiting().filter(_is_due(moment), _unleased(moment)).order_by("send_after")
    for pk in unhurried(list(due.values_list("pk", flat=True)[:BATCH])):
        if _lease(pk, moment):
            message = Message.objects.select_related("request", "user").get(pk=pk)
            sent += _deliver(message, moment)
    return sent


def waiting() -> QuerySet[Message]:
    """Messages that still have to go out."""
    return Message.objects.filter(sent_at=None, dead_at=None, cancelled_at=None)


def _is_due(now: datetime) -> Q:
    """Now, or so much later than any wait that the clock must have been ahead since."""
    return Q(send_after__lte=now) | Q(send_after__gt=now + LONGEST_WAIT)


def _unleased(now: datetime) -> Q:
    """Not taken, or for longer than anybody takes it: by a clock that was ahead."""
    return Q(leased_until=None) | Q(leased_until__lte=now) | Q(leased_until__gt=now + LEASE)


def _lease(pk: int, now: datetime) -> bool:
    """Take a message so that no other worker sends it; ``False`` if one was quicker."""
    free = waiting().filter(_unleased(now), pk=pk)
    return free.update(leased_until=now + LEASE, tries=F("tries") + 1) == 1


def _deliver(message: Message, now: datetime) -> int:
    try:
        is_sent = _send(message, now)
    except DatabaseError:
        raise
    except Exception as error:  # whatever went wrong, the next message must still go out
        _back_off(message, error, now)
        return 0
    if not is_sent:
        _finish(message, cancelled_at=now)
        return 0
    _finish(message, sent_at=now)
    return 1


def _send(message: Message, now: datetime) -> bool:
    """Send by the message's channel; ``False`` when it must not be sent any more."""
    if message.channel == Message.Channel.WEBHOOK:
        if letters.is_settled(message):
            return False
        webhook.deliver(message, now=now)
        return True
    letter = letters.compose(message)
    if letter is None:
        return False
    letter.send()
    return True


def _finish(message: Message, **end: datetime) -> None:
    waiting().filter(pk=message.pk).update(leased_until=None, last_error="", **end)


def _back_off(message: Message, error: Exception, now: datetime) -> None:
    """Try again later, twice as late each time; after the last try only a person can help."""
    name = type(error).__name__[:80]
    if message.tries >= MAX_TRIES:
        log.error("message %s was given up: %s", message.pk, name)
        waiting().filter(pk=message.pk).update(leased_until=None, last_error=name, dead_at=now)
        return
    wait = min(FIRST_WAIT * 2 ** (message.tries - 1), LONGEST_WAIT)
    log.warning("message %s was not sent (%s), next try in %s", message.pk, name, wait)
    waiting().filter(pk=message.pk).update(
        leased_until=None, last_error=name, send_after=now + wait
    )


def dead() -> QuerySet[Message]:
    """Messages that were given up, newest first."""
    given_up = Message.objects.exclude(dead_at=None).select_related("request", "user")
    return given_up.order_by("-dead_at", "-pk")


def revive(message_id: int, *, now: datetime) -> bool:
    """Give a dead message another life, by a person's decision; ``False`` if it was not dead."""
    dead = Message.objects.filter(pk=message_id).exclude(dead_at=None)
    return dead.update(dead_at=None, tries=0, send_after=now) == 1
