"""Which time zones may the person be in? From what they said, their state, or their number.

A phone number moves with its owner, and 13 states have two zones. So there are two answers:
the likeliest zone, to show (marked as a guess unless the person told us), and every zone that
is possible: a call must be lawful in all of them.
"""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from typing import Final

import phonenumbers
from django.conf import settings
from phonenumbers import timezone as phone_zones

_EASTERN: Final = "America/New_York"
_CENTRAL: Final = "America/Chicago"
_MOUNTAIN: Final = "America/Denver"
_PACIFIC: Final = "America/Los_Angeles"

# The 48 states that touch, for numbers that tell nothing (toll-free, personal).
CONTIGUOUS: Final = (_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC)

# A number that may be in more zones than this tells nothing.
_TOO_MANY: Final = 4

# Where most people of the state live comes first. Source: 49 CFR part 71, time zone
# boundaries; Arizona's Navajo Nation keeps daylight time, the rest of the state does not.
STATE_ZONES: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        [
            "CT",
            "DC",
            "DE",
            "GA",
            "MA",
            "MD",
            "ME",
            "NC",
            "NH",
            "NJ",
            "NY",
            "OH",
            "PA",
            "RI",
            "SC",
            "VA",
            "VT",
            "WV",
        ],
        (_EASTERN,),
    ),
    **dict.fromkeys(
        ["AL", "AR", "IA", "IL", "LA", "MN", "MO", "MS", "OK", "WI"],
        (_CENTRAL,),
    ),
    **dict.fromkeys(("CO", "MT", "NM", "UT", "WY"), (_MOUNTAIN,)),
    **dict.fromkeys(("CA", "WA"), (_PACIFIC,)),
    "AK": ("America/Anchorage", "America/Adak"),
    "AZ": ("America/Phoenix", _MOUNTAIN),
    "FL": (_EASTERN, _CENTRAL),
    "HI": ("Pacific/Honolulu",),
    "ID": ("America/Boise", _PACIFIC),
    "IN": ("America/Indiana/Indianapolis", _CENTRAL),
    "KS": (_CENTRAL, _MOUNTAIN),
    "KY": (_EASTERN, _CENTRAL),
    "MI": ("America/Detroit", _CENTRAL),
    "ND": (_CENTRAL, _MOUNTAIN),
    "NE": (_CENTRAL, _MOUNTAIN),
    "NV": (_PACIFIC, _MOUNTAIN),
    "OR": (_PACIFIC, "America/Boise"),
    "SD": (_CENTRAL, _MOUNTAIN),
    "TN": (_CENTRAL, _EASTERN),
    "TX": (_CENTRAL, _MOUNTAIN),
    "AS": ("Pacific/Pago_Pago",),
    "GU": ("Pacific/Guam",),
    "MP": ("Pacific/Guam",),
    "PR": ("America/Puerto_Rico",),
    "VI": ("America/St_Thomas",),
}


@dataclass(frozen=True, slots=True)
class Whereabouts:
    zone: str  # the likeliest, to show
    possible: tuple[str, ...]  # a call must be lawful in each of these
    is_guess: bool


def whereabouts(*, phone: str, state: str, asked: str = "") -> Whereabouts:
    """Where the person may be. ``phone`` in E.164 or empty; ``asked`` is the zone they chose.

    What they said holds. A state with one zone is as good; in one with several, the number may
    say which is likelier, never which are possible. Nothing at all: the clinic's own zone.
    """
    if asked and _exists(asked):
        return Whereabouts(asked, (asked,), is_guess=False)
    by_phone = _zones_of_phone(phone)
    by_state = STATE_ZONES.get(state.upper(), ())
    if len(by_state) == 1:
        return Whereabouts(by_state[0], by_state, is_guess=False)
    if by_state:
        likely = [zone for zone in by_phone if zone in by_state]
        best = likely[0] if len(likely) == 1 else by_state[0]
        return Whereabouts(best, by_state, is_guess=True)
    if by_phone:
        own = settings.TIME_ZONE
        best = own if own in by_phone else by_phone[0]
        return Whereabouts(best, by_phone, is_guess=True)
    return Whereabouts(settings.TIME_ZONE, (settings.TIME_ZONE,), is_guess=True)


def zone_for(phone: str, state: str) -> tuple[str, bool]:
    """The likeliest zone and whether it is a guess."""
    found = whereabouts(phone=phone, state=state)
    return found.zone, found.is_guess


def _zones_of_phone(phone: str) -> tuple[str, ...]:
    if not phone:
        return ()
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return ()
    found = tuple(z for z in phone_zones.time_zones_for_number(number) if _exists(z))
    if not found or len(found) > _TOO_MANY:
        return CONTIGUOUS if number.country_code == 1 else found
    return found


def _exists(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
