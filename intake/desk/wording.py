"""How the desk says times: short, tabular, the same everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from django.utils import dateformat, timezone
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

NOTHING = "\N{EN DASH}"  # where there is nothing to show


def span(length: timedelta) -> str:
    """A length of time: ``35 min``, ``4 h 05``, ``11 h``, ``2 d 3 h``. Negative ones lose their sign."""
    minutes = int(abs(length).total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 10:
        return f"{hours} h {rest:02}" if rest else f"{hours} h"
    if hours < 48:
        return f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def time_of_day(moment: datetime, zone: tzinfo | None = None) -> str:
    """``10:14 am`` in ``zone``, by default the clinic's; ``noon`` and ``midnight`` by name."""
    local = timezone.localtime(moment, zone)
    if local.minute == 0 and local.hour in (0, 12):
        return gettext("noon") if local.hour else gettext("midnight")
    return f"{local.hour % 12 or 12}:{local:%M} {half_of_day(local)}"


def half_of_day(local: datetime) -> str:
    return pgettext("desk", "pm") if local.hour >= 12 else pgettext("desk", "am")


def day(moment: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """``today``, ``tomorrow``, or ``Tue 24 Nov``."""
    local = timezone.localtime(moment, zone).date()
    distance = (local - timezone.localtime(now, zone).date()).days
    if distance in (0, 1):
        return gettext("tomorrow") if distance else gettext("today")
    return dateformat.format(local, gettext("D j M"))


def is_today(moment: datetime, now: datetime, zone: tzinfo | None = None) -> bool:
    return timezone.localtime(moment, zone).date() == timezone.localtime(now, zone).date()


def day_with_time(moment: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """``today 10:14 am``, ``tomorrow 8:15 am``, ``Tue 24 Nov 8:15 am``."""
    return f"{day(moment, now, zone)} {time_of_day(moment, zone)}"


def day_and_time(moment: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """The same where today goes without saying: ``10:14 am``."""
    if is_today(moment, now, zone):
        return time_of_day(moment, zone)
    return day_with_time(moment, now, zone)


def count_requests(number: int) -> str:
    """``1 request``, ``2 requests``."""
    return ngettext("%(n)s request", "%(n)s requests", number) % {"n": number}


ZONE_NAMES = {
    "America/New_York": _("Eastern"),
    "America/Detroit": _("Eastern"),
    "America/Chicago": _("Central"),
    "America/Denver": _("Mountain"),
    "America/Boise": _("Mountain"),
    "America/Phoenix": _("Arizona"),
    "America/Los_Angeles": _("Pacific"),
    "America/Anchorage": _("Alaska"),
    "Pacific/Honolulu": _("Hawaii"),
    "America/Puerto_Rico": _("Puerto Rico"),
    "Pacific/Guam": _("Guam"),
    "Pacific/Pago_Pago": _("Samoa"),
}


def zone_name(name: str) -> str:
    """``Mountain`` for ``America/Denver``; the city of a zone without a common name."""
    if name in ZONE_NAMES:
        return str(ZONE_NAMES[name])
    return name.rpartition("/")[2].replace("_", " ")
