"""How the intake is doing, in a few numbers; nothing personal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Case, Count, F, Max, Min, Q, When
from django.utils import timezone

from intake import outbox, spool
from intake.models import CallbackRequest, Heartbeat, Message, Submission

WORKER_SILENT_AFTER: Final = timedelta(minutes=2)  # then somebody has to look
CLOCKS_APART: Final = timedelta(minutes=1)  # what machines may differ by


@dataclass(frozen=True, slots=True)
class Status:
    worker_last_seen: datetime | None
    unadmitted: int
    oldest_unadmitted_at: datetime | None
    refused: int  # submissions whose envelope did not open
    unsent: int
    oldest_unsent_at: datetime | None  # since when the oldest message is due
    dead: int
    spool_depth: int  # of this machine only
    overdue: int


def status(*, now: datetime | None = None) -> Status:
    """Five queries. Raises :exc:`django.db.Error` while the database is away."""
    moment = now or timezone.now()
    people = Submission.objects.exclude(node=Submission.CHECK_NODE)
    unadmitted = people.filter(admitted_at=None).aggregate(
        n=Count("pk"), oldest=Min("received_at"), refused=Count("pk", filter=~Q(refused_because=""))
    )
    # One that failed counts from when it was written, also while it waits for its next try.
    unsent = outbox.waiting().filter(Q(send_after__lte=moment) | Q(tries__gt=0))
    since = Case(When(tries=0, then=F("send_after")), default=F("created_at"))
    unsent_now = unsent.aggregate(n=Count("pk"), oldest=Min(since))
    return Status(
        worker_last_seen=_worker_last_seen(moment),
        unadmitted=unadmitted["n"],
        oldest_unadmitted_at=unadmitted["oldest"],
        refused=unadmitted["refused"],
        unsent=unsent_now["n"],
        oldest_unsent_at=unsent_now["oldest"],
        dead=Message.objects.exclude(dead_at=None).count(),
        spool_depth=spool.depth(),
        overdue=_overdue(moment),
    )


def _worker_last_seen(now: datetime) -> datetime | None:
    """Without signs of life from a clock that was ahead: they would hide a silent worker."""
    believable = Heartbeat.objects.filter(at__lte=now + CLOCKS_APART)
    found: datetime | None = believable.aggregate(at=Max("at"))["at"]
    return found


def _overdue(now: datetime) -> int:
    no_attempt = Q(first_attempt_at=None, attempt_due_at__lte=now)
    no_contact = Q(first_contact_at=None, contact_due_at__lte=now)
    waiting = CallbackRequest.objects.filter(state__in=CallbackRequest.WAITING)
    return waiting.filter(no_attempt | no_contact).count()
