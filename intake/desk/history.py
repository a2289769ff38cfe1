"""What happened to a request so far, oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake.desk.reading import Reading, Sealed
from intake.desk.wording import day_with_time
from intake.models import AuditEvent, CallAttempt, CallbackRequest
from intake.references import show_reference

# Events of the record that are worth a line here; calls and forms have rows of their own.
DEEDS: Final = {
    "claimed": _("Taken by {who}"),
    "released": _("Let go by {who}"),
    "assigned": _("Given to {to} by {who}"),
    "reopened": _("Reopened by {who}"),
    "closed": _("Closed by {who}: could not be reached"),
    "freed": _("Freed from the held ones by {who}"),
    "consent": _("A consent changed by {who}"),
    "merged": _("Merged into another by {who}"),
    "unmerged": _("Taken apart again by {who}"),
    "took_in": _("Another merged into this by {who}"),
    "gave_back": _("Another taken apart from this by {who}"),
    "opened": _("Opened by {who}"),
}
LATEST: Final = 60
SAME_READING: Final = timedelta(minutes=15)


@dataclass(frozen=True)
class Event:
    at: datetime
    when: str
    words: str
    note: str = ""


def history(sealed: Sealed, reading: Reading, *, user: User, now: datetime) -> list[Event]:
    """Of this request and what was merged into it; notes as far as ``reading`` uncovers them."""
    request = sealed.request
    events = [
        *_asked(sealed, now),
        *(
            _event(
                one.received_at,
                now,
                gettext("Asked too, as %(reference)s") % {"reference": _name(one)},
            )
            for one in sealed.parts
        ),
        *_calls(request, sealed.requests, user, now),
        *_notes(sealed, reading, user, now),
        *_deeds(request, user, now),
    ]
    return sorted(events, key=lambda event: event.at)


def _who(actor: User | None, user: User) -> str:
    if actor is None:
        return gettext("the machine")
    if actor.pk == user.pk:
        return gettext("you")
    return actor.get_full_name() or actor.get_username()


def _event(at: datetime, now: datetime, words: str, note: str = "") -> Event:
    return Event(at, _capital(day_with_time(at, now)), words, note)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _asked(sealed: Sealed, now: datetime) -> Iterator[Event]:
    request = sealed.request
    for i, submission in enumerate(request.submissions.all()):
        words = (
            gettext("Sent again with changes") if i else gettext("Asked for a call, by the form")
        )
        yield _event(submission.received_at, now, words)
        if not i:
            attempt = day_with_time(request.attempt_due_at, now)
            contact = day_with_time(request.contact_due_at, now)
            yield _event(
                submission.received_at,
                now,
                gettext("Told: called by %(attempt)s, reached by %(contact)s")
                % {"attempt": attempt, "contact": contact},
            )


def _name(request: CallbackRequest) -> str:
    return show_reference(request.reference)


def _of(own: CallbackRequest, other: CallbackRequest) -> str:
    return "" if own.pk == other.pk else f" ({_name(other)})"


def _calls(
    request: CallbackRequest, every: list[CallbackRequest], user: User, now: datetime
) -> Iterator[Event]:
    attempts = CallAttempt.objects.filter(request__in=every).select_related("by", "request")
    for attempt in attempts.order_by("at", "pk"):
        words = gettext("%(outcome)s, by %(who)s") % {
            "outcome": attempt.get_outcome_display(),
            "who": _who(attempt.by, user),
        }
        words += _of(request, attempt.request)
        if attempt.undone_at:
            words += gettext(", taken back")
        elif attempt.next_at:
            moment = day_with_time(attempt.next_at, now)
            words += gettext(". Next try %(moment)s") % {"moment": moment}
        yield _event(attempt.at, now, words)


def _notes(sealed: Sealed, reading: Reading, user: User, now: datetime) -> Iterator[Event]:
    for note in sealed.notes:
        words = gettext("Note by %(who)s") % {"who": _who(note.by, user)}
        words += _of(sealed.request, note.request)
        yield _event(note.at, now, words, reading.note(note))


def _deeds(request: CallbackRequest, user: User, now: datetime) -> Iterator[Event]:
    """Lines of the record; one person's readings within a quarter of an hour are one line."""
    rows = (
        AuditEvent.objects.filter(
            reference=request.reference, actor__isnull=False, action__in=DEEDS
        )
        .select_related("actor")
        .order_by("-sequence")[:LATEST]
    )
    last: dict[int, datetime] = {}
    for row in reversed(rows):
        if row.action == "opened" and row.actor is not None:
            before = last.get(row.actor.pk)
            last[row.actor.pk] = row.at
            if before is not None and row.at - before < SAME_READING:
                continue
        words = DEEDS[row.action].format(
            who=_who(row.actor, user), to=row.detail.get("to_user", "")
        )
        yield _event(row.at, now, words)
