"""How the desk says times: short, tabular, the same everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from django.utils import timezone

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
        return "noon" if local.hour else "midnight"
    return f"{local.hour % 12 or 12}:{local:%M} {'pm' if local.hour >= 12 else 'am'}"


def day(moment: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """``today``, ``tomorrow``, or ``Tue 24 Nov``."""
    local = timezone.localtime(moment, zone).date()
    distance = (local - timezone.localtime(now, zone).date()).days
    if distance in (0, 1):
        return ("today", "tomorrow")[distance]
    return f"{local:%a} {local.day} {local:%b}"


def day_with_time(moment: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """``today 10:14 am``, ``tomorrow 8:15 am``, ``Tue 24 Nov 8:15 am``."""
    return f"{day(moment, now, zone)} {time_of_day(moment, zone)}"


def day_and_time(moment: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """The same where today goes without saying: ``10:14 am``."""
    when, time = day(moment, now, zone), time_of_day(moment, zone)
    return time if when == "today" else f"{when} {time}"


def count(number: int, one: str, many: str) -> str:
    """``1 request``, ``2 requests``."""
    return f"{number} {one if number == 1 else many}"


ZONE_NAMES = {
    "America/New_York": "Eastern",
    "America/Detroit": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Boise": "Mountain",
    "America/Phoenix": "Arizona",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
    "America/Puerto_Rico": "Puerto Rico",
    "Pacific/Guam": "Guam",
    "Pacific/Pago_Pago": "Samoa",
}


def zone_name(name: str) -> str:
    """``Mountain`` for ``America/Denver``; the city of a zone without a common name."""
    return ZONE_NAMES.get(name) or name.rpartition("/")[2].replace("_", " ")
