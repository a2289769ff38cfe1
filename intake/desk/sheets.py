"""One request: shown covered, or with the person's words for as long as the grant lasts."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from intake.desk.access import SUPERVISE, StaffRequest, desk_page, is_uncovered, uncover
from intake.desk.alike import merge_box
from intake.desk.forms import AttemptForm
from intake.desk.noting import keyed_phrases
from intake.desk.page import desk_page_response
from intake.desk.reading import CANNOT_OPEN, Reading, gather, read
from intake.desk.sheet import build_sheet, may_leave_voicemail
from intake.models import CallbackRequest

log = logging.getLogger(__name__)

_THEN_NEXT: Final = "desk_then_next"


def find_request(pk: int) -> CallbackRequest:
    return get_object_or_404(
        CallbackRequest.objects.select_related("owner").prefetch_related("attempts"), pk=pk
    )


@require_safe
@desk_page()
def show(request: StaffRequest, pk: int) -> HttpResponse:
    return sheet_page(request, find_request(pk), now=timezone.now())


@require_POST
@desk_page()
def reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """Uncover the name for this session. The reading itself goes on record when it is shown."""
    now = timezone.now()
    found = find_request(pk)
    if not may_read(request, found, now):
        return sheet_page(
            request,
            found,
            now=now,
            trouble=gettext("Take the request before you open it."),
            status=403,
        )
    uncover(request, pk, now)
    return shown_again(request, pk)


def shown_again(request: StaffRequest, pk: int) -> HttpResponse:
    """The sheet after a move that the call goes on after; a note that was begun stays on it."""
    if request.POST.get("note"):
        return sheet_page(request, find_request(pk), now=timezone.now())
    return HttpResponseRedirect(reverse("desk:sheet", args=[pk]))


def may_read(request: StaffRequest, found: CallbackRequest, now: datetime) -> bool:
    """Whoever holds the request, and supervisors."""
    holds = (
        found.state == CallbackRequest.State.CLAIMED
        and found.owner_id == request.user.pk
        and found.lease_until is not None
        and found.lease_until > now
    )
    return holds or request.user.has_perm(SUPERVISE)


def sheet_page(
    request: StaffRequest,
    found: CallbackRequest,
    *,
    now: datetime,
    form: AttemptForm | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    """The sheet, with all that was typed on it kept, and the trouble said at the top."""
    sealed = gather(found)
    reading = Reading()
    if is_uncovered(request, found.pk, now) and may_read(request, found, now):
        reading = read(sealed, actor=request.user)
    if reading.error:
        trouble = trouble or _why(found, reading.error)
    shown = form or AttemptForm(
        request=found, may_leave_voicemail=may_leave_voicemail(found), now=now
    )
    sheet = build_sheet(sealed, reading, user=request.user, now=now, typed=request.POST)
    context = {
        "sheet": sheet,
        "form": shown,
        "trouble": trouble,
        "then_next": then_next(request),
        "merge_box": merge_box(sealed, reading, request=request, now=now),
        "phrases": keyed_phrases(),
    }
    return desk_page_response(request, "desk/sheet.html", context, now=now, status=status)


def _why(found: CallbackRequest, error: Exception) -> str:
    log.error("%s does not open: %s", found.reference, type(error).__name__)
    reason = CANNOT_OPEN[type(error)]
    return gettext("This envelope does not open. %(reason)s Tell whoever runs this machine.") % {
        "reason": reason
    }


def then_next(request: StaffRequest) -> bool:
    """Whether a recorded call is followed by the next one; remembered until signing out."""
    return bool(request.session.get(_THEN_NEXT, True))


def remember_then_next(request: StaffRequest, choice: bool) -> None:
    if then_next(request) != choice:
        request.session[_THEN_NEXT] = choice
