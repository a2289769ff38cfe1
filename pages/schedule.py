"""What is still to come: approved releases whose moment has not come, each built on the one
before it, and the first of them on the live one.

Nothing runs when a moment comes; the live release is asked for by time. So whatever goes
live in between has to be in the later ones already: :func:`settle` puts it there, in the
transaction that publishes it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone

from pages.changesets import lay_onto
from pages.languages import ENGLISH, speaking
from pages.models import Release
from pages.preflight import errors_in
from pages.probe import announce
from pages.releases import (
    Content,
    in_todays_shape,
    named_by,
    prune,
    title_of,
)
from pages.site import build_site


def base_at(moment: dt.datetime) -> tuple[Release | None, Content]:
    """The release that will be live just before ``moment``, and its content in today's shape."""
    coming = Release.objects.scheduled().filter(live_from__lte=moment)
    base = coming.last() or Release.objects.live()
    return base, in_todays_shape(base.content) if base else {}


def lay_rows(keys: Iterable[str], before: Content, working: Content) -> Content:
    """``before`` with these rows as the working copy has them.

    Rows that they refer to and that were never published go along. A row that was
    deleted or is no longer ready leaves, with everything below it.
    """
    content = dict(before)
    for key in keys:
        if key in working:
            _add(key, content, working)
        else:
            content.pop(key, None)
    return prune(content)


def settle() -> None:
    """Build every release that is still to come on what is live before it.

    One that clashes with that, or that preflight now refuses, loses its approval and says
    why; it does not go live unseen. Proposals are rebuilt where they can be. Last, every process
    is told.
    """
    base = Release.objects.live()
    before = in_todays_shape(base.content) if base else {}
    for release in Release.objects.scheduled():
        content, clashes = lay_onto(before, release.changes)
        with speaking(ENGLISH):  # it is kept, for whoever reads it
            why = _why_not(release, content, clashes)
        if why:
            take_back_approval(release, why)
            continue
        _rebuild(release, base, content)
        base, before = release, content
    for proposal in Release.objects.waiting():
        base, before = base_at(max(proposal.live_from, timezone.now()))
        content, clashes = lay_onto(before, proposal.changes)
        if not clashes:
            _rebuild(proposal, base, content)
    announce()


def take_back_approval(release: Release, why: str) -> None:
    """Back to a proposal. Harmless where nobody has approved it."""
    if release.approved_at is None:
        return
    approver = release.approved_by or "A command"
    remark = f"{why} {approver} approved it before; that no longer counts.".strip()
    if release.override_reason:
        remark += f" (Approved alone, with the reason: {release.override_reason})"
    release.approved_at = release.approved_by = None
    release.override_reason = ""
    release.remark = remark
    release.save(update_fields=["approved_at", "approved_by", "override_reason", "remark"])


def touching(keys: Iterable[str]) -> list[Release]:
    """Releases that wait or are scheduled and change any of these rows: worth a warning."""
    wanted = set(keys)
    ahead = [*Release.objects.scheduled(), *Release.objects.waiting()]
    return [release for release in ahead if wanted & set(release.changed_keys)]


def _why_not(release: Release, content: Content, clashes: list[str]) -> str:
    if clashes:
        names = ", ".join(f"“{title_of(content.get(key, {}), default=key)}”" for key in clashes)
        return f"Another release has changed the same rows since: {names}."
    problems = errors_in(build_site(release.number, content))
    if problems:
        return f"With what has gone live since, it cannot: {problems[0].message}"
    return ""


def _rebuild(release: Release, base: Release | None, content: Content) -> None:
    if release.content == content and release.base_id == (base.pk if base else None):
        return
    release.content, release.base, release.built_at = content, base, timezone.now()
    release.save(update_fields=["content", "base", "built_at"])


def _add(key: str, content: Content, working: Content) -> None:
    """Take ``key`` from the working copy, and what it names if that was never published."""
    content[key] = working[key]
    for other in named_by(key, working[key]):
        if other not in content:
            _add(other, content, working)
