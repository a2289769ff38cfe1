"""What only a person decides: reopen, give up, free from the spam folder, change a consent."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from intake.claims import check_free
from intake.consents import current_consents
from intake.envelope import seal_note
from intake.listing import needs_decision
from intake.models import CallbackRequest, Consent, Message, Note
from intake.moves import FREE, NotAllowed, State, apply, check_version, check_waiting, locked
from intake.outbox import queue_message
from intake.schedule import load_policy


@transaction.atomic
def reopen(
    *,
    request_id: int,
    user: AbstractBaseUser,
    reason: str,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> CallbackRequest:
    """Put a closed request back on the list, due now. The reason is kept as a sealed note.

    Raises :exc:`NotAllowed`, :exc:`Stale`.
    """
    moment = now or timezone.now()
    request = locked(request_id)
    check_version(request, expected_version)
    if request.state not in CallbackRequest.CLOSED or request.state == State.MERGED:
        raise NotAllowed(
            gettext("Only a closed request can be reopened: %(state)s.")
            % {"state": request.get_state_display()}
        )
    if not reason.strip():
        raise NotAllowed(gettext("Say why it is reopened."))
    _note(request, user, f"Reopened: {reason.strip()}", moment)
    apply(
        request,
        action="reopened",
        user=user,
        state=State.AWAITING_RETRY,
        next_action_at=moment,
        outcome="",
        closed_at=None,
        closed_by=None,
    )
    return request


@transaction.atomic
def close_unreachable(
    *,
    request_id: int,
    user: AbstractBaseUser,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> CallbackRequest:
    """Give up on reaching somebody, once the policy's attempts are made or the number is wrong.

    Raises :exc:`NotYours`, :exc:`Stale`, :exc:`NotAllowed`.
    """
    moment = now or timezone.now()
    request = locked(request_id)
    check_free(request, user, moment)
    check_version(request, expected_version)
    check_waiting(request)
    policy = load_policy()
    if not needs_decision(request, policy) and not request.is_phone_wrong:
        raise NotAllowed(
            gettext("Try %(needed)s times before giving up; so far it was %(made)s.")
            % {"needed": policy.max_attempts, "made": request.attempt_count}
        )
    apply(
        request,
        action="closed",
        user=user,
        state=State.UNREACHABLE,
        outcome="unreachable",
        closed_at=moment,
        closed_by=user,
        next_action_at=None,
        **FREE,
    )
    return request


@transaction.atomic
def free_from_spam(
    *, request_id: int, user: AbstractBaseUser, expected_version: int | None = None
) -> CallbackRequest:
    """A held request was a person's after all: on the list, with its promise from its arrival.

    Raises :exc:`Stale`, :exc:`NotAllowed`.
    """
    request = locked(request_id)
    check_version(request, expected_version)
    if request.state != State.SPAM_HELD:
        raise NotAllowed(gettext("This request is not held as spam."))
    queue_message(kind=Message.Kind.NEW_REQUEST, request=request)
    apply(request, action="freed", user=user, state=State.NEW)
    return request


@transaction.atomic
def set_consent(
    *,
    request_id: int,
    user: AbstractBaseUser,
    purpose: str,
    is_granted: bool,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> Consent:
    """Keep a yes or no that was given on the phone. It holds for the very next call or message.

    Raises :exc:`NotAllowed` for an unknown purpose, and :exc:`Stale`.
    """
    moment = now or timezone.now()
    request = locked(request_id)
    check_version(request, expected_version)
    if purpose not in Consent.Purpose.values:
        raise NotAllowed(gettext("There is no such consent."))
    earlier = current_consents(request).get(purpose)
    row = Consent.objects.create(
        request=request,
        purpose=purpose,
        is_granted=is_granted,
        wording=earlier.wording if earlier and not is_granted else None,
        at=moment,
        source="phone",
        by_id=user.pk,
    )
    apply(request, action="consent", user=user, detail={"purpose": purpose, "yes": is_granted})
    return row


def _note(request: CallbackRequest, user: AbstractBaseUser, text: str, at: datetime) -> None:
    envelope = seal_note(text, reference=request.reference)
    Note.objects.create(request=request, at=at, by_id=user.pk, envelope=envelope)
