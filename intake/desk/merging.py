"""Merging two requests of one person from the sheet, and taking them apart again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from intake import queue
from intake.desk.access import StaffRequest, desk_page, sent_version
from intake.desk.alike import may_merge_here
from intake.desk.sheets import find_request, sheet_page
from intake.merging import direction
from intake.models import CallbackRequest
from intake.queue import NotAllowed, NotYours, Stale
from intake.references import show_reference


@require_POST
@desk_page()
def merge(request: StaffRequest, pk: int) -> HttpResponse:
    """Merge this one and another; which goes into which follows from who asked first."""
    found = find_request(pk)
    try:
        other = _sent_other(request)
        goes, stays = direction(found, other)
        _check_may(request, found, other)
        versions = {
            pk: sent_version(request, "version"),
            other.pk: sent_version(request, "other_version"),
        }
        queue.merge(
            request_id=goes.pk,
            into_id=stays.pk,
            user=request.user,
            expected_version=versions[goes.pk],
            expected_into_version=versions[stays.pk],
        )
    except (NotYours, Stale, NotAllowed) as error:
        return sheet_page(
            request, find_request(pk), now=timezone.now(), trouble=str(error), status=409
        )
    words = gettext("%(reference)s is part of %(other)s now.") % {
        "reference": show_reference(goes.reference),
        "other": show_reference(stays.reference),
    }
    messages.success(request, words)
    return HttpResponseRedirect(reverse("desk:sheet", args=[stays.pk]))


def _check_may(request: StaffRequest, *either: CallbackRequest) -> None:
    if not may_merge_here(request, *either):
        names = " or ".join(show_reference(one.reference) for one in either)
        raise NotYours(gettext("Take %(names)s first.") % {"names": names})


def _sent_other(request: StaffRequest) -> CallbackRequest:
    sent = request.POST.get("other", "")
    number = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 15 else 0
    other = CallbackRequest.objects.filter(pk=number).first()
    if other is None:
        raise NotAllowed(gettext("The other request is not here any more."))
    return other


@require_POST
@desk_page()
def unmerge(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a merged request apart from the one it went into."""
    found = find_request(pk)
    try:
        if found.merged_into is not None:
            _check_may(request, found.merged_into)
        queue.undo_merge(
            request_id=pk, user=request.user, expected_version=sent_version(request, "version")
        )
    except (NotYours, Stale, NotAllowed) as error:
        return sheet_page(
            request, find_request(pk), now=timezone.now(), trouble=str(error), status=409
        )
    messages.success(
        request,
        gettext("%(reference)s stands for itself again.")
        % {"reference": show_reference(found.reference)},
    )
    return HttpResponseRedirect(reverse("desk:sheet", args=[pk]))
