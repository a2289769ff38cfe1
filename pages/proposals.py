"""Proposals: releases that wait for a person, and what becomes of them.

Every write is keyword-only and atomic, takes the publishers' lock first, and leaves
all releases that are still to come built on the live one (``schedule.settle``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext

from pages.changesets import ChangeSet, changes_between, fingerprint, lay_onto
from pages.medical import medical_among
from pages.models import PublishingPolicy, Release
from pages.preflight import Problem, errors_in
from pages.releases import Content, title_of, working_content
from pages.schedule import base_at, lay_rows, settle, take_back_approval
from pages.site import build_site

# Any number, as long as nothing else in the database locks the same one.
PUBLISHERS_LOCK = 866_951_4325


class CannotPublish(Exception):
    """Nothing was done. The message says why, in words for the person who tried."""

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


@transaction.atomic
def propose(
    *,
    content: Content,
    by: User | None,
    note: str = "",
    needs_second_person: bool = True,
    live_from: dt.datetime | None = None,
) -> Release:
    """A release that waits for approval. ``live_from`` defaults to the moment of approval.

    Raises :class:`CannotPublish` for a moment that has passed, for content that the site
    has at that moment anyway, and for content that preflight refuses.
    """
    lock_publishing()
    now = timezone.now()
    _refuse_past(live_from, now)
    base, before = base_at(live_from or now)
    changes = _changes(before, content)
    number = (Release.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    refuse_errors(content, number=number)
    return Release.objects.create(
        number=number,
        content=content,
        built_at=now,
        changes=changes,
        changed_keys=list(changes),
        live_from=live_from or now,
        note=note,
        base=base,
        proposed_by=by,
        proposed_at=now,
        needs_second_person=needs_second_person,
    )


@transaction.atomic
def approve(
    *, number: int, by: User | None, override_reason: str = "", seen: str | None = None
) -> Release:
    """Sign a proposal off; it goes live at once, or when its ``live_from`` comes.

    ``seen`` is :func:`what_is_proposed` as the approver saw it. ``override_reason`` lets
    somebody who holds ``pages.override_second_person`` approve their own; it stays on the
    release. Where the live site has moved on, the changes are laid onto it, as long as
    nobody has touched the same rows.

    Raises :class:`CannotPublish`.
    """
    lock_publishing()
    release = _waiting(number)
    if seen is not None and seen != what_is_proposed(release):
        raise CannotPublish(
            gettext("Release %(number)s was changed while you read it. Look at it again.")
            % {"number": number}
        )
    now = timezone.now()
    live_from = max(release.live_from, now)
    base, before = base_at(live_from)
    content, clashes = lay_onto(before, release.changes)
    if clashes:
        raise CannotPublish(_clash(number, clashes, before, content))
    needs = release.needs_second_person or wants_second_person(release.changes, before, by)
    reason = _reason_to_approve_alone(release, by, override_reason) if needs else ""
    refuse_errors(content, number=number)
    Release.objects.filter(pk=release.pk).update(
        content=content,
        built_at=now,
        base=base,
        live_from=live_from,
        approved_by=by,
        approved_at=now,
        needs_second_person=needs,
        override_reason=reason,
        remark="",
    )
    settle()
    release.refresh_from_db()
    return release


@transaction.atomic
def amend(
    *,
    number: int,
    by: User | None,
    note: str | None = None,
    live_from: dt.datetime | None = None,
    refresh: bool = False,
) -> Release:
    """Change a proposal, or an approved release whose moment has not come: its note, its
    moment (``None``: at approval), and with ``refresh`` its rows, to what the working copy
    says of them now.

    An approval given before is void, and whoever amends it is its proposer from now on.
    """
    lock_publishing()
    now = timezone.now()
    release = _not_live_yet(number)
    _refuse_past(live_from, now)
    take_back_approval(release, "")
    base, before = base_at(live_from or now)
    if refresh:
        content = lay_rows(release.changed_keys, before, working_content())
        clashes: list[str] = []
    else:
        content, clashes = lay_onto(before, release.changes)
    if clashes:
        raise CannotPublish(_clash(number, clashes, before, content))
    changes = _changes(before, content)
    refuse_errors(content, number=number)
    needs = release.needs_second_person or wants_second_person(changes, before, by)
    Release.objects.filter(pk=release.pk).update(
        content=content,
        built_at=now,
        changes=changes,
        changed_keys=list(changes),
        base=base,
        live_from=live_from or now,
        note=release.note if note is None else note,
        proposed_by=by,
        proposed_at=now,
        needs_second_person=needs,
    )
    settle()
    release.refresh_from_db()
    return release


@transaction.atomic
def close(*, number: int, by: User | None, remark: str) -> Release:
    """Decline a proposal, withdraw one's own, or cancel a release whose moment has not come.

    What it would have changed stays in the working copy. Raises :class:`CannotPublish`
    where there is no remark, and once the release is live.
    """
    lock_publishing()
    release = _not_live_yet(number)
    if not remark.strip():
        raise CannotPublish(gettext("Say why, in a few words, for whoever proposed it."))
    take_back_approval(release, "")
    Release.objects.filter(pk=release.pk).update(
        closed_by=by, closed_at=timezone.now(), remark=remark.strip()
    )
    settle()
    release.refresh_from_db()
    return release


def what_is_proposed(release: Release) -> str:
    """Changes when anything changes that an approver decides on."""
    return fingerprint([release.changes, release.note, release.live_from.isoformat()])


def wants_second_person(changes: ChangeSet, before: Content, by: User | None) -> bool:
    """Whether the clinic's policy asks for one.

    The policy is for people. A command run on the server (``by`` is None) is bound by
    the operator's rules instead; it can say with an ``override_reason`` why it acted.
    """
    policy = PublishingPolicy.now().second_person
    if by is None or policy == PublishingPolicy.SecondPerson.OFF:
        return False
    if policy == PublishingPolicy.SecondPerson.EVERYTHING:
        return True
    after, _ = lay_onto(before, changes)
    return bool(medical_among(list(changes), before=before, after=after))


def refuse_errors(content: Content, *, number: int) -> None:
    """Raise :class:`CannotPublish` with the problems when preflight finds an error."""
    problems = errors_in(build_site(number, content))
    if problems:
        raise CannotPublish(
            gettext("Some things must be put right before this can go live."), problems
        )


def lock_publishing() -> None:
    """Let publishers queue until the transaction ends, so that each builds on the last.

    SQLite's transactions begin IMMEDIATE (settings), which is already one writer at a time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PUBLISHERS_LOCK])


