"""The front page of the admin: what there is to do now, for whoever looks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext

from pages.admin.live import asks_second_person, moment, preview_address, proposal_address
from pages.admin.past import undo_address
from pages.admin.problems import Line, findings
from pages.admin.words import address_of, describe
from pages.days import overdue_on, today
from pages.models import Release
from pages.preflight import run
from pages.releases import Content, diff, live_content, model_of, title_of, working_content
from pages.reviews import Review, reviews_due
from pages.schedule import touching
from pages.site import build_site

MOST = 12  # lines of a list before it says how many more there are
SOON = 30  # days


@dataclass(frozen=True)
class Listing:
    """Lines under a heading; ``more`` of them are left out."""

    lines: list[Line] = field(default_factory=list)
    more: int = 0


def todo_of(user: User | AnonymousUser) -> dict[str, Any]:
    """What the front page shows; empty for somebody who may not see releases."""
    if not user.has_perm("pages.view_release"):
        return {"may_see": False}
    live, working = live_content(), working_content()
    problems = run(build_site(0, working))
    waiting = list(Release.objects.waiting().select_related("proposed_by").defer("content"))
    return {
        "may_see": True,
        "may_publish": user.has_perm("pages.add_release"),
        "live": _live(user),
        "unpublished": _unpublished(live, working),
        "waiting": [_waiting(release, user) for release in waiting],
        "scheduled": [
            Line(str(release), proposal_address(release.number), moment(release.live_from))
            for release in Release.objects.scheduled().defer("content", "changes")
        ],
        "reviews": _cut(_reviews(live, today())),
        "errors": findings(problems, working, errors=True),
        "warnings": findings(problems, working, errors=False),
        "preview_address": preview_address("working"),
    }


def _live(user: User | AnonymousUser) -> dict[str, Any] | None:
    release = Release.objects.defer("content", "changes").live()
    if release is None:
        return None
    return {
        "release": release,
        "address": reverse("admin:pages_release_change", args=[release.pk]),
        "undo_address": undo_address(release) if user.has_perm("pages.add_release") else "",
    }


def _unpublished(live: Content, working: Content) -> Listing:
    """Each row that differs: what it is, who saved it, and when. A deleted row has nobody."""
    changes = diff(live, working)
    lines = []
    ahead = touching([change.key for change in changes])
    for change in describe(changes[:MOST], before=live, after=working):
        row = model_of(change.key)._default_manager.filter(slug=change.key.partition(":")[2])
        saved = row.select_related("edited_by").first()
        text = f"{change.row_kind}, {change.kind}"
        if saved is not None:
            words = gettext(", saved on %(moment)s")
            if saved.edited_by:
                words = gettext(", saved by %(who)s on %(moment)s")
            text += words % {"who": saved.edited_by, "moment": moment(saved.edited_at)}
        if releases := [str(one) for one in ahead if change.key in one.changed_keys]:
            text += gettext(", already in %(releases)s") % {
                "releases": gettext(" and ").join(releases)
            }
        elif asks_second_person(change.key, live, working):
            text += gettext(", needs a second person")
        lines.append(Line(change.title, change.address, text))
    return Listing(lines, max(0, len(changes) - MOST))


def _waiting(release: Release, user: User | AnonymousUser) -> Line:
    own = release.proposed_by_id == user.pk and release.needs_second_person
    if own:
        what = gettext("yours, so somebody else has to approve it")
    elif user.has_perm("pages.change_release"):
        what = gettext("you can approve it")
    else:
        what = gettext("a reviewer has to approve it")
    text = gettext("proposed by %(who)s on %(moment)s") % {
        "who": release.proposed_by or gettext("a command"),
        "moment": moment(release.proposed_at),
    }
    text += f"; {what}." + (f" {release.remark}" if release.remark else "")
    title = f"{release}: {release.note}" if release.note else str(release)
    return Line(title, proposal_address(release.number), text)


def _reviews(live: Content, day: dt.date) -> list[Line]:
    withheld = overdue_on(day, live)
    near = [review for review in reviews_due(live, day=day) if review.days_left <= SOON]
    seen = {review.key for review in near}
    beside = [
        Line(
            title_of(live[key], default=key),
            address_of(key),
            gettext("hidden with the figure beside it"),
        )
        for key in sorted(withheld - seen)
    ]
    return [_review(review, review.key in withheld) for review in near] + beside


def _review(review: Review, is_withheld: bool) -> Line:
    due = date_format(review.due_on, gettext("F j, Y"))
    if review.days_left >= 0:
        text = gettext("to be checked again by %(due)s") % {"due": due}
    else:
        text = gettext("overdue since %(due)s") % {"due": due} + (
            gettext("; readers do not see it") if is_withheld else ""
        )
    return Line(review.title, address_of(review.key), text)


def _cut(lines: list[Line]) -> Listing:
    return Listing(lines[:MOST], max(0, len(lines) - MOST))
