"""The part of a sheet about other requests of perhaps the same person. Merging: ``merging.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext

from intake.desk.access import SUPERVISE, StaffRequest
from intake.desk.person import Fact, Person
from intake.desk.reading import Reading, Sealed
from intake.desk.wording import day_and_time
from intake.duplicates import possible_same_person
from intake.merging import direction
from intake.models import CallbackRequest
from intake.references import show_reference

State = CallbackRequest.State
PROPOSED: Final = 5
_NEVER_MERGED: Final = (State.MERGED, State.SPAM_HELD, State.WITHDRAWN)


@dataclass(frozen=True)
class Alike:
    """Another request of perhaps the same person. ``words`` say which would go into which."""

    pk: int
    version: int
    reference: str
    path: str
    reasons: str
    state: str
    asked: str
    may_merge: bool
    words: str


@dataclass(frozen=True)
class Part:
    """A request merged into the one shown, with what its person gave while that is uncovered."""

    reference: str
    path: str
    undo_path: str
    version: int
    asked: str
    facts: Sequence[Fact]


@dataclass(frozen=True)
class MergeBox:
    alike: Sequence[Alike]
    parts: Sequence[Part]
    merge_path: str
    undo_path: str
    version: int
    into: str  # the reference it was merged into, or nothing
    into_path: str
    may_undo: bool

    @property
    def is_empty(self) -> bool:
        return not (self.alike or self.parts or self.into)


def merge_box(
    sealed: Sealed, reading: Reading, *, request: StaffRequest, now: datetime
) -> MergeBox:
    """The part of a sheet that is about other requests of the same person."""
    found = sealed.request
    may = may_merge_here(request, found)
    into = found.merged_into
    return MergeBox(
        alike=[
            _alike(found, one.request, " and ".join(one.reasons), now, may)
            for one in possible_same_person(found)[:PROPOSED]
        ],
        parts=[_part(one, reading.parts.get(one.pk), now) for one in sealed.parts],
        merge_path=reverse("desk:merge", args=[found.pk]),
        undo_path=reverse("desk:unmerge", args=[found.pk]),
        version=found.version,
        into=show_reference(into.reference) if into else "",
        into_path=reverse("desk:sheet", args=[into.pk]) if into else "",
        may_undo=request.user.has_perm(SUPERVISE) or may,
    )


def may_merge_here(request: StaffRequest, *either: CallbackRequest) -> bool:
    """Whoever holds one of the two, and supervisors."""
    return request.user.has_perm(SUPERVISE) or any(
        one.state == State.CLAIMED and one.owner_id == request.user.pk for one in either
    )


def _alike(
    found: CallbackRequest, other: CallbackRequest, reasons: str, now: datetime, may: bool
) -> Alike:
    goes, stays = direction(found, other)
    return Alike(
        pk=other.pk,
        version=other.version,
        reference=show_reference(other.reference),
        path=reverse("desk:sheet", args=[other.pk]),
        reasons=reasons,
        state=other.get_state_display(),
        asked=day_and_time(other.received_at, now),
        may_merge=may
        and found.state not in _NEVER_MERGED
        and other.state not in _NEVER_MERGED
        and found.is_demo == other.is_demo,
        words=gettext("Merge %(goes)s into %(stays)s")
        % {
            "goes": show_reference(goes.reference),
            "stays": show_reference(stays.reference),
        },
    )


def _part(one: CallbackRequest, person: Person | None, now: datetime) -> Part:
    facts: list[Fact] = []
    if person:
        facts = [
            Fact(gettext("Name"), person.name),
            Fact(gettext("Phone"), person.phone or gettext("Not given")),
        ]
        facts += person.facts
    return Part(
        reference=show_reference(one.reference),
        path=reverse("desk:sheet", args=[one.pk]),
        undo_path=reverse("desk:unmerge", args=[one.pk]),
        version=one.version,
        asked=day_and_time(one.received_at, now),
        facts=facts,
    )
