"""Where readers of an old address are sent. No redirect leads to another, and none in a circle.

That is held twice: ``point`` and ``clear_way`` keep the working rows flat, and ``destinations``
flattens whatever mixture of old and new rows a release turned out to contain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext

from pages.models import Page, Redirect

SLUG_LENGTH = 80


class CannotRedirect(ValueError):
    """Nothing was written. The message says why, for the person who tried."""


def destinations(steps: Mapping[str, str], pages: Collection[str]) -> dict[str, str]:
    """For each address of ``steps`` that is no page, the page it ends at; circles end nowhere."""
    found = {}
    for start in steps:
        seen, here = {start}, steps[start]
        while here not in pages and here in steps and here not in seen:
            seen.add(here)
            here = steps[here]
        if here in pages and start not in pages:
            found[start] = here
    return found


def end_of(*, from_path: str, to_path: str) -> str:
    """Where a redirect between the two ends: a page, in one step.

    Raises :class:`CannotRedirect` when there is a page at ``from_path``, when nothing is at
    ``to_path``, and when that would lead back.
    """
    onward = Redirect.objects.filter(from_path=to_path).first()
    if onward and not _is_page(to_path):
        to_path = onward.to_path
    if to_path == from_path:
        raise CannotRedirect(
            gettext("%(from_path)s would lead back to itself.") % {"from_path": from_path}
        )
    if _is_page(from_path):
        raise CannotRedirect(
            gettext("There is a page at %(from_path)s. Move or delete it first.")
            % {"from_path": from_path}
        )
    if not _is_page(to_path):
        raise CannotRedirect(gettext("There is no page at %(to_path)s.") % {"to_path": to_path})
    return to_path


@transaction.atomic
def point(*, from_path: str, to_path: str, by: User | None) -> Redirect:
    """Send readers of ``from_path`` to ``to_path``, and whoever was sent to ``from_path`` too.

    Raises :class:`CannotRedirect` as :func:`end_of` does.
    """
    to_path = end_of(from_path=from_path, to_path=to_path)
    for earlier in Redirect.objects.filter(to_path=from_path):
        earlier.to_path, earlier.edited_by = to_path, by
        earlier.save()
    row = Redirect.objects.filter(from_path=from_path).first() or Redirect(
        from_path=from_path, slug=slug_for(from_path)
    )
    row.to_path, row.edited_by, row.is_ready = to_path, by, True
    row.save()
    return row


@transaction.atomic
def move(*, before: str, after: str, by: User | None) -> None:
    """A page that stood at ``before`` is saved at ``after``: its readers follow it."""
    clear_way(path=after)
    if before != after and not _is_page(before):
        point(from_path=before, to_path=after, by=by)


def clear_way(*, path: str) -> None:
    """There is a page at ``path`` now, so nobody is sent away from there any more."""
    Redirect.objects.filter(from_path=path).delete()


@transaction.atomic
def leave(*, path: str, to_path: str, by: User | None) -> None:
    """The page at ``path`` was deleted. Its readers go to ``to_path``; with ``""`` they are
    told that it is not there, and so are those who were sent to it."""
    if to_path:
        point(from_path=path, to_path=to_path, by=by)
    else:
        Redirect.objects.filter(to_path=path).delete()


def slug_for(path: str) -> str:
    """The short name of the redirect from ``path``; the same path always has the same."""
    slug = "from-" + path.strip("/").replace("/", "--")
    if len(slug) <= SLUG_LENGTH:
        return slug
    return f"{slug[: SLUG_LENGTH - 13]}-{hashlib.sha256(path.encode()).hexdigest()[:12]}"


def companions(
    keys: Iterable[str],
    *,
    live: Mapping[str, Mapping[str, Any]],
    working: Mapping[str, Mapping[str, Any]],
) -> set[str]:
    """The redirects that have to go live with these rows: those of a page that moves or goes."""
    addresses: set[str] = set()
    for key in keys:
        if key.startswith("page:"):
            old, new = (content.get(key, {}).get("path") for content in (live, working))
            if old != new:
                addresses |= {path for path in (old, new) if path}
    return {
        key
        for content in (live, working)
        for key, fields in content.items()
        if key.startswith("redirect:")
        and live.get(key) != working.get(key)
        and addresses & {fields["from_path"], fields["to_path"]}
    }


def _is_page(path: str) -> bool:
    return Page.objects.filter(path=path).exists()
