"""The list as the desk shows it: words instead of columns, nothing personal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake.desk.drawing import ring
from intake.desk.wording import NOTHING, day_and_time, span, time_of_day, zone_name
from intake.models import CallbackRequest
from intake.queue import Group, Listed, Overview
from intake.references import show_reference

SHOWN: Final = 50  # rows of a group before "show them all"
SHOWN_ALL: Final = 1000
RED_FROM: Final = 0.9  # share of the promise used up

TITLES: Final = {
    Group.NOW: _("Call now"),
    Group.LATER: _("Call later"),
    Group.TAKEN: _("Taken"),
    Group.DECIDE: _("Decide"),
}
DECISIONS: Final = {"attempts": _("tries are used up"), "wrong_number": _("wrong number")}


@dataclass(frozen=True)
class Flag:
    words: str
    is_alert: bool = False


@dataclass(frozen=True)
class Row:
    pk: int
    path: str
    reference: str
    ring: SafeString
    mood: str  # "risk", "soon" or empty: the color of the ring
    due_lead: str
    due: str
    due_tail: str
    is_now: bool
    can: str
    why: str
    local_time: str
    zone: str
    state: str
    tries: int
    owner: str
    flags: Sequence[Flag]
    is_next: bool

    @property
    def due_words(self) -> str:
        return f"{self.due_lead or gettext('due in ')}{self.due}"


@dataclass(frozen=True)
class GroupOfRows:
    slug: str
    title: str
    count: int
    rows: Sequence[Row]
    more: int


@dataclass(frozen=True)
class Queue:
    groups: Sequence[GroupOfRows]
    late: int
    at_risk: int
    callable_now: int
    waiting: int
    oldest: str
    next: Row | None
    nobody: str

    @property
    def news(self) -> str:
        """What a screen reader hears when it changes."""
        return gettext("%(waiting)s waiting, %(late)s late, %(at_risk)s at risk.") % {
            "waiting": self.waiting,
            "late": self.late,
            "at_risk": self.at_risk,
        }


def build_queue(found: Overview, *, user: User, now: datetime) -> Queue:
    """The list in calling order."""
    groups = []
    for group, members in found.first.items():
        rows = [
            build_row(item, user=user, now=now, is_next=group is Group.NOW and i == 0)
            for i, item in enumerate(members)
        ]
        if rows:
            count = found.counts[group]
            more = max(0, count - len(rows))
            groups.append(GroupOfRows(group.value, str(TITLES[group]), count, rows, more))
    first = next((g.rows[0] for g in groups if g.slug == Group.NOW), None)
    oldest = found.oldest_received_at
    return Queue(
        groups=groups,
        late=found.late,
        at_risk=found.at_risk,
        callable_now=found.counts[Group.NOW],
        waiting=found.waiting,
        oldest=span(now - oldest) if oldest else NOTHING,
        next=first,
        nobody="" if first else _nobody(found.first[Group.LATER], now),
    )


def _nobody(later: Sequence[Listed], now: datetime) -> str:
    soonest = min((i.callable_at for i in later if i.callable_at), default=None)
    if soonest is None:
        return gettext("Nobody to call now.")
    return gettext("Nobody to call now. Next: %(moment)s.") % {"moment": day_and_time(soonest, now)}


def build_row(item: Listed, *, user: User, now: datetime, is_next: bool = False) -> Row:
    request = item.request
    can, why = _callable(item, user=user, now=now)
    return Row(
        pk=request.pk,
        path=reverse("desk:sheet", args=[request.pk]),
        reference=show_reference(request.reference),
        ring=ring(round(item.share_used * 100), mood(item)),
        mood=mood(item),
        due_lead=gettext("late by ") if item.is_overdue else "",
        due=span(item.due_at - now),
        due_tail=gettext(" at risk") if item.is_at_risk else "",
        is_now=item.group is Group.NOW,
        can=can,
        why=why,
        local_time=time_of_day(now, ZoneInfo(request.time_zone)),
        zone=zone_name(request.time_zone)
        + (gettext(", a guess") if request.is_zone_guessed else ""),
        state=_state(item),
        tries=request.attempt_count,
        owner=owner_name(request, user) if item.group is Group.TAKEN else "",
        flags=_flags(request),
        is_next=is_next,
    )


def mood(item: Listed) -> str:
    if item.is_overdue or (item.is_at_risk and item.share_used >= RED_FROM):
        return "risk"
    return "soon" if item.is_at_risk else ""


def _state(item: Listed) -> str:
    if item.group is not Group.TAKEN and item.request.state == CallbackRequest.State.CLAIMED:
        return gettext("Lease ran out")
    return item.request.get_state_display()


def _flags(request: CallbackRequest) -> list[Flag]:
    flags = (
        (request.has_crisis_wording, Flag(gettext("crisis words"), is_alert=True)),
        (request.has_correction, Flag(gettext("changed"))),
        (not request.phone_index, Flag(gettext("email only"))),
        (request.is_demo, Flag(gettext("demo"))),
    )
    return [flag for holds, flag in flags if holds]


def owner_name(request: CallbackRequest, user: User) -> str:
    if request.owner is None:
        return ""
    if request.owner_id == user.pk:
        return gettext("You")
    return request.owner.get_full_name() or request.owner.get_username()


def _until(moment: datetime) -> str:
    return gettext("until %(time)s") % {"time": time_of_day(moment)}


def _callable(item: Listed, *, user: User, now: datetime) -> tuple[str, str]:
    """Whether and why: ``Now``, ``until noon``."""
    if item.group is Group.TAKEN:
        until = item.request.lease_until
        return gettext("Taken"), _until(until) if until else ""
    if item.group is Group.DECIDE:
        return gettext("Decide"), str(DECISIONS.get(item.decision, item.decision))
    if item.group is Group.NOW:
        if item.is_outside_window:
            return gettext("Now"), gettext("late, so outside their hours")
        if item.callable_until and (item.callable_until - now).days < 1:
            return gettext("Now"), _until(item.callable_until)
        return gettext("Now"), gettext("any time")
    if item.callable_at is None:
        return gettext("Not in sight"), gettext("no hours in common")
    return _capital(day_and_time(item.callable_at, now)), _waits_for(item)


def _waits_for(item: Listed) -> str:
    assert item.callable_at is not None
    if item.waits_for == "lawful":
        there = time_of_day(item.callable_at, ZoneInfo(item.request.time_zone))
        return gettext("%(there)s there") % {"there": there}
    return {
        "retry": gettext("next try"),
        "open": gettext("we open"),
        "window": gettext("their wish"),
    }[item.waits_for]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def callable_sentence(item: Listed, *, user: User, now: datetime) -> str:
    """The same for the sheet, as a sentence."""
    if item.group is Group.NOW or (item.group is Group.TAKEN and _is_callable(item, now)):
        if item.is_outside_window:
            return gettext("Outside the hours they asked for, but the promise is broken: call.")
        until = item.callable_until
        window = item.request.get_window_display()
        wish = (
            gettext("They asked for any time")
            if item.request.window == "any"
            else gettext("They asked for: %(window)s") % {"window": window}
        )
        return (
            gettext("%(wish)s. Callable until %(time)s our time.")
            % {"wish": wish, "time": time_of_day(until)}
            if until
            else f"{wish}."
        )
    if item.group is Group.DECIDE:
        return gettext("A person decides now: try once more, or close it.")
    if item.callable_at is None:
        return gettext("Our hours and the lawful hours there do not meet.")
    return gettext("Not now: callable %(moment)s our time.") % {
        "moment": day_and_time(item.callable_at, now)
    }


def _is_callable(item: Listed, now: datetime) -> bool:
    return item.callable_at is not None and item.callable_at <= now
