"""The moves of a call: take it, keep it, let it go, record it, take that back."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from intake import queue
from intake.desk.access import StaffRequest, cover, desk_page, sent_version, uncover
from intake.desk.forms import AttemptForm
from intake.desk.lists import hand_over
from intake.desk.page import forget_undo, offer_undo
from intake.desk.sheet import may_leave_voicemail
from intake.desk.sheets import (
    find_request,
    remember_then_next,
    sheet_page,
    shown_again,
    then_next,
)
from intake.desk.wording import day_and_time, time_of_day
from intake.models import CallAttempt, Consent
from intake.queue import NotAllowed, NotYours, Stale
from intake.references import show_reference

_REFUSED: Final = (NotYours, Stale, NotAllowed)
NOTHING_LOST: Final = _("Nothing was changed, and what you typed is below.")


def _to_sheet(pk: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:sheet", args=[pk]))


def _refuse(request: StaffRequest, pk: int, error: Exception) -> HttpResponse:
    """Say on the request's own sheet why the move was not made."""
    found = find_request(pk)
    return sheet_page(request, found, now=timezone.now(), trouble=str(error), status=409)


@require_POST
@desk_page()
def claim(request: StaffRequest, pk: int) -> HttpResponse:
    find_request(pk)
    try:
        queue.claim(request_id=pk, user=request.user, expected_version=sent_version(request))
    except _REFUSED as error:
        return _refuse(request, pk, error)
    return _to_sheet(pk)


@require_POST
@desk_page()
def renew(request: StaffRequest, pk: int) -> HttpResponse:
    """Asked for by the open sheet: the new end of the lease as plain text."""
    try:
        kept = queue.renew(request_id=pk, user=request.user)
    except _REFUSED as error:
        return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
    assert kept.lease_until is not None
    return HttpResponse(time_of_day(kept.lease_until), content_type="text/plain; charset=utf-8")


@require_POST
@desk_page()
def leave(request: StaffRequest, pk: int) -> HttpResponse:
    """Told by the sheet when it is closed; whoever comes back within two minutes keeps it."""
    queue.leave(request_id=pk, user=request.user)
    return HttpResponse(status=204)


@require_POST
@desk_page()
def release(request: StaffRequest, pk: int) -> HttpResponse:
    found = find_request(pk)
    try:
        queue.release(request_id=pk, user=request.user, expected_version=sent_version(request))
    except _REFUSED as error:
        return _refuse(request, pk, error)
    cover(request, pk)
    messages.success(
        request,
        gettext("You let %(reference)s go.") % {"reference": show_reference(found.reference)},
    )
    return HttpResponseRedirect(reverse("desk:list"))


@require_POST
@desk_page()
def attempt(request: StaffRequest, pk: int) -> HttpResponse:
    """Record one call; a refusal shows the sheet again with everything that was typed."""
    now = timezone.now()
    found = find_request(pk)
    remember_then_next(request, "then_next" in request.POST)
    form = AttemptForm(
        request.POST, request=found, may_leave_voicemail=may_leave_voicemail(found), now=now
    )
    if not form.is_valid():
        return sheet_page(request, found, now=now, form=form, status=422)
    sent = form.cleaned_data
    try:
        made = queue.record_attempt(
            request_id=pk,
            user=request.user,
            outcome=sent["outcome"],
            next_at=sent["next_at"],
            note=sent["note"],
            expected_version=sent["expected_version"],
            now=now,
        )
    except _REFUSED as error:
        return sheet_page(
            request,
            find_request(pk),
            now=now,
            form=form,
            trouble=f"{error} {NOTHING_LOST}",
            status=409,
        )
    cover(request, pk)
    offer_undo(request, pk=pk, now=now)
    messages.success(request, _recorded(show_reference(found.reference), made))
    if then_next(request):
        return hand_over(request)
    return HttpResponseRedirect(reverse("desk:list"))


def _recorded(reference: str, made: CallAttempt) -> str:
    words = f"{reference}: {made.get_outcome_display().lower()}."
    if made.next_at:
        moment = day_and_time(made.next_at, made.at)
        words += " " + gettext("Next try %(moment)s.") % {"moment": moment}
    return words


@require_POST
@desk_page()
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    found = find_request(pk)
    forget_undo(request)
    try:
        queue.undo_attempt(request_id=pk, user=request.user)
    except _REFUSED as error:
        return _refuse(request, pk, error)
    uncover(request, pk, timezone.now())
    messages.success(
        request,
        gettext("%(reference)s is yours again.") % {"reference": show_reference(found.reference)},
    )
    return _to_sheet(pk)


@require_POST
@desk_page()
def unreachable(request: StaffRequest, pk: int) -> HttpResponse:
    """Give up: a person's decision, once the tries are used up or the number is wrong."""
    found = find_request(pk)
    try:
        queue.close_unreachable(
            request_id=pk, user=request.user, expected_version=sent_version(request)
        )
    except _REFUSED as error:
        return _refuse(request, pk, error)
    cover(request, pk)
    messages.success(
        request,
        gettext("%(reference)s: closed, could not be reached.")
        % {"reference": show_reference(found.reference)},
    )
    return HttpResponseRedirect(reverse("desk:list"))


@require_POST
@desk_page()
def consent(request: StaffRequest, pk: int) -> HttpResponse:
    """A yes or no said on the phone; it holds at once."""
    purpose, answer = request.POST.get("purpose", ""), request.POST.get("answer", "")
    found = find_request(pk)
    if found.owner_id != request.user.pk:
        return _refuse(
            request, pk, NotYours(gettext("Take the request before you change a consent."))
        )
    if answer not in ("yes", "no"):
        return _refuse(request, pk, NotAllowed(gettext("Choose yes or no.")))
    try:
        queue.set_consent(
            request_id=pk,
            user=request.user,
            purpose=purpose,
            is_granted=answer == "yes",
            expected_version=sent_version(request),
        )
    except _REFUSED as error:
        return _refuse(request, pk, error)
    what = Consent.Purpose(purpose).label
    kept = (
        gettext("Kept: yes to %(what)s.") if answer == "yes" else gettext("Kept: no to %(what)s.")
    )
    messages.success(request, kept % {"what": what})
    return shown_again(request, pk)
