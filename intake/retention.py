"""Deleting what is no longer needed, and keeping it deleted.

The policy row says after how many days. Every deletion lays a tombstone in its own transaction;
:func:`replay_tombstones` deletes again what a restored backup or a late spool file brought back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from intake import audit, tombstones
from intake.models import CallbackRequest, Heartbeat, PurgeTombstone, Submission
from intake.schedule import load_policy

BATCH: Final = 100
_HEARTBEATS_KEPT: Final = timedelta(days=1)

State = CallbackRequest.State

_IS_UNDER_A_STONE: Final = Exists(
    PurgeTombstone.objects.filter(
        submission_key=OuterRef("submission_key"), at__gte=OuterRef("received_at")
    )
)

log = logging.getLogger(__name__)


def purge(*, now: datetime | None = None) -> int:
    """Delete what has had its time, a batch at most, and return how many requests went.

    Closed without a booking: counted from the closing. Held as spam: from the arrival. Never
    what still waits, and never what is on legal hold.
    """
    moment = now or timezone.now()
    old = Q(at__lt=moment - _HEARTBEATS_KEPT) | Q(at__gt=moment + _HEARTBEATS_KEPT)
    Heartbeat.objects.filter(old).delete()
    expired = _expired(moment).order_by("pk").values_list("pk", flat=True)
    return sum(_purge_one(pk, moment) for pk in list(expired[:BATCH]))


def _expired(now: datetime) -> QuerySet[CallbackRequest]:
    policy = load_policy()
    closed_before = now - timedelta(days=policy.unconverted_days)
    spam_before = now - timedelta(days=policy.spam_days)
    unconverted = Q(
        state__in=[s for s in CallbackRequest.CLOSED if s != State.BOOKED],
        closed_at__lt=closed_before,
        merged=None,
    )
    spam = Q(state=State.SPAM_HELD, received_at__lt=spam_before)
    return CallbackRequest.objects.filter(unconverted | spam, is_on_legal_hold=False)


@transaction.atomic
def _purge_one(pk: int, now: datetime) -> int:
    request = _expired(now).select_for_update(of=("self",)).filter(pk=pk).first()
    if request is None:
        return 0
    delete(request, action="purged", now=now)
    return 1


def delete(
    request: CallbackRequest,
    *,
    action: str,
    actor: AbstractBaseUser | None = None,
    now: datetime | None = None,
) -> None:
    """Delete a request with everything about it, in the caller's transaction.

    A tombstone stays, and the reference in the audit; neither names anybody. A demo request
    leaves no tombstone. Forms that also belong to another request stay with that one.
    """
    reference = request.reference
    elsewhere = Submission.objects.filter(
        requests__in=CallbackRequest.objects.exclude(pk=request.pk)
    )
    forms = list(request.submissions.exclude(pk__in=elsewhere).defer("envelope"))
    if not request.is_demo:
        keys = {form.submission_key: form.reference for form in forms}
        # Never before what it covers, even when this machine's clock is behind another's.
        at = max(now or timezone.now(), request.received_at, *(f.received_at for f in forms))
        tombstones.lay(keys=keys | {request.submission_key: reference}, at=at, reason=action)
    Submission.objects.filter(pk__in=[form.pk for form in forms]).delete()
    request.delete()
    audit.record(actor=actor, action=action, reference=reference)


def family(requests: Iterable[CallbackRequest]) -> list[CallbackRequest]:
    """These requests and all that are merged with them, those that must be deleted first first."""
    found = {request.pk for request in requests}
    while True:
        known = CallbackRequest.objects.filter(pk__in=found)
        more = known.exclude(merged=None).values_list("merged", flat=True)
        into = known.exclude(merged_into=None).values_list("merged_into", flat=True)
        grown = found | {pk for pk in (*more, *into) if pk}
        if grown == found:
            break
        found = grown
    ordered: list[CallbackRequest] = []
    left = {request.pk: request for request in CallbackRequest.objects.filter(pk__in=found)}
    while left:
        targets = {request.merged_into_id for request in left.values()}
        leaves = [pk for pk in sorted(left) if pk not in targets]
        ordered += [left.pop(pk) for pk in leaves]
    return ordered


def replay_tombstones() -> int:
    """Delete again what has a tombstone, and return how many requests and stray forms went.

    Run after a restore, and by the worker every hour and at its start. What is on legal hold
    stays and is reported. Raises :exc:`OSError`, :exc:`django.db.Error`.
    """
    tombstones.merge()
    gone = 0
    while back := back_again().filter(is_on_legal_hold=False, merged=None).first():
        with transaction.atomic():
            delete(back, action="purged again")
        gone += 1
    for request in back_again():
        log.error("%s was purged before and is here again, but may not go", request.reference)
    return gone + _delete_stray_forms()


def back_again() -> QuerySet[CallbackRequest]:
    """Requests older than a tombstone of theirs."""
    return CallbackRequest.objects.filter(_IS_UNDER_A_STONE).order_by("pk")


def stray_forms() -> QuerySet[Submission]:
    """Forms older than their tombstone, but not those kept by another request or by a hold."""
    kept = CallbackRequest.objects.exclude(
        submission_key=OuterRef("submission_key"), is_on_legal_hold=False
    )
    return Submission.objects.filter(_IS_UNDER_A_STONE).exclude(
        Exists(kept.filter(submissions=OuterRef("pk")))
    )


@transaction.atomic
def _delete_stray_forms() -> int:
    references = sorted(stray_forms().values_list("reference", flat=True))
    if not references:
        return 0
    stray_forms().delete()
    for reference in references:
        audit.record(actor=None, action="purged again", reference=reference)
    return len(references)
