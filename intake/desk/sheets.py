"""One request: shown covered, or with the person's words for as long as the grant lasts."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from intake.desk.access import SUPERVISE, StaffRequest, desk_page, is_uncovered, uncover
from intake.desk.alike import MergeBox, merge_box
from intake.desk.forms import AttemptForm
from intake.desk.noting import keyed_phrases
from intake.desk.page import desk_page_response
from intake.desk.person import Person, open_person
from intake.desk.sheet import build_sheet, may_leave_voicemail
from intake.envelope import EnvelopeMoved, EnvelopeTampered, KeyMissing, WrongKey
from intake.models import CallbackRequest

log = logging.getLogger(__name__)

_THEN_NEXT: Final = "desk_then_next"

CANNOT_OPEN: Final = {
    KeyMissing: "The key that opens it is not on this machine.",
    WrongKey: "The key on this machine does not open it.",
    EnvelopeTampered: "It was changed after it was sealed.",
    EnvelopeMoved: "It belongs to another request.",
}
CANNOT_OPEN_ERRORS: Final = tuple(CANNOT_OPEN)


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
            request, found, now=now, trouble="Take the request before you open it.", status=403
        )
    uncover(request, pk, now)
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
    """The sheet, with a refused form's typing kept and the trouble said at the top."""
    person = None
    if is_uncovered(request, found.pk, now) and may_read(request, found, now):
        person, why = _open(request, found)
        trouble = trouble or why
    box, why = _alike(request, found, now, is_uncovered=person is not None)
    trouble = trouble or why
    shown = form or AttemptForm(
        request=found, may_leave_voicemail=may_leave_voicemail(found), now=now
    )
    sheet = build_sheet(found, user=request.user, now=now, form=form, person=person)
    context = {
        "sheet": sheet,
        "form": shown,
        "trouble": trouble,
        "then_next": then_next(request),
        "merge_box": box,
        "phrases": keyed_phrases(),
    }
    return desk_page_response(request, "desk/sheet.html", context, now=now, status=status)


def _open(request: StaffRequest, found: CallbackRequest) -> tuple[Person | None, str]:
    submissions = list(found.submissions.order_by("received_at", "pk"))
    try:
        return open_person(submissions, actor=request.user), ""
    except CANNOT_OPEN_ERRORS as error:
        return None, _why(found, error)


def _alike(
    request: StaffRequest, found: CallbackRequest, now: datetime, *, is_uncovered: bool
) -> tuple[MergeBox, str]:
    try:
        return merge_box(found, request=request, now=now, is_uncovered=is_uncovered), ""
    except CANNOT_OPEN_ERRORS as error:
        covered = merge_box(found, request=request, now=now, is_uncovered=False)
        return covered, _why(found, error)


def _why(found: CallbackRequest, error: Exception) -> str:
    log.error("%s does not open: %s", found.reference, type(error).__name__)
    reason = CANNOT_OPEN[type(error)]
    return f"This envelope does not open. {reason} Tell whoever runs this machine."


def then_next(request: StaffRequest) -> bool:
    """Whether a recorded call is followed by the next one; remembered until signing out."""
    return bool(request.session.get(_THEN_NEXT, True))


def remember_then_next(request: StaffRequest, choice: bool) -> None:
    if then_next(request) != choice:
        request.session[_THEN_NEXT] = choice
