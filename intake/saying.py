"""How a promised time is said to the person it was promised to."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

ZONE_NAMES: Final = {
    "America/New_York": _("Eastern Time"),
    "America/Detroit": _("Eastern Time"),
    "America/Chicago": _("Central Time"),
    "America/Denver": _("Mountain Time"),
    "America/Boise": _("Mountain Time"),
    "America/Phoenix": _("Arizona Time"),
    "America/Los_Angeles": _("Pacific Time"),
    "America/Anchorage": _("Alaska Time"),
    "Pacific/Honolulu": _("Hawaii Time"),
    "America/Puerto_Rico": _("Atlantic Time"),
}


def zone_name(name: str) -> str:
    """``Mountain Time`` for ``America/Denver``; the city's time where people have no such name."""
    if name in ZONE_NAMES:
        return str(ZONE_NAMES[name])
    return gettext("%(city)s time") % {"city": name.rpartition("/")[2].replace("_", " ")}


def day_and_time(moment: datetime) -> str:
    """``Tuesday, November 24, 3:40 pm`` in the clinic's zone; noon and midnight by name.

    Between the figures and "pm" is a no-break space.
    """
    local = timezone.localtime(moment, timezone.get_default_timezone())
    if local.minute == 0 and local.hour in (0, 12):
        clock = gettext("noon") if local.hour else gettext("midnight")
    else:
        half = gettext("pm") if local.hour >= 12 else gettext("am")
        clock = f"{local.hour % 12 or 12}:{local:%M}\u00a0{half}"
    return f"{date_format(local, gettext('l, F j'))}, {clock}"
