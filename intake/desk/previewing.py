"""A change of hours, closures or policy: what it would move is shown first, then it is made."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from intake import audit
from intake.desk.access import StaffRequest
from intake.desk.page import desk_page_response
from intake.desk.wording import count_requests, day_and_time
from intake.models import CallbackRequest
from intake.references import show_reference
from intake.rescheduling import Change, Move, Preview, carry_out, preview

LISTED: Final = 50  # moves and broken promises named one by one
_OWN: Final = frozenset({"csrfmiddlewaretoken", "confirmed"})


def change_or_ask(
    request: StaffRequest, change: Change, *, what: audit.Detail, done: str
) -> HttpResponse:
    """Make the change if it was confirmed or touches no request; else show what it would do."""
    now = timezone.now()
    if "confirmed" not in request.POST:
        found = preview(change, now=now)
        if not found.is_empty:
            return _ask(request, found)
    made = carry_out(change, user=request.user, what=what, now=now)
    messages.success(request, f"{done} {_moved(made)}".strip())
    return HttpResponseRedirect(reverse("desk:hours"))


def _moved(made: Preview) -> str:
    if not made.moves:
        return ""
    moved = len(made.moves)
    words = ngettext("%(count)s next try moved.", "%(count)s next tries moved.", moved)
    return words % {"count": moved}


def _ask(request: StaffRequest, found: Preview) -> HttpResponse:
    now = timezone.now()
    context = {
        "sentences": sentences(found),
        "moves": [_move(move) for move in found.moves[:LISTED]],
        "missed": [_link(one) for one in found.missed[:LISTED]],
        "action": request.path,
        "back": reverse("desk:hours"),
        "fields": [
            (name, value)
            for name, values in request.POST.lists()
            if name not in _OWN
            for value in values
        ],
    }
    return desk_page_response(request, "desk/hours_preview.html", context, now=now)


def sentences(found: Preview) -> list[str]:
    """What a change would do, most serious first; nothing that would not happen is said."""
    agreed = sum(move.is_agreed for move in found.moves)
    lines = (
        (
            len(found.missed),
            gettext("could not be called in time any more: the promise would be broken."),
        ),
        (agreed, gettext("would move away from a time agreed with the person. Tell them.")),
        (len(found.moves), gettext("would get another time for the next try.")),
        (found.later, gettext("could be called later than now planned.")),
        (found.sooner, gettext("could be called sooner.")),
        (found.to_decide, gettext("would wait for a person's decision: the tries are used up.")),
        (found.to_call, gettext("would be called again, and not wait for a decision.")),
    )
    return [f"{count_requests(n)} {words}" for n, words in lines if n]


def _move(move: Move) -> dict[str, Any]:
    now = timezone.now()
    return _link(move.request) | {
        "before": day_and_time(move.before, now),
        "after": day_and_time(move.after, now),
        "is_agreed": move.is_agreed,
    }


def _link(one: CallbackRequest) -> dict[str, Any]:
    return {
        "reference": show_reference(one.reference),
        "path": reverse("desk:sheet", args=[one.pk]),
    }
