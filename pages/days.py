"""What readers see on a given day: the calendar takes things away without anybody publishing.

A figure whose review is overdue keeps its place and loses its words, so that no template,
search or data for machines can show a number that nobody vouches for any more. A notice
that has ended is gone.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pages.models import OutcomeFigure
from pages.releases import Content, Fields, fields_of, many_to_many_of

# What a withheld figure keeps: where it stands, and what it is about.
KEPT: Final = frozenset(
    {"slug", "is_ready", "position", "group", "origin", "condition", "study", "review_due_on"}
)
# In the language of the site that is built.
IN_ITS_PLACE: Final = {
    "headline": _("This figure is under review"),
    "origin_note": _("Under review"),
    "provenance": _("A clinician has to check it again. We show it once that is done."),
}


def today() -> dt.date:
    """The day it is at the clinic, whatever time zone the reader's request activated."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def day_ends_at(day: dt.date) -> float:
    """The clinic's midnight after ``day``, in seconds since 1970."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
    return midnight.replace(tzinfo=timezone.get_default_timezone()).timestamp()


def as_shown_on(day: dt.date, content: Content) -> tuple[Content, frozenset[str]]:
    """The content as readers see it on ``day``, and the keys of the figures withheld."""
    shown = _without_ended_notices(day, content)
    withheld = overdue_on(day, shown)
    for key in withheld:
        shown[key] = _withheld(shown[key])
    parts = [key for key, row in shown.items() if key.startswith("figurepart:")]
    for key in parts:
        if shown[key]["figure"] in withheld:
            del shown[key]
    return shown, withheld


def overdue_on(day: dt.date, content: Content) -> frozenset[str]:
    """Figures whose review was due before ``day``, and clinic-reported ones that would be left
    without a published one beside them."""
    figures = {key: row for key, row in content.items() if key.startswith("outcomefigure:")}
    overdue = {
        key
        for key, row in figures.items()
        if row["review_due_on"] and dt.date.fromisoformat(row["review_due_on"]) < day
    }
    for key, row in figures.items():
        published = {other for other in row["context"] if figures[other]["origin"] == "published"}
        if row["origin"] == "clinic_reported" and published and published <= overdue:
            overdue.add(key)
    return frozenset(overdue)


def _withheld(row: Fields) -> Fields:
    blank: dict[str, Any] = {
        field.name: row[field.name] if field.name in KEPT else None if field.null else ""
        for field in fields_of(OutcomeFigure)
    }
    return blank | {name: [] for name in many_to_many_of(OutcomeFigure)} | IN_ITS_PLACE


def _without_ended_notices(day: dt.date, content: Content) -> Content:
    """Without the notices that have ended, and without sections that listed only those."""
    notices = {key: row for key, row in content.items() if key.startswith("notice:")}
    ended = {
        key
        for key, row in notices.items()
        if row["hidden_from"] and dt.date.fromisoformat(row["hidden_from"]) <= day
    }
    emptied = {notices[key]["kind"] for key in ended} - {
        row["kind"] for key, row in notices.items() if key not in ended
    }
    return {
        key: row
        for key, row in content.items()
        if key not in ended
        and not (
            key.startswith("section:")
            and row["kind"] == "notices"
            and row["lists"] in emptied
            and not row["body"]
        )
    }
