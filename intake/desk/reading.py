"""Everything sealed that one sheet shows, opened at once. Lives only as long as one response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.contrib.auth.models import User
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from intake.desk.person import Person, describe
from intake.envelope import (
    EnvelopeMoved,
    EnvelopeTampered,
    KeyMissing,
    Opening,
    WrongKey,
    open_together,
)
from intake.merged import merged_below
from intake.models import CallbackRequest, Note, Submission

CANNOT_OPEN: Final = {
    KeyMissing: _("The key that opens it is not on this machine."),
    WrongKey: _("The key on this machine does not open it."),
    EnvelopeTampered: _("It was changed after it was sealed."),
    EnvelopeMoved: _("It belongs to another request."),
}
CANNOT_OPEN_ERRORS: Final = tuple(CANNOT_OPEN)
COVERED: Final = "•••••"
BROKEN_NOTE: Final = _("This note does not open.")


@dataclass(frozen=True)
class Sealed:
    """One request, what was merged into it, and all their envelopes, oldest first."""

    request: CallbackRequest
    parts: Sequence[CallbackRequest]
    notes: Sequence[Note]

    @property
    def requests(self) -> list[CallbackRequest]:
        return [self.request, *self.parts]

    @property
    def submissions(self) -> list[Submission]:
        return [row for one in self.requests for row in one.submissions.all()]


@dataclass(frozen=True)
class Reading:
    """What may be shown now. Nobody in it means covered; ``error`` says what does not open."""

    person: Person | None = None
    parts: Mapping[int, Person] = field(default_factory=dict)  # by the request's number
    notes: Mapping[int, str] = field(default_factory=dict)  # by the note's number
    error: Exception | None = None

    def note(self, row: Note) -> str:
        return self.notes.get(row.pk, COVERED)


def gather(request: CallbackRequest) -> Sealed:
    """Three queries, however much there is."""
    parts = list(merged_below(request))
    ordered = Submission.objects.order_by("received_at", "pk")
    prefetch_related_objects([request, *parts], Prefetch("submissions", ordered))
    notes = Note.objects.filter(request__in=[request, *parts]).select_related("by", "request")
    return Sealed(request, parts, list(notes))


def read(sealed: Sealed, *, actor: User) -> Reading:
    """Open all of it, on record before the first is read. What does not open hides no other."""
    opening = open_together(sealed.submissions, sealed.notes, actor=actor, purpose="sheet")
    people: dict[int, Person] = {}
    troubles: list[Exception] = []
    for one in sealed.requests:
        try:
            if contents := [opening.submission(row) for row in one.submissions.all()]:
                people[one.pk] = describe(contents)
        except CANNOT_OPEN_ERRORS as error:
            troubles.append(error)
    person = people.pop(sealed.request.pk, None)
    notes = {row.pk: _text(opening, row) for row in sealed.notes} if person else {}
    return Reading(person, people if person else {}, notes, next(iter(troubles), None))


def _text(opening: Opening, row: Note) -> str:
    try:
        return opening.note(row)
    except CANNOT_OPEN_ERRORS:
        return str(BROKEN_NOTE)
