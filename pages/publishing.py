"""Putting content live: what the buttons of the admin do, each keyword-only and atomic.

Every release passes preflight, whoever publishes it. Where the clinic's policy asks for a
second person, the release returned waits for one (``approved_at`` is None).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from pages.changesets import changes_between, inverse_of, lay_onto
from pages.models import Release
from pages.proposals import (
    CannotPublish,
    amend,
    approve,
    close,
    lock_publishing,
    propose,
    refuse_errors,
    wants_second_person,
)
from pages.redirects import companions
from pages.releases import (
    Content,
    foreign_keys_of,
    in_todays_shape,
    model_of,
    title_of,
    working_content,
)
from pages.schedule import base_at, lay_rows

__all__ = [
    "CannotPublish",
    "amend",
    "approve",
    "close",
    "propose",
    "propose_rows",
    "publish_all",
    "publish_rows",
    "refuse_errors",
    "restore",
    "undo",
]


@transaction.atomic
def publish_rows(
    *,
    keys: Iterable[str],
    by: User | None,
    note: str = "",
    live_from: dt.datetime | None = None,
) -> Release:
    """A new release: the site at that moment plus these rows as the working copy has them.

    Rows that they refer to and that were never published go along. A row that was
    deleted or is no longer ready leaves the site, with everything below it.
    """
    lock_publishing()
    content = _with_rows(keys, live_from)
    return _publish(content=content, by=by, note=note, live_from=live_from)


@transaction.atomic
def propose_rows(
    *,
    keys: Iterable[str],
    by: User | None,
    note: str = "",
    live_from: dt.datetime | None = None,
) -> Release:
    """The same as a proposal, whatever the policy: its proposer wants a second person."""
    lock_publishing()
    return propose(content=_with_rows(keys, live_from), by=by, note=note, live_from=live_from)


@transaction.atomic
def publish_all(*, by: User | None, note: str = "", override_reason: str = "") -> Release:
    """A new release that equals the working copy."""
    lock_publishing()
    content = working_content()
    return _publish(content=content, by=by, note=note, override_reason=override_reason)


@transaction.atomic
def restore(*, number: int, by: User | None, note: str = "") -> Release:
    """A new release with the content of release ``number``. Working rows stay."""
    lock_publishing()
    old = Release.objects.been_live().get(number=number)
    note = note or f"Back to release {number}"
    return _publish(content=in_todays_shape(old.content), by=by, note=note)


@transaction.atomic
def undo(*, number: int, by: User | None) -> Release:
    """A new release without the changes of release ``number``; later changes stay.

    Raises :class:`CannotPublish` and names the rows that were changed again since.
    """
    lock_publishing()
    undone = Release.objects.been_live().get(number=number)
    _, before = base_at(timezone.now())
    content, clashes = lay_onto(before, inverse_of(undone.changes))
    if clashes:
        names = ", ".join(f"“{title_of(before.get(key, {}), default=key)}”" for key in clashes)
        raise CannotPublish(
            gettext("Later releases have changed the same rows again: %(names)s.")
            % {"names": names}
        )
    return _publish(content=content, by=by, note=f"Undoes release {number}")


def _publish(
    *,
    content: Content,
    by: User | None,
    note: str,
    live_from: dt.datetime | None = None,
    override_reason: str = "",
) -> Release:
    """Propose, and approve at once where that takes no second person."""
    _, before = base_at(live_from or timezone.now())
    needs = wants_second_person(changes_between(before, content), before, by)
    proposal = propose(
        content=content,
        by=by,
        note=note,
        needs_second_person=needs or bool(override_reason),
        live_from=live_from,
    )
    if needs and not override_reason:
        return proposal
    return approve(number=proposal.number, by=by, override_reason=override_reason)


def _with_rows(keys: Iterable[str], live_from: dt.datetime | None) -> Content:
    _, before = base_at(live_from or timezone.now())
    working = working_content()
    wanted = set(keys)
    wanted |= companions(wanted, live=before, working=working)
    for key in wanted - working.keys():
        if _waits_for_another(key, wanted):
            raise CannotPublish(
                gettext(
                    "“%(key)s” cannot go live: what it belongs to is not ready. Make that ready first."
                )
                % {"key": key}
            )
    return lay_rows(wanted, before, working)


def _waits_for_another(key: str, wanted: set[str]) -> bool:
    """Whether the row is ready but hangs below one that is not, and that is not asked for too."""
    model = model_of(key)
    foreign_keys = foreign_keys_of(model)
    rows = model._default_manager.filter(slug=key.partition(":")[2], is_ready=True)
    row = rows.select_related(*foreign_keys).first()
    if row is None:
        return False
    parents = (getattr(row, name) for name in foreign_keys)
    return wanted.isdisjoint(parent.key for parent in parents if parent)
