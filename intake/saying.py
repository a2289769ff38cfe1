"""How a promised time is said to the person it was promised to."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils import timezone

ZONE_NAMES: Final = {
    "America/New_York": "Eastern Time",
    "America/Detroit": "Eastern Time",
    "America/Chicago": "Central Time",
    "America/Denver": "Mountain Time",
    "America/Boise": "Mountain Time",
    "America/Phoenix": "Arizona Time",
    "America/Los_Angeles": "Pacific Time",
    "America/Anchorage": "Alaska Time",
    "Pacific/Honolulu": "Hawaii Time",
    "America/Puerto_Rico": "Atlantic Time",
}


def zone_name(name: str) -> str:
    """``Mountain Time`` for ``America/Denver``; the city's time where people have no such name."""
    return ZONE_NAMES.get(name) or name.rpartition("/")[2].replace("_", " ") + " time"


def day_and_time(moment: datetime) -> str:
    """``Tuesday, November 24, 3:40 pm`` in the clinic's zone; noon and midnight by name.

    Between the figures and "pm" is a no-break space.
    """
    local = timezone.localtime(moment, timezone.get_default_timezone())
    if local.minute == 0 and local.hour in (0, 12):
        clock = "noon" if local.hour else "midnight"
    else:
        clock = f"{local.hour % 12 or 12}:{local:%M}\u00a0{'pm' if local.hour >= 12 else 'am'}"
    return f"{local:%A}, {local:%B} {local.day}, {clock}"
