"""Everything one request's sheet shows. Opening what the person wrote is the caller's choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from intake import clock
from intake.consents import current_consents
from intake.desk.access import SUPERVISE, USE_DESK
from intake.desk.day import draw_day
from intake.desk.drawing import ring
from intake.desk.forms import MINUTE
from intake.desk.history import Event, history
from intake.desk.person import Person
from intake.desk.reading import Reading, Sealed
from intake.desk.rows import callable_sentence, owner_name
from intake.desk.slots import Slot, best_slots
from intake.desk.wording import day_and_time, time_of_day, zone_name
from intake.models import CallAttempt, CallbackRequest, CallPolicy, Consent
from intake.queue import Listed, arrange, callee_of, needs_decision
from intake.references import show_reference
from intake.schedule import load_policy, load_schedule

State = CallbackRequest.State
Outcome = CallAttempt.Outcome

OUTCOME_KEYS: Final = (
    ("1", Outcome.BOOKED),
    ("2", Outcome.THINKING),
    ("3", Outcome.NO_ANSWER),
    ("4", Outcome.CALL_LATER),
    ("5", Outcome.WRONG_NUMBER),
    ("6", Outcome.DECLINED),
    ("7", Outcome.REFERRED_OUT),
    ("8", Outcome.STOP),
    ("v", Outcome.VOICEMAIL),
    ("b", Outcome.BUSY),
    ("e", Outcome.EMAILED),
)
MOVES: Final = (
    "claim",
    "release",
    "leave",
    "renew",
    "reveal",
    "attempt",
    "unreachable",
    "consent",
    "assign",
    "free",
    "reopen",
)
_BY_PHONE: Final = frozenset(
    {Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.BUSY, Outcome.WRONG_NUMBER}
)


@dataclass(frozen=True)
class Choice:
    key: str
    value: str
    words: str
    is_chosen: bool

    @property
    def cap(self) -> str:
        return self.key.upper()


@dataclass(frozen=True)
class SlotChoice:
    value: str
    words: str
    why: str
    is_chosen: bool


@dataclass(frozen=True)
class Member:
    pk: int
    name: str


@dataclass(frozen=True)
class Sheet:
    """Ready for the template; ``person`` is there only while the name is uncovered."""

    pk: int
    reference: str
    version: int
    asked: str
    state: str
    is_demo: bool
    has_crisis_wording: bool
    is_phone_wrong: bool
    tries: int
    may_leave_voicemail: bool
    has_phone: bool
    is_mine: bool
    holder: str
    lease_until: str
    lease_ring: SafeString
    can_claim: bool
    can_record: bool
    can_reveal: bool
    can_give_up: bool
    can_reopen: bool
    is_held_as_spam: bool
    why_covered: str
    local_time: str
    zone: str
    is_zone_guessed: bool
    callable: str
    due: str
    due_word: str
    strip: SafeString
    outcomes: Sequence[Choice]
    slots: Sequence[SlotChoice]
    is_other_chosen: bool
    other_at: str
    other_min: str
    note: str
    reason: str
    log: Sequence[Event]
    paths: dict[str, str]
    policy: CallPolicy
    person: Person | None = None
    team: Sequence[Member] = field(default_factory=list)


@dataclass(frozen=True)
class _Look:
    """What several parts of the sheet need; each read once."""

    request: CallbackRequest
    user: User
    now: datetime
    schedule: clock.Schedule
    policy: CallPolicy
    callee: clock.Callee
    listed: Listed
    is_mine: bool
    is_held: bool
    is_supervisor: bool


def build_sheet(
    sealed: Sealed,
    reading: Reading,
    *,
    user: User,
    now: datetime,
    typed: Mapping[str, Any],
) -> Sheet:
    """The sheet of one request, with what was ``typed`` on it before still there."""
    request = sealed.request
    look = _look(request, user, now)
    is_waiting = request.state in CallbackRequest.WAITING
    can_reveal = look.is_mine or look.is_supervisor
    slots = _slots(look, typed) if is_waiting else []
    return Sheet(
        pk=request.pk,
        reference=show_reference(request.reference),
        version=request.version,
        asked=day_and_time(request.received_at, now),
        state=_state(look),
        is_demo=request.is_demo,
        has_crisis_wording=request.has_crisis_wording,
        is_phone_wrong=request.is_phone_wrong,
        tries=request.attempt_count,
        may_leave_voicemail=may_leave_voicemail(request),
        has_phone=bool(request.phone_index),
        is_mine=look.is_mine,
        holder="" if look.is_mine or not look.is_held else owner_name(request, user),
        lease_until=time_of_day(request.lease_until) if request.lease_until else "",
        lease_ring=_lease_ring(look),
        can_claim=is_waiting and not look.is_held,
        can_record=look.is_mine or ("outcome" in typed and is_waiting and not look.is_held),
        can_reveal=can_reveal,
        can_give_up=look.is_mine
        and bool(needs_decision(request, look.policy) or request.is_phone_wrong),
        can_reopen=look.is_supervisor
        and request.state in CallbackRequest.CLOSED
        and request.state != State.MERGED,
        is_held_as_spam=look.is_supervisor and request.state == State.SPAM_HELD,
        why_covered=_why_covered(look),
        local_time=time_of_day(now, ZoneInfo(request.time_zone)),
        zone=zone_name(request.time_zone),
        is_zone_guessed=request.is_zone_guessed,
        callable=callable_sentence(look.listed, user=user, now=now) if is_waiting else "",
        due=day_and_time(look.listed.due_at, now),
        due_word=gettext("was due") if look.listed.is_overdue else gettext("due"),
        strip=draw_day(look.listed, schedule=look.schedule, callee=look.callee, now=now),
        outcomes=_outcomes(look, str(typed.get("outcome", ""))),
        slots=slots,
        is_other_chosen=typed.get("next") == "other" or not slots,
        other_at=str(typed.get("other_at", "")),
        other_min=timezone.localtime(now, ZoneInfo(request.time_zone)).strftime(MINUTE),
        note=str(typed.get("note", "")),
        reason=str(typed.get("reason", "")),
        log=history(sealed, reading, user=user, now=now),
        paths=_paths(request.pk),
        policy=look.policy,
        person=reading.person,
        team=_team(look),
    )


def _look(request: CallbackRequest, user: User, now: datetime) -> _Look:
    is_held = (
        request.state == State.CLAIMED
        and request.lease_until is not None
        and request.lease_until > now
    )
    return _Look(
        request=request,
        user=user,
        now=now,
        schedule=load_schedule(),
        policy=load_policy(),
        callee=callee_of(request),
        listed=arrange([request], now=now)[0],
        is_mine=is_held and request.owner_id == user.pk,
        is_held=is_held,
        is_supervisor=user.has_perm(SUPERVISE),
    )


def _paths(pk: int) -> dict[str, str]:
    return {"queue": reverse("desk:list"), "sheet": reverse("desk:sheet", args=[pk])} | {
        name: reverse(f"desk:{name}", args=[pk]) for name in MOVES
    }


def may_leave_voicemail(request: CallbackRequest) -> bool:
    """Only with a yes that holds, and never on a number where somebody else answered."""
    consent = current_consents(request).get(Consent.Purpose.VOICEMAIL)
    return consent is not None and consent.is_granted and not request.is_phone_wrong


def _state(look: _Look) -> str:
    if look.request.state == State.CLAIMED and not look.is_held:
        return gettext("Lease ran out")
    return look.request.get_state_display()


def _lease_ring(look: _Look) -> SafeString:
    until = look.request.lease_until
    if until is None:
        return SafeString("")
    whole = timedelta(minutes=look.policy.lease_minutes)
    return ring(round(100 * (1 - (until - look.now) / whole)), "")


def _why_covered(look: _Look) -> str:
    if look.request.state in CallbackRequest.WAITING:
        if look.is_held:
            return gettext("%(who)s is on it.") % {"who": owner_name(look.request, look.user)}
        return gettext("Take it to see who it is.")
    return gettext("Closed. A supervisor can open it.")


def _outcomes(look: _Look, chosen: str) -> list[Choice]:
    request = look.request
    voicemail = may_leave_voicemail(request)
    return [
        Choice(key, outcome.value, str(outcome.label), outcome.value == chosen)
        for key, outcome in OUTCOME_KEYS
        if (request.phone_index or outcome not in _BY_PHONE)
        and (request.email_index or outcome != Outcome.EMAILED)
        and (voicemail or outcome != Outcome.VOICEMAIL)
    ]


def _slots(look: _Look, typed: Mapping[str, Any]) -> list[SlotChoice]:
    request, waits = look.request, look.policy.retry_minutes
    wait = timedelta(minutes=waits[min(request.attempt_count, len(waits) - 1)])
    tried = [a.at for a in request.attempts.all() if a.undone_at is None]
    slots = best_slots(
        schedule=look.schedule,
        callee=look.callee,
        now=look.now,
        wait=wait,
        tried=tried,
        contact_due_at=request.contact_due_at,
    )
    chosen = str(typed.get("next", "")) or (slots[0].value if slots else "")
    return [_slot_choice(slot, look, chosen) for slot in slots]


def _slot_choice(slot: Slot, look: _Look, chosen: str) -> SlotChoice:
    there = time_of_day(slot.at, ZoneInfo(look.request.time_zone))
    is_elsewhere = there != time_of_day(slot.at)
    why = (
        gettext("%(there)s there, %(why)s") % {"there": there, "why": slot.why}
        if is_elsewhere
        else slot.why
    )
    return SlotChoice(slot.value, slot.words, why, slot.value == chosen)


def _team(look: _Look) -> list[Member]:
    """Whom a supervisor may give the request to."""
    if not look.is_supervisor or look.request.state not in CallbackRequest.WAITING:
        return []
    return [
        Member(user.pk, user.get_full_name() or user.get_username())
        for user in User.objects.with_perm(USE_DESK).order_by("username")
        if user.pk != look.request.owner_id or not look.is_held
    ]
