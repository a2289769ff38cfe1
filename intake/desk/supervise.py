"""What only supervisors do: give a request to somebody, reopen, review what is held."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Count, Max, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from intake import queue
from intake.assignment import assign as assign_request
from intake.desk.access import SUPERVISE, USE_DESK, StaffRequest, desk_page, sent_version
from intake.desk.page import desk_page_response
from intake.desk.sheets import find_request, sheet_page
from intake.desk.wording import day_and_time, span, time_of_day
from intake.models import CallAttempt, CallbackRequest
from intake.queue import NotAllowed, NotYours, Stale
from intake.references import show_reference
from intake.schedule import load_policy

REASON_LENGTH = 300


def _refuse(request: StaffRequest, pk: int, error: Exception) -> HttpResponse:
    found = find_request(pk)
    return sheet_page(request, found, now=timezone.now(), trouble=str(error), status=409)


def _staff() -> list[User]:
    return list(User.objects.with_perm(USE_DESK).order_by("username"))


@require_POST
@desk_page(SUPERVISE)
def assign(request: StaffRequest, pk: int) -> HttpResponse:
    """Give the request to somebody of the team, or to nobody."""
    found = find_request(pk)
    chosen = request.POST.get("to", "")
    target = next((user for user in _staff() if str(user.pk) == chosen), None)
    if target is None and chosen != "nobody":
        return _refuse(request, pk, NotAllowed(gettext("Choose somebody of the team.")))
    version = sent_version(request)
    try:
        if target is None:
            queue.release(
                request_id=pk, user=request.user, by_supervisor=True, expected_version=version
            )
            words = gettext("%(reference)s is free.") % {
                "reference": show_reference(found.reference)
            }
        else:
            assign_request(request_id=pk, to=target, by=request.user, expected_version=version)
            name = target.get_full_name() or target.get_username()
            words = gettext("%(reference)s is with %(name)s now.") % {
                "reference": show_reference(found.reference),
                "name": name,
            }
    except (NotYours, Stale, NotAllowed) as error:
        return _refuse(request, pk, error)
    messages.success(request, words)
    return HttpResponseRedirect(reverse("desk:sheet", args=[pk]))


@require_POST
@desk_page(SUPERVISE)
def reopen(request: StaffRequest, pk: int) -> HttpResponse:
    found = find_request(pk)
    reason = request.POST.get("reason", "")[:REASON_LENGTH]
    try:
        queue.reopen(
            request_id=pk,
            user=request.user,
            reason=reason,
            expected_version=sent_version(request),
        )
    except (NotYours, Stale, NotAllowed) as error:
        return _refuse(request, pk, error)
    messages.success(
        request,
        gettext("%(reference)s is back on the list, due now.")
        % {"reference": show_reference(found.reference)},
    )
    return HttpResponseRedirect(reverse("desk:sheet", args=[pk]))


@require_POST
@desk_page(SUPERVISE)
def free(request: StaffRequest, pk: int) -> HttpResponse:
    found = find_request(pk)
    try:
        queue.free_from_spam(
            request_id=pk, user=request.user, expected_version=sent_version(request)
        )
    except (NotYours, Stale, NotAllowed) as error:
        return _refuse(request, pk, error)
    messages.success(
        request,
        gettext("%(reference)s is on the list now.")
        % {"reference": show_reference(found.reference)},
    )
    return HttpResponseRedirect(reverse("desk:held"))


@require_safe
@desk_page(SUPERVISE)
def held(request: StaffRequest) -> HttpResponse:
    """What looks like spam. Nobody else sees it; it is deleted after the policy's days."""
    now = timezone.now()
    rows = CallbackRequest.objects.filter(state=CallbackRequest.State.SPAM_HELD)
    listed = [
        {
            "reference": show_reference(row.reference),
            "path": reverse("desk:sheet", args=[row.pk]),
            "free_path": reverse("desk:free", args=[row.pk]),
            "asked": day_and_time(row.received_at, now),
            "ago": span(now - row.received_at),
            "why": row.why or gettext("not said"),
            "version": row.version,
        }
        for row in rows.annotate(why=Max("submissions__suspicion")).order_by("received_at")[:200]
    ]
    context = {"rows": listed, "days": load_policy().spam_days}
    return desk_page_response(request, "desk/held.html", context, now=now)


@require_safe
@desk_page(SUPERVISE)
def team(request: StaffRequest) -> HttpResponse:
    """Everyone's load: what they hold, and the calls they made today."""
    now = timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = dict(
        CallAttempt.objects.filter(at__gte=midnight, undone_at=None)
        .values_list("by")
        .annotate(n=Count("pk"))
        .order_by("by")
    )
    reached = dict(
        CallAttempt.objects.filter(
            Q(outcome__in=CallAttempt.CONTACTS), at__gte=midnight, undone_at=None
        )
        .values_list("by")
        .annotate(n=Count("pk"))
        .order_by("by")
    )
    holding: dict[int, list[dict[str, str]]] = {}
    claimed = CallbackRequest.objects.filter(
        state=CallbackRequest.State.CLAIMED, lease_until__gt=now
    ).order_by("lease_until")
    for one in claimed:
        assert one.owner_id is not None
        assert one.lease_until is not None
        line = {
            "reference": show_reference(one.reference),
            "path": reverse("desk:sheet", args=[one.pk]),
            "until": time_of_day(one.lease_until),
        }
        holding.setdefault(one.owner_id, []).append(line)
    members = [
        {
            "name": user.get_full_name() or user.get_username(),
            "holding": holding.get(user.pk, []),
            "calls": today.get(user.pk, 0),
            "reached": reached.get(user.pk, 0),
            "seen": day_and_time(user.last_login, now) if user.last_login else "never",
        }
        for user in _staff()
    ]
    return desk_page_response(request, "desk/team.html", {"members": members}, now=now)
