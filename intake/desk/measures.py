"""The numbers page, and the requests behind it as CSV."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from intake.desk import charts, hour_chart
from intake.desk.access import EXPORT, SUPERVISE, StaffRequest, desk_page
from intake.desk.export import PEOPLE_ROWS
from intake.desk.numbers import PERIODS, Bar, Numbers, numbers
from intake.desk.page import desk_page_response
from intake.desk.wording import NOTHING, count_requests, span
from intake.models import CallbackRequest
from intake.references import show_reference

CALLERS_DRAWN: Final = 12  # the table has all of them


@require_safe
@desk_page(SUPERVISE)
def measures(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    found = numbers(now=now, days=chosen_days(request))
    return desk_page_response(request, "desk/numbers.html", _context(request, found, now), now=now)


def chosen_days(request: HttpRequest) -> int:
    """The period asked for; the shortest when the address names another."""
    asked = request.GET.get("days", "")
    return next((days for days in PERIODS if str(days) == asked), PERIODS[0])


def _context(request: StaffRequest, found: Numbers, now: datetime) -> dict[str, Any]:
    tries = found.tries_per_contact
    return {
        "numbers": found,
        "periods": PERIODS,
        "chosen": chosen_days(request),
        "received": count_requests(found.received),
        "received_once": gettext("%(count)s, each counted once.")
        % {"count": count_requests(found.received)},
        "oldest": span(now - found.oldest_received_at) if found.oldest_received_at else NOTHING,
        "attempt_words": _attempt_words(found),
        "tries": gettext("%(tries)s calls for each person reached.")
        % {"tries": number_format(tries, 1)}
        if tries
        else "",
        "waits_chart": charts.waits(
            found.waits,
            median=found.median_to_attempt,
            ninety=found.ninety_to_attempt,
            labelled_by="waits",
        ),
        "days_chart": charts.days(found.days, labelled_by="days", width=charts.WIDE),
        "scale_from": charts.lowest_shown(found.days),
        "weeks_chart": charts.days(found.weeks, labelled_by="weeks"),
        "weeks_from": charts.lowest_shown(found.weeks),
        "callers_chart": charts.outcomes(
            [Bar(one.name, one.calls, "booked") for one in found.callers[:CALLERS_DRAWN]],
            labelled_by="callers",
        ),
        "hours_chart": hour_chart.hours(found.hours, labelled_by="hours"),
        "outcomes_chart": charts.outcomes(found.outcomes, labelled_by="ends"),
        "slipped": [_slipped(one, now) for one in found.slipped],
        "may_export": request.user.has_perm(EXPORT),
        "csv_path": reverse("desk:export"),
        "people_rows": PEOPLE_ROWS,
    }


def _attempt_words(found: Numbers) -> str:
    if found.median_to_attempt is None or found.ninety_to_attempt is None:
        return gettext("No call was recorded yet.")
    return gettext("Half were called by %(half)s, 9 in 10 by %(most)s.") % {
        "half": span(found.median_to_attempt),
        "most": span(found.ninety_to_attempt),
    }


def _slipped(one: CallbackRequest, now: datetime) -> dict[str, Any]:
    if one.first_attempt_at:
        words = gettext("first called after %(time)s.") % {
            "time": span(one.first_attempt_at - one.received_at)
        }
    else:
        words = gettext("not called yet, after %(time)s.") % {"time": span(now - one.received_at)}
    return {
        "received_at": one.received_at,
        "path": reverse("desk:sheet", args=[one.pk]),
        "reference": show_reference(one.reference),
        "words": words,
    }
