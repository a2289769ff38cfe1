"""Reading environment variables: every bad value is named, explained and shown put right."""

from __future__ import annotations

import os
import zoneinfo
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured


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


def time_zone(name: str, default: str) -> str:
    value = text(name) or default
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise refuse(name, f"is not a time zone: {value!r}", "America/Denver") from error
    return value
