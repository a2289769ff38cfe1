"""How a row of the working copy stands against the live site, in words for staff."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from pages.models import Row
from pages.releases import Content
from pages.said import Said


class Standing(Said):
    """How one working row stands against the live site."""

    LIVE = gettext_noop("Live")
    CHANGED = gettext_noop("Changed since it went live")
    NEVER = gettext_noop("Never published")
    NOT_READY = gettext_noop("Not ready")
    WITHDRAWN = gettext_noop("Live, but no longer ready")


def standing_of(row: Row, *, live: Content, working: Content) -> Standing:
    """How ``row`` stands; both contents are asked for so that a list reads them once."""
    if row.key not in working:
        return Standing.WITHDRAWN if row.key in live else Standing.NOT_READY
    if row.key not in live:
        return Standing.NEVER
    return Standing.LIVE if live[row.key] == working[row.key] else Standing.CHANGED