def _waiting(number: int) -> Release:
    release = Release.objects.get(number=number)
    if release.approved_at:
        raise CannotPublish(
            gettext("Release %(number)s has already been approved.") % {"number": number}
        )
    if release.closed_at:
        raise CannotPublish(
            gettext("Release %(number)s has been closed: %(remark)s")
            % {"number": number, "remark": release.remark}
        )
    return release


def _not_live_yet(number: int) -> Release:
    release = Release.objects.get(number=number)
    if release.closed_at:
        raise CannotPublish(
            gettext("Release %(number)s has been closed: %(remark)s")
            % {"number": number, "remark": release.remark}
        )
    if release.approved_at and release.live_from <= timezone.now():
        raise CannotPublish(
            gettext("Release %(number)s is live or was; it can only be undone.")
            % {"number": number}
        )
    return release


def _reason_to_approve_alone(release: Release, by: User | None, reason: str) -> str:
    """The reason to keep on record: empty where two people agree. Raises where it takes two."""
    two_people = by is not None and release.proposed_by_id not in (None, by.pk)
    if two_people:
        return ""
    if not reason.strip() and by is not None and release.proposed_by_id is None:
        raise CannotPublish(
            gettext("Nobody is on record as its proposer. Change it, then it is yours.")
        )
    if not reason.strip():
        raise CannotPublish(gettext("Someone other than its proposer has to approve this."))
    if by is not None and not by.has_perm("pages.override_second_person"):
        raise CannotPublish(gettext("You may not approve your own proposal, even with a reason."))
    return reason.strip()


def _changes(before: Content, after: Content) -> ChangeSet:
    changes = changes_between(before, after)
    if not changes:
        raise CannotPublish(
            gettext("There is nothing to publish: the live site already says this.")
        )
    return changes


def _refuse_past(live_from: dt.datetime | None, now: dt.datetime) -> None:
    if live_from is not None and live_from <= now:
        raise CannotPublish(gettext("That moment has passed. Choose a later one, or none."))


def _clash(number: int, keys: list[str], before: Content, after: Content) -> str:
    names = ", ".join(
        f"“{title_of(before.get(key) or after.get(key) or {}, default=key)}”" for key in keys
    )
    return gettext(
        "The live site has changed since release %(number)s was proposed, in the same rows: %(names)s. Look at them, then bring the proposal up to date."
    ) % {"number": number, "names": names}
