"""The frame around every page of the desk: doors, keys, clock, and the worker's sign of life."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from intake import outbox
from intake.desk.access import SUPERVISE, StaffRequest
from intake.desk.wording import span, time_of_day, zone_name
from intake.models import CallbackRequest
from intake.queue import UNDO_WITHIN
from intake.status import WORKER_SILENT_AFTER, status

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_UNDO_KEY: Final = "desk_undo"

Keys = list[tuple[list[str], "StrPromise"]]

LIST_KEYS: Final[Keys] = [
    (["N"], _("Take the next call")),
    (["J", "K"], _("Down and up the list")),
    (["Enter"], _("Open")),
    (["/"], _("Find")),
    (["P"], _("Today's list to print")),
    (["Q"], _("Back to the queue")),
    (["U"], _("Take the last call back")),
    (["?"], _("These keys")),
]
CALL_KEYS: Final[Keys] = [
    (["T"], _("Take the request")),
    (["R"], _("Reveal who it is")),
    (["C"], pgettext_lazy("desk", "Call")),
    (["W"], _("Write a note")),
    (["Esc"], _("Leave the note")),
    (["L"], _("Let go")),
    (["0"], _("Not safe right now")),
]
OUTCOME_KEYS: Final[Keys] = [
    (["1"], _("Spoke, booked")),
    (["2"], _("Spoke, will think it over")),
    (["3"], _("No answer")),
    (["4"], _("Bad moment, call again")),
    (["5"], _("Wrong number")),
    (["6"], _("Does not want this")),
    (["7"], _("Referred elsewhere")),
    (["8"], _("Asked us to stop")),
    (["V"], _("Voicemail left")),
    (["B"], _("Busy")),
    (["E"], _("Wrote an email")),
]


@dataclass(frozen=True)
class Door:
    label: str
    path: str
    is_here: bool
    count: int = 0


@dataclass(frozen=True)
class Undo:
    """The offer to take back the call just recorded."""

    action: str
    seconds: int  # left; a moment would be wrong on a computer whose clock is


def desk_page_response(
    request: StaffRequest,
    template: str,
    context: dict[str, Any],
    *,
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    """Render a whole page of the desk with its frame."""
    return render(request, template, {**context, "desk": _frame(request, now)}, status=status)


def _frame(request: StaffRequest, now: datetime) -> dict[str, Any]:
    return {
        "now": timezone.localtime(now),
        "clock": time_of_day(now),
        "zone": zone_name(settings.TIME_ZONE),
        "doors": _doors(request),
        "worker": signs_of_life(now),
        "undo": _offered_undo(request, now),
        "keys": [
            (gettext("Queue"), LIST_KEYS),
            (gettext("A call"), CALL_KEYS),
            (gettext("How it went"), OUTCOME_KEYS),
        ],
    }


def _doors(request: StaffRequest) -> list[Door]:
    doors = [(gettext("Queue"), "desk:list", 0)]
    if request.user.has_perm(SUPERVISE):
        held = CallbackRequest.objects.filter(state=CallbackRequest.State.SPAM_HELD).count()
        doors += [
            (gettext("Numbers"), "desk:measures", 0),
            (gettext("Team"), "desk:team", 0),
            (gettext("Held"), "desk:held", held),
            (gettext("Hours"), "desk:hours", 0),
            (gettext("Phrases"), "desk:phrases", 0),
            (gettext("Wording"), "desk:wording", 0),
            (gettext("Not sent"), "desk:unsent", outbox.dead().count()),
            (gettext("Record"), "desk:audit", 0),
        ]
    return [
        Door(label, path := reverse(name), request.path == path, count)
        for label, name, count in doors
    ]


def signs_of_life(now: datetime) -> str:
    """What ``/health/ready`` shows to machines, in words for people. Five queries."""
    found = status(now=now)
    waits = [
        (gettext("On the way to the list"), found.unadmitted, found.oldest_unadmitted_at),
        (gettext("mail waiting"), found.unsent, found.oldest_unsent_at),
        (gettext("in this machine's spool"), found.spool_depth, None),
        (gettext("late"), found.overdue, None),
    ]
    figures = [
        f"{what}: {count}" + (_oldest(now - since) if since else "") for what, count, since in waits
    ]
    return f"{_worker_line(found.worker_last_seen, now)} {', '.join(figures)}."


def _oldest(age: timedelta) -> str:
    return gettext(" (the oldest for %(time)s)") % {"time": _ago(age)}


def _worker_line(seen: datetime | None, now: datetime) -> str:
    """``Worker last seen 4 seconds ago.``, or a plain warning."""
    if seen is None:
        return gettext("No worker has run yet: no mail goes out. Tell whoever runs this machine.")
    if now - seen < WORKER_SILENT_AFTER:
        return gettext("Worker last seen %(time)s ago.") % {"time": _ago(now - seen)}
    return gettext(
        "The worker has been silent for %(time)s: no mail goes out. Tell whoever runs this machine."
    ) % {"time": span(now - seen)}


def _ago(time: timedelta) -> str:
    if time >= timedelta(minutes=1):
        return span(time)
    seconds = max(0, int(time.total_seconds()))
    return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}


def offer_undo(request: StaffRequest, *, pk: int, now: datetime) -> None:
    """Remember in the session which call may be taken back, and until when."""
    request.session[_UNDO_KEY] = {"pk": pk, "until": (now + UNDO_WITHIN).isoformat()}


def forget_undo(request: StaffRequest) -> None:
    request.session.pop(_UNDO_KEY, None)


def _offered_undo(request: StaffRequest, now: datetime) -> Undo | None:
    offer = request.session.get(_UNDO_KEY)
    if not offer:
        return None
    until = datetime.fromisoformat(offer["until"])
    if until <= now:
        return None
    seconds = math.ceil((until - now).total_seconds())
    return Undo(reverse("desk:undo", args=[offer["pk"]]), seconds)
