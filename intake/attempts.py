"""Recording a call: what came of it, and when to try again. Can be undone for a moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from intake.claims import check_free
from intake.clock import NoSuchTime, TwiceThatDay, instant, is_lawful, is_open, next_callable
from intake.consents import has_consent, restore, revoke_all
from intake.envelope import seal_note
from intake.listing import callee_of
from intake.models import CallAttempt, CallbackRequest, Consent, Note
from intake.moves import (
    FREE,
    NotAllowed,
    State,
    apply,
    check_version,
    check_waiting,
    clock_time,
    locked,
)
from intake.schedule import load_policy, load_schedule

UNDO_WITHIN: Final = timedelta(seconds=30)
FURTHEST: Final = timedelta(days=90)

Outcome = CallAttempt.Outcome

CLOSES: Final[dict[str, str]] = {
    Outcome.THINKING: State.CONTACTED,
    Outcome.BOOKED: State.BOOKED,
    Outcome.DECLINED: State.DECLINED,
    Outcome.REFERRED_OUT: State.REFERRED_OUT,
    Outcome.STOP: State.WITHDRAWN,
}

_BY_PHONE: Final = frozenset(
    {Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.BUSY, Outcome.WRONG_NUMBER}
)

# What an undo puts back; the moments are kept as text.
_MOMENTS: Final = ("next_action_at", "first_attempt_at", "first_contact_at")
_PLAIN: Final = ("attempt_count", "is_phone_wrong")


@transaction.atomic
def record_attempt(
    *,
    request_id: int,
    user: AbstractBaseUser,
    outcome: str,
    next_at: datetime | None = None,
    note: str = "",
    expected_version: int | None = None,
    now: datetime | None = None,
) -> CallAttempt:
    """Record one call and let the request go, or close it.

    ``next_at`` says when to try again: an aware moment, or a naive time on the person's own
    clock; without it the policy decides. Outcomes that close ignore it. A note is sealed.
    Raises :exc:`NotYours`, :exc:`Stale`, :exc:`NotAllowed`; then nothing has changed.
    """
    moment = now or timezone.now()
    request = locked(request_id)
    check_free(request, user, moment)
    check_version(request, expected_version)
    check_waiting(request)
    _check_outcome(request, outcome)
    before = _snapshot(request)
    changes = _clocks(request, outcome, moment)
    if outcome in CLOSES:
        again = None
        changes |= _closing(outcome, user, moment)
    else:
        again = _when_again(request, outcome, next_at, moment)
        changes |= {"state": State.AWAITING_RETRY, "next_action_at": again}
    attempt = CallAttempt.objects.create(
        request=request, at=moment, by_id=user.pk, outcome=outcome, next_at=again
    )
    if outcome == Outcome.STOP:
        before["revoked"] = revoke_all(request=request, by=user, source="phone", now=moment)
    if note.strip():
        envelope = seal_note(note.strip(), reference=request.reference)
        Note.objects.create(request=request, at=moment, by_id=user.pk, envelope=envelope)
    apply(request, action="attempted", user=user, detail={"outcome": outcome}, **changes, **FREE)
    attempt.before = before | {"version": request.version}
    attempt.save(update_fields=["before"])
    return attempt


@transaction.atomic
def undo_attempt(
    *, request_id: int, user: AbstractBaseUser, now: datetime | None = None
) -> CallbackRequest:
    """Take back one's own last outcome within 30 seconds; the request is one's own again.

    The note stays, and so does the attempt, marked. Raises :exc:`NotAllowed`, :exc:`Stale`.
    """
    moment = now or timezone.now()
    request = locked(request_id)
    attempt = request.attempts.order_by("-at", "-pk").first()
    if attempt is None or attempt.undone_at or attempt.by_id != user.pk:
        raise NotAllowed(gettext("There is no outcome of yours to take back."))
    if moment - attempt.at > UNDO_WITHIN:
        raise NotAllowed(
            gettext("An outcome can be taken back for %(seconds)s seconds only.")
            % {"seconds": UNDO_WITHIN.seconds}
        )
    check_version(request, attempt.before["version"])
    attempt.undone_at = moment
    attempt.save(update_fields=["undone_at"])
    restore(consent_ids=attempt.before.get("revoked", []), by=user, now=moment)
    lease = timedelta(minutes=load_policy().lease_minutes)
    apply(
        request,
        action="undone",
        user=user,
        detail={"outcome": attempt.outcome},
        state=State.CLAIMED,
        owner=user,
        claimed_at=moment,
        lease_until=moment + lease,
        outcome="",
        closed_at=None,
        closed_by=None,
        **{field: _moment(attempt.before[field]) for field in _MOMENTS},
        **{field: attempt.before[field] for field in _PLAIN},
    )
    return request


def _check_outcome(request: CallbackRequest, outcome: str) -> None:
    if outcome not in Outcome.values:
        raise NotAllowed(gettext("Choose what came of the call."))
    if outcome in _BY_PHONE and not request.phone_index:
        raise NotAllowed(gettext("This request has no phone number."))
    if outcome in _BY_PHONE and request.is_phone_wrong:
        raise NotAllowed(gettext("Somebody else answers this number. Do not call it again."))
    if outcome == Outcome.EMAILED and not request.email_index:
        raise NotAllowed(gettext("This request has no email address."))
    if outcome == Outcome.VOICEMAIL and not has_consent(request, Consent.Purpose.VOICEMAIL):
        raise NotAllowed(
            gettext("This person did not agree to a voicemail. Record it as no answer.")
        )


def _snapshot(request: CallbackRequest) -> dict[str, Any]:
    moments = {field: getattr(request, field) for field in _MOMENTS}
    return {field: at.isoformat() if at else None for field, at in moments.items()} | {
        field: getattr(request, field) for field in _PLAIN
    }


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def _clocks(request: CallbackRequest, outcome: str, now: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "attempt_count": request.attempt_count + 1,
        "first_attempt_at": request.first_attempt_at or now,
    }
    if outcome in CallAttempt.CONTACTS:
        changes["first_contact_at"] = request.first_contact_at or now
    if outcome == Outcome.WRONG_NUMBER:
        changes["is_phone_wrong"] = True
    return changes


def _closing(outcome: str, user: AbstractBaseUser, now: datetime) -> dict[str, Any]:
    return {
        "state": CLOSES[outcome],
        "outcome": outcome,
        "closed_at": now,
        "closed_by": user,
        "next_action_at": None,
    }


def _when_again(
    request: CallbackRequest, outcome: str, next_at: datetime | None, now: datetime
) -> datetime:
    if next_at is not None:
        return check_next(request, next_at, now)
    if outcome == Outcome.CALL_LATER:
        raise NotAllowed(gettext("Choose when to call again, as you agreed with the person."))
    waits = load_policy().retry_minutes
    wait = timedelta(minutes=waits[min(request.attempt_count, len(waits) - 1)])
    found = next_callable(load_schedule(), callee_of(request), now + wait)
    return found or now + wait


def check_next(request: CallbackRequest, next_at: datetime, now: datetime) -> datetime:
    """``next_at`` as a moment, if the person may be called then.

    Raises :exc:`NotAllowed` for a time that is over, too far away, skipped or doubled by a
    clock change, outside 8:00 to 21:00 where the person is, or when the clinic is closed.
    """
    if timezone.is_naive(next_at):
        try:
            next_at = instant(next_at, request.time_zone)
        except (NoSuchTime, TwiceThatDay) as error:
            raise NotAllowed(
                gettext("%(error)s Choose another time.") % {"error": error}
            ) from error
    if next_at <= now:
        raise NotAllowed(gettext("That time is over. Choose one that is still to come."))
    if next_at > now + FURTHEST:
        raise NotAllowed(
            gettext("That is more than %(days)s days away. Choose an earlier time.")
            % {"days": FURTHEST.days}
        )
    callee = callee_of(request)
    for zone in () if callee.by_email else callee.possible:
        if not is_lawful([zone], next_at):
            raise NotAllowed(
                gettext(
                    "It would be %(clock_time)s where the person may be (%(zone)s). The law allows calls from 8 am to 9 pm there."
                )
                % {"clock_time": clock_time(next_at, zone), "zone": zone}
            )
    if not is_open(load_schedule(), next_at):
        raise NotAllowed(gettext("The clinic is closed then. Choose a time in its opening hours."))
    return next_at
