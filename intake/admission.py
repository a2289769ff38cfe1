"""From a sealed submission to a request on the desk, exactly once.

Run by the worker and before the desk lists; any number may run at a time. A submission is
taken by a conditional UPDATE in the transaction that creates the request, so a killed worker
leaves either all of it or nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from intake import audit, keys
from intake.clock import promise
from intake.envelope import EnvelopeMoved, EnvelopeTampered, open_submission
from intake.indexes import email_index, phone_index
from intake.models import CallbackRequest, Consent, Message, Submission
from intake.outbox import queue_message
from intake.pace import unhurried
from intake.phrases import form_has_crisis_wording
from intake.wordings import wording_row
from intake.zones import whereabouts

BATCH: Final = 200
RETRY_AFTER: Final = timedelta(minutes=10)

# Which answer of the form says yes or no to which purpose.
_CONSENT_FIELDS: Final = {
    Consent.Purpose.CALL: "call_consent",
    Consent.Purpose.VOICEMAIL: "voicemail",
    Consent.Purpose.TEXT: "text_consent",
    Consent.Purpose.EMAIL: "email_receipt",
}

log = logging.getLogger(__name__)


def admit_pending(*, now: datetime | None = None, paced: bool = False) -> int:
    """Admit what waits, a batch at most, and return how many submissions were admitted; with
    ``paced``, so that visitors who send meanwhile find room (:mod:`intake.pace`).

    An envelope that does not open is reported, counted in the status and tried again later; the
    others go on. Raises :exc:`KeyMissing` or :exc:`WrongKey` when no key can be used at all.
    """
    moment = now or timezone.now()
    pending = list(_pending(moment)[:BATCH])
    if not pending:
        return 0
    keys.private_keys()
    keys.index_key()
    return sum(
        _admit(submission, moment) for submission in (unhurried(pending) if paced else pending)
    )


def _pending(now: datetime) -> QuerySet[Submission]:
    # Later than any retry is ever put off: by a clock that was ahead.
    ready = Q(retry_at=None) | Q(retry_at__lte=now) | Q(retry_at__gt=now + RETRY_AFTER)
    people = Submission.objects.exclude(node=Submission.CHECK_NODE)
    return people.filter(ready, admitted_at=None).order_by("received_at", "pk")


def _admit(submission: Submission, now: datetime) -> bool:
    try:
        content = open_submission(submission, actor=None, purpose="admission")
    except (keys.WrongKey, keys.KeyMissing, EnvelopeTampered, EnvelopeMoved) as error:
        name = type(error).__name__
        log.error("%s cannot be admitted: %s", submission.reference, name)
        Submission.objects.filter(pk=submission.pk, admitted_at=None).update(
            refused_because=name, retry_at=now + RETRY_AFTER
        )
        return False
    for _ in range(3):
        try:
            return take(submission, read(content), now)
        except IntegrityError:  # another worker created the same request this instant
            continue
    return False


@dataclass(frozen=True, slots=True)
class Facts:
    """What a form tells without being personal, for the columns of a request."""

    columns: dict[str, Any]
    consents: dict[str, tuple[bool, str]]  # purpose: (yes or no, wording id)


def read(content: dict[str, Any]) -> Facts:
    """Derive the columns of a request from a form. Raises :exc:`KeyMissing`, :exc:`WrongKey`."""
    phone, email = content.get("phone") or "", content.get("email") or ""
    place = whereabouts(
        phone=phone, state=content.get("state") or "", asked=content.get("time_zone") or ""
    )
    window = content.get("window")
    wordings = content.get("wordings") or {}
    return Facts(
        columns={
            "window": window if window in CallbackRequest.Window.values else "any",
            "time_zone": place.zone,
            "possible_zones": " ".join(place.possible),
            "is_zone_guessed": place.is_guess,
            "has_crisis_wording": form_has_crisis_wording(content),
            "phone_index": phone_index(phone),
            "email_index": email_index(email),
        },
        consents={
            purpose: (bool(content.get(field)), str(wordings.get(purpose, "")))
            for purpose, field in _CONSENT_FIELDS.items()
            if field in content
        },
    )


@transaction.atomic
def take(submission: Submission, facts: Facts, now: datetime) -> bool:
    """Turn one submission into a request or a correction; ``False`` if another worker did."""
    taken = Submission.objects.filter(pk=submission.pk, admitted_at=None).update(
        admitted_at=now, refused_because="", retry_at=None
    )
    if not taken:
        return False
    same_form = CallbackRequest.objects.select_for_update().filter(
        submission_key=submission.submission_key
    )
    known = same_form.first()
    action = "corrected" if known else "admitted"
    request = _fold(known, submission, facts) if known else _create(submission, facts)
    request.submissions.add(submission)
    _keep_consents(request, facts, submission.received_at)
    _announce(request, submission, action, facts)
    audit.record(
        actor=None, action=action, reference=request.reference, detail={"submission": submission.pk}
    )
    return True


def _create(submission: Submission, facts: Facts) -> CallbackRequest:
    due = promise(submission.received_at)
    is_held = _is_suspect(submission, facts)
    state = CallbackRequest.State.SPAM_HELD if is_held else CallbackRequest.State.NEW
    return CallbackRequest.objects.create(
        submission_key=submission.submission_key,
        reference=submission.reference,
        state=state,
        received_at=submission.received_at,
        attempt_due_at=due.attempt_due_at,
        contact_due_at=due.contact_due_at,
        is_demo=submission.is_demo,
        **facts.columns,
    )


def _is_suspect(submission: Submission, facts: Facts) -> bool:
    """Whether a person should look for spam first. Never when somebody may be in danger: a needless
    call costs less than one that comes a month late."""
    return bool(submission.suspicion) and not facts.columns["has_crisis_wording"]


def _fold(request: CallbackRequest, submission: Submission, facts: Facts) -> CallbackRequest:
    """Put a corrected form into its request; the earlier version stays beside it.

    The newest version decides the columns, also when it arrives first (a spool drains late).
    Closed: the person was promised a call again, so it reopens with the new promise; merged: so
    does the request it was merged into. Held as spam: a version that raises no suspicion frees it.
    """
    while request.merged_into_id is not None:
        request = CallbackRequest.objects.select_for_update().get(pk=request.merged_into_id)
    newest = request.submissions.order_by("-received_at").first()
    changes: dict[str, Any] = {"has_correction": True, "version": request.version + 1}
    if newest is None or submission.received_at >= newest.received_at:
        changes |= facts.columns
        changes["has_crisis_wording"] |= request.has_crisis_wording
        if facts.columns["phone_index"] != request.phone_index:
            changes["is_phone_wrong"] = False
    if request.state == CallbackRequest.State.SPAM_HELD and not _is_suspect(submission, facts):
        changes["state"] = CallbackRequest.State.NEW
    if _is_new_wish(request, submission):
        changes |= _reopened(submission)
    for field, value in changes.items():
        setattr(request, field, value)
    request.save(update_fields=list(changes))
    return request


def _is_new_wish(request: CallbackRequest, submission: Submission) -> bool:
    """Whether a corrected form asks for a call that its closed request no longer promises.

    One sent before the closing does not: somebody spoke with the person since. If nobody could,
    the correction may be the very reason.
    """
    if request.closed_at is None:
        return False
    unreachable = request.state == CallbackRequest.State.UNREACHABLE
    return unreachable or submission.received_at > request.closed_at


def _reopened(submission: Submission) -> dict[str, Any]:
    due = promise(submission.received_at)
    return {
        "state": CallbackRequest.State.NEW,
        "received_at": submission.received_at,
        "attempt_due_at": due.attempt_due_at,
        "contact_due_at": due.contact_due_at,
        "next_action_at": None,
        "first_attempt_at": None,
        "first_contact_at": None,
        "attempt_count": 0,
        "outcome": "",
        "closed_at": None,
        "closed_by": None,
    }


def _keep_consents(request: CallbackRequest, facts: Facts, at: datetime) -> None:
    Consent.objects.bulk_create(
        Consent(
            request=request,
            purpose=purpose,
            is_granted=is_granted,
            wording=wording_row(purpose, wording_id),
            at=at,
            source="form",
        )
        for purpose, (is_granted, wording_id) in facts.consents.items()
    )


def _announce(request: CallbackRequest, submission: Submission, action: str, facts: Facts) -> None:
    """Queue what staff and the visitor are told; nothing while the request is held as spam."""
    if request.state == CallbackRequest.State.SPAM_HELD:
        return
    queue_message(kind=Message.Kind.NEW_REQUEST, request=request)
    if action == "corrected":
        queue_message(
            kind=Message.Kind.CORRECTED, request=request, milestone=f"submission {submission.pk}"
        )
    wants_receipt, _ = facts.consents.get(Consent.Purpose.EMAIL, (False, ""))
    if wants_receipt and request.email_index:
        # One for each address: a mistyped one that was put right gets its receipt too.
        queue_message(
            kind=Message.Kind.RECEIPT, request=request, milestone=request.email_index[:16]
        )
