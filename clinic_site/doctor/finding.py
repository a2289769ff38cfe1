"""One thing that was looked at, and how it was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.db import Error as DatabaseError

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """``check`` names the subject; ``what`` says what was found; ``do`` what to do about it."""

    check: str
    level: Level
    what: str
    do: str = ""


def reason(error: DatabaseError) -> str:
    """The first line of what the database said; later ones may quote a row."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
