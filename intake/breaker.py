"""A short memory of a database that just failed, so that visitors do not wait for it in turn.

Each process remembers for itself. While it rests, forms go straight to the spool. Afterwards one
visitor's form tries the database for all; the others are not kept waiting behind it.
"""

from __future__ import annotations

import threading
import time
from typing import Final

REST: Final = 5.0  # seconds

_lock = threading.Lock()
_asked_again_at: float | None = None  # by the monotonic clock; none while all is well


def may_ask() -> bool:
    """Whether to try the database now. While it is away, one caller in each rest may."""
    global _asked_again_at
    with _lock:
        if _asked_again_at is None:
            return True
        now = time.monotonic()
        if now < _asked_again_at:
            return False
        _asked_again_at = now + REST
        return True


def note_failure() -> None:
    global _asked_again_at
    with _lock:
        _asked_again_at = time.monotonic() + REST


def note_success() -> None:
    global _asked_again_at
    with _lock:
        _asked_again_at = None
