"""Why a submission looks like spam. It is held for a person to look at, never dropped, and the
sender sees the ordinary confirmation: a wrong guess must cost nobody their call for good."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Final

from intake import limits
from intake.tokens import FormToken

TOO_FAST: Final = timedelta(seconds=3)
LINK: Final = re.compile(r"https?://|www\.|<a\s|\[url|\[link", re.IGNORECASE)
LINKS_ALLOWED: Final = 1
REPEATS_ALLOWED: Final = 3  # a day: two tabs and a worried second try are people


def suspicion(*, content: dict[str, Any], trap: str, token: FormToken, now: datetime) -> str:
    """The first reason that holds: ``trap``, ``too-fast``, ``links`` or ``repeated``; or ""."""
    if trap:
        return "trap"
    if not token.is_shown_again and timedelta(0) <= token.age(now) < TOO_FAST:
        return "too-fast"
    if LINK.search(content["name"]) or len(LINK.findall(content["comment"])) > LINKS_ALLOWED:
        return "links"
    return "repeated" if _is_repeated(content, token) else ""


def _is_repeated(content: dict[str, Any], token: FormToken) -> bool:
    """Whether the same words came today with several other forms; a retry of one form is not that."""
    words = "\0".join(content[name] for name in ("name", "phone", "email", "comment"))
    try:
        return not limits.admits(
            "words", words, token.submission_key.hex, REPEATS_ALLOWED, window=limits.DAY
        )
    except OSError:
        return False
