"""Who to call, and the next one."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from intake import keys, queue
from intake.admission import admit_pending
from intake.desk.access import StaffRequest, desk_page, is_background
from intake.desk.forms import FindForm
from intake.desk.page import desk_page_response
from intake.desk.rows import SHOWN, SHOWN_ALL, build_queue
from intake.queue import Group

log = logging.getLogger(__name__)

KEYS_TROUBLE = _(
    "New requests cannot be opened: the intake keys are missing or wrong. "
    "Nothing is lost. Tell whoever runs this machine."
)


@require_safe
@desk_page()
def list_requests(request: StaffRequest) -> HttpResponse:
    """The list. The script asks for ``part=queue`` and gets the list alone."""
    now = timezone.now()
    trouble = _admit()
    found = queue.overview(limit=SHOWN_ALL if "all" in request.GET else SHOWN, now=now)
    listed = build_queue(found, user=request.user, now=now)
    context = {
        "queue": listed,
        "csrf_token": get_token(request),
        "next_url": reverse("desk:next"),
        "list_url": reverse("desk:list"),
        "day_url": reverse("desk:day"),
    }
    if is_background(request):
        return render(request, "desk/queue.html", context)
    if trouble:
        messages.error(request, trouble)
    context |= {"find_form": FindForm(), "find_url": reverse("desk:find")}
    return desk_page_response(request, "desk/list.html", context, now=now)


@require_safe
@desk_page()
def day(request: StaffRequest) -> HttpResponse:
    """What is to be called today, to print: references and times, nothing personal."""
    now = timezone.now()
    tonight = timezone.localtime(now).replace(hour=23, minute=59, second=59)
    todays = [
        item
        for item in queue.waiting(now=now)
        if item.group is not Group.LATER or (item.callable_at and item.callable_at <= tonight)
    ]
    found = queue.summarise(todays, limit=SHOWN_ALL)
    listed = build_queue(found, user=request.user, now=now)
    return desk_page_response(request, "desk/day.html", {"queue": listed}, now=now)


def _admit() -> str:
    """Let in what waits, cheap when nothing does; a sentence when the keys do not work."""
    try:
        admit_pending()
    except (keys.KeyMissing, keys.WrongKey) as error:
        log.error("nothing can be admitted: %s", type(error).__name__)
        return str(KEYS_TROUBLE)
    return ""


@require_POST
@desk_page()
def next_call(request: StaffRequest) -> HttpResponse:
    return hand_over(request)


def hand_over(request: StaffRequest) -> HttpResponse:
    """Take the request to call next and go to its sheet, or back to the list."""
    taken = queue.claim_next(user=request.user)
    if taken is None:
        messages.info(request, gettext("Nobody can be called at this minute."))
        return HttpResponseRedirect(reverse("desk:list"))
    return HttpResponseRedirect(reverse("desk:sheet", args=[taken.pk]))
