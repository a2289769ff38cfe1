"""What the clinic holds about one person: found, given to them, or erased, when they ask.

A person is found by the exact reference, phone number or e-mail address that their newest form
has. A shared phone is not a person, so whoever asks is shown what was found before anything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from intake import audit, spool, tombstones
from intake.admission import admit_pending
from intake.envelope import open_note, open_submission
from intake.indexes import email_index, phone_index
from intake.models import AuditEvent, CallbackRequest, Consent, Message, Submission
from intake.phone import BadPhone, read_phone
from intake.references import parse_reference
from intake.retention import delete, family


class OnLegalHold(Exception):
    """Names the references that may not be erased."""


def find(text: str) -> list[CallbackRequest]:
    """The requests of whoever ``text`` means, with those merged with them; oldest first.

    What still waits to be admitted is admitted first, so that it is found too. Raises
    :exc:`ValueError` for text that is none of the three, and what admission raises.
    """
    spool.drain()
    while admit_pending():
        pass
    found = family(CallbackRequest.objects.filter(_means(text.strip())))
    return sorted(found, key=lambda request: (request.received_at, request.pk))


def _means(text: str) -> Q:
    if "@" in text:
        return Q(email_index=email_index(text))
    reference = parse_reference(text)
    by_reference = Q(reference=reference) if reference else Q(pk__in=[])
    try:
        number = read_phone(text)
    except BadPhone:
        if reference:
            return by_reference
        raise ValueError(
            gettext("That is neither a reference, nor a whole phone number, nor an email address.")
        ) from None
    # Ten digits can be both; what is a reference is asked for by that name.
    if reference and CallbackRequest.objects.filter(reference=reference).exists():
        return by_reference
    return Q(phone_index=phone_index(number.as_e164))


def export(requests: Iterable[CallbackRequest], *, actor: AbstractBaseUser) -> dict[str, Any]:
    """Everything held about these requests, ready for JSON.

    Envelopes are opened through the audited door, and the export itself is on record. Raises
    what :func:`intake.envelope.open_submission` raises.
    """
    held = [_export_one(request, actor) for request in requests]
    for one in held:
        audit.record(actor=actor, action="exported", reference=one["reference"])
    return {"exported_at": timezone.now().isoformat(), "requests": held}


def _export_one(request: CallbackRequest, actor: AbstractBaseUser) -> dict[str, Any]:
    forms = request.submissions.order_by("received_at", "pk")
    return {
        "reference": request.reference,
        "state": request.get_state_display(),
        "received_at": request.received_at.isoformat(),
        "first_call_promised_by": request.attempt_due_at.isoformat(),
        "conversation_promised_by": request.contact_due_at.isoformat(),
        "closed_at": _text(request.closed_at),
        "time_zone": request.time_zone,
        "is_time_zone_guessed": request.is_zone_guessed,
        "is_on_legal_hold": request.is_on_legal_hold,
        "forms": [
            {
                "received_at": form.received_at.isoformat(),
                "held_as_spam_because": form.suspicion,
                "answers": open_submission(form, actor=actor, purpose="export"),
            }
            for form in forms
        ],
        "notes": [
            {"at": note.at.isoformat(), "text": open_note(note, actor=actor, purpose="export")}
            for note in request.notes.select_related("request")
        ],
        "calls": [
            {"at": call.at.isoformat(), "outcome": call.get_outcome_display()}
            for call in request.attempts.all()
        ],
        "consents": [_consent(one) for one in request.consents.select_related("wording")],
        "messages": [_message(one) for one in request.messages.order_by("created_at", "pk")],
        "who_did_what": [
            {"at": event.at.isoformat(), "what": event.action, "detail": event.detail}
            for event in AuditEvent.objects.filter(reference=request.reference)
        ],
    }


def _consent(one: Consent) -> dict[str, Any]:
    return {
        "at": one.at.isoformat(),
        "to": one.get_purpose_display(),
        "answer": "yes" if one.is_granted else "no",
        "words": one.wording.text if one.wording else "",
        "given": one.source,
    }


def _message(one: Message) -> dict[str, Any]:
    return {
        "kind": one.get_kind_display(),
        "queued_at": one.created_at.isoformat(),
        "sent_at": _text(one.sent_at),
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


@transaction.atomic
def erase(requests: Iterable[CallbackRequest], *, actor: AbstractBaseUser) -> list[str]:
    """Delete these requests with everything about them, all or none; their references.

    Tombstones keep them deleted after a restore and in every node's spool. Raises
    :exc:`OnLegalHold`.
    """
    fresh = family(requests)
    held = [request.reference for request in fresh if request.is_on_legal_hold]
    if held:
        raise OnLegalHold(", ".join(held))
    for request in fresh:
        delete(request, action="erased", actor=actor)
    return [request.reference for request in fresh]


def count_unadmitted(reference: str) -> int:
    """How many forms of a reference never became a request, because they do not open."""
    return Submission.objects.filter(reference=reference, requests=None).count()


@transaction.atomic
def erase_unadmitted(reference: str, *, actor: AbstractBaseUser) -> None:
    """Delete those forms."""
    forms = list(Submission.objects.filter(reference=reference, requests=None))
    at = max([timezone.now(), *(form.received_at for form in forms)])
    keys = {form.submission_key: form.reference for form in forms}
    tombstones.lay(keys=keys, at=at, reason="erased")
    Submission.objects.filter(pk__in=[form.pk for form in forms]).delete()
    audit.record(actor=actor, action="erased", reference=reference)
