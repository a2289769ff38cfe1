"""Reading environment variables: every bad value is named, explained and shown put right."""

from __future__ import annotations

import ipaddress
import os
import re
import zoneinfo
from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ImproperlyConfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def refuse(name: str, problem: str, example: str) -> ImproperlyConfigured:
    """The error that stops the start: the setting's name, what is wrong, an example."""
    return ImproperlyConfigured(f"{name} {problem}. Example: {name}={example}")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool = False) -> bool:
    value = text(name, "yes" if default else "no").lower()
    if value in {"1", "yes", "true", "on"}:
        return True
    if value in {"0", "no", "false", "off", ""}:
        return False
    raise refuse(name, f"must be yes or no, not {value!r}", "yes")


def choice(name: str, options: Sequence[str], default: str) -> str:
    value = text(name) or default
    if value not in options:
        raise refuse(name, f"must be one of {', '.join(options)}, not {value!r}", default)
    return value


def number(name: str, default: int, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``, both included."""
    value = text(name) or str(default)
    if not value.isdecimal() or not low <= int(value) <= high:
        raise refuse(
            name, f"must be a whole number from {low} to {high}, not {value!r}", str(default)
        )
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list without its empty entries."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def segment(name: str, default: str) -> str:
    """The first part of an address: small letters, digits and hyphens, 3 to 40 of them."""
    value = text(name) or default
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{2,39}", value):
        raise refuse(name, f"must be small letters, digits and hyphens, not {value!r}", default)
    return value


def networks(name: str) -> list[Network]:
    """Addresses and networks, separated by commas."""
    found = []
    for word in words(name):
        try:
            found.append(ipaddress.ip_network(word))
        except ValueError as error:
            raise refuse(name, f"has no network {word!r}", "203.0.113.0/24,127.0.0.1") from error
    return found


def day(name: str) -> date | None:
    """A day such as 2027-06-30, or ``None`` when it is not set."""
    value = text(name)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise refuse(name, f"is not a day: {value!r}", "2027-06-30") from error


def time_zone(name: str, default: str) -> str:
    value = text(name) or default
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise refuse(name, f"is not a time zone: {value!r}", "America/Denver") from error
    return value
