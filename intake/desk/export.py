"""Requests as CSV: plain columns, and only when asked for by name also who the people are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from intake import audit
from intake.desk.access import EXPORT, StaffRequest, desk_page
from intake.desk.numbers import PERIODS, first_moment
from intake.envelope import (
    EnvelopeMoved,
    EnvelopeTampered,
    KeyMissing,
    WrongKey,
    open_submission,
)
from intake.models import CallbackRequest
from intake.references import show_reference

CSV_COLUMNS: Final = (
    "reference",
    "state",
    "received_at",
    "attempt_due_at",
    "contact_due_at",
    "first_attempt_at",
    "first_contact_at",
    "closed_at",
    "attempts",
    "outcome",
    "closed_by",
    "time_zone",
    "is_demo",
)
PEOPLE_COLUMNS: Final = ("name", "phone", "phone_extension", "email")
PEOPLE_ROWS: Final = 2000  # with names; each is an opening on record


@require_safe
@desk_page(EXPORT)
def export(request: StaffRequest) -> HttpResponse:
    """The requests of the period. Without ``people=yes`` nothing personal. It is on record."""
    now = timezone.now()
    days = next((d for d in PERIODS if str(d) == request.GET.get("days", "")), PERIODS[0])
    with_people = request.GET.get("people") == "yes"
    since = first_moment(now, days)
    found = CallbackRequest.objects.filter(received_at__gte=since).order_by("received_at", "pk")
    rows = found.count()
    if with_people and rows > PEOPLE_ROWS:
        messages.error(
            request,
            gettext(
                "That would open %(count)s requests; %(most)s is the most at once. Choose a shorter period."
            )
            % {"count": rows, "most": PEOPLE_ROWS},
        )
        return HttpResponseRedirect(reverse("desk:measures"))
    detail = {"days": days, "count": rows, "people": with_people}
    audit.record(actor=request.user, action="exported", detail=detail)
    try:
        text = _csv(_rows(list(found.select_related("closed_by")), request.user, with_people))
    except (KeyMissing, WrongKey, EnvelopeTampered, EnvelopeMoved) as error:
        messages.error(
            request,
            gettext("An envelope does not open (%(error)s).") % {"error": type(error).__name__},
        )
        return HttpResponseRedirect(reverse("desk:measures"))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    kind = "people" if with_people else "callbacks"
    name = f"{kind}-{timezone.localtime(now):%Y-%m-%d}-{days}-days.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _csv(rows: Iterator[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([plain_cell(cell) for cell in row])
    return text.getvalue()


def _rows(found: list[CallbackRequest], user: User, with_people: bool) -> Iterator[list[str]]:
    yield [*CSV_COLUMNS, *(PEOPLE_COLUMNS if with_people else ())]
    for one in found:
        yield [*_plain(one), *(_person(one, user) if with_people else ())]


def _plain(one: CallbackRequest) -> list[str]:
    def moment(at: datetime | None) -> str:
        return timezone.localtime(at).isoformat(timespec="seconds") if at else ""

    return [
        show_reference(one.reference),
        one.state,
        moment(one.received_at),
        moment(one.attempt_due_at),
        moment(one.contact_due_at),
        moment(one.first_attempt_at),
        moment(one.first_contact_at),
        moment(one.closed_at),
        str(one.attempt_count),
        one.outcome,
        one.closed_by.get_username() if one.closed_by else "",
        one.time_zone,
        "yes" if one.is_demo else "no",
    ]


def _person(one: CallbackRequest, user: User) -> list[str]:
    newest = one.submissions.order_by("-received_at", "-pk").first()
    if newest is None:
        return [""] * len(PEOPLE_COLUMNS)
    content = open_submission(newest, actor=user, purpose="export")
    return [str(content.get(name) or "") for name in PEOPLE_COLUMNS]


def plain_cell(cell: str) -> str:
    """A cell that a spreadsheet shows and does not run.

    A leading apostrophe marks text that would be a formula; a number such as ``+13035550142``
    stays as it is, so that it survives a round trip.
    """
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_phone(cell):
        return "'" + cell
    return cell


def _is_phone(cell: str) -> bool:
    return cell[0] == "+" and cell[1:].isascii() and cell[1:].isdecimal()
