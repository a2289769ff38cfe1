"""What happens by itself, and when: releases to come, notices that end, reviews that fall due."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from pages.admin.live import moment, proposal_address
from pages.admin.words import address_of
from pages.models import Release
from pages.releases import Content, live_content, title_of
from pages.reviews import reviews_due

AHEAD = dt.timedelta(days=90)


@dataclass(frozen=True)
class Entry:
    """One line of the calendar."""

    at: dt.datetime
    when: str  # in words
    what: str
    address: str
    notes: tuple[str, ...] = ()


@require_safe
def calendar_view(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("pages.view_release"):
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": gettext("Calendar: what goes live when"),
        "opts": Release._meta,
        "entries": entries(live_content(), now=timezone.now()),
    }
    return TemplateResponse(request, "admin/pages/calendar.html", context)


def entries(live: Content, *, now: dt.datetime) -> list[Entry]:
    """Everything that is to come, the next first."""
    found = [*_releases(now), *_ends_of_notices(live, now), *_reviews(live, now)]
    return sorted(found, key=lambda entry: (entry.at, entry.what))


def _releases(now: dt.datetime) -> list[Entry]:
    open_ones = Release.objects.filter(closed_at__isnull=True, live_from__gt=now)
    releases = list(open_ones.order_by("live_from", "number").defer("content"))
    found = []
    for release in releases:
        notes = [] if release.approved_at else [gettext("Only if somebody approves it before.")]
        keys = set(release.changed_keys)
        notes += [
            gettext("%(other)s changes some of the same rows.") % {"other": other}
            for other in releases
            if other.pk != release.pk and keys & set(other.changed_keys)
        ]
        found.append(
            Entry(
                release.live_from,
                moment(release.live_from),
                gettext("%(release)s goes live.") % {"release": release}
                + (f" {release.note}" if release.note else ""),
                proposal_address(release.number),
                tuple(notes),
            )
        )
    return found


def _ends_of_notices(live: Content, now: dt.datetime) -> list[Entry]:
    ends = [(key, row) for key, row in live.items() if row.get("hidden_from")]
    return [
        _of_day(
            dt.date.fromisoformat(row["hidden_from"]),
            gettext("“%(title)s” is no longer shown.") % {"title": title_of(row, default=key)},
            key,
        )
        for key, row in ends
        if dt.date.fromisoformat(row["hidden_from"]) > timezone.localdate(now)
    ]


def _reviews(live: Content, now: dt.datetime) -> list[Entry]:
    day = timezone.localdate(now)
    return [
        _of_day(
            review.due_on + dt.timedelta(days=1),
            gettext("“%(title)s” is under review, unless somebody checks it before.")
            % {"title": review.title},
            review.key,
        )
        for review in reviews_due(live, day=day)
        if review.key.startswith("outcomefigure:") and 0 <= review.days_left <= AHEAD.days
    ]


def _of_day(day: dt.date, what: str, key: str) -> Entry:
    at = timezone.make_aware(dt.datetime.combine(day, dt.time()))
    return Entry(
        at,
        gettext("%(day)s, at midnight") % {"day": date_format(day, gettext("l, F j, Y"))},
        what,
        address_of(key),
    )
