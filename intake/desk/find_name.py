"""Find an open request by the name on it. Names stay covered: only references are shown."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from intake.desk.access import StaffRequest, desk_page
from intake.desk.find import SHOWN
from intake.desk.forms import FindForm
from intake.desk.page import desk_page_response
from intake.desk.wording import day_and_time
from intake.keys import KeyMissing, WrongKey
from intake.name_search import TooOften, TooShort, find_by_name
from intake.references import show_reference

LONGEST = 80


@require_POST
@desk_page()
def find_name(request: StaffRequest) -> HttpResponse:
    """POST only: what is typed is personal, and addresses end up in logs."""
    now = timezone.now()
    typed = request.POST.get("name", "")[:LONGEST]
    try:
        hits = find_by_name(typed, actor=request.user)
    except TooShort as error:
        return _page(request, typed, str(error), None, status=422)
    except TooOften as error:
        return _page(request, typed, str(error), None, status=429)
    except (KeyMissing, WrongKey):
        words = gettext("The key that opens names is not on this machine. Search by reference.")
        return _page(request, typed, words, None, status=503)
    results = [
        {
            "reference": show_reference(hit.reference),
            "path": reverse("desk:sheet", args=[hit.pk]),
            "state": hit.get_state_display(),
            "asked": day_and_time(hit.received_at, now),
        }
        for hit in hits[:SHOWN]
    ]
    return _page(request, "", "", results, status=200)


def _page(
    request: StaffRequest,
    typed: str,
    trouble: str,
    results: list[dict[str, str]] | None,
    *,
    status: int,
) -> HttpResponse:
    context = {
        "find_form": FindForm(),
        "find_url": reverse("desk:find"),
        "results": results,
        "name_typed": typed,
        "name_trouble": trouble,
    }
    return desk_page_response(request, "desk/find.html", context, now=timezone.now(), status=status)
