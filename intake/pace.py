"""Work behind the scenes that leaves room for visitors.

Everybody shares the processors, and SQLite has one writer at a time: whoever waits there is not
called but looks again, after a millisecond at first, after a hundred in the end
(``sqliteDefaultBusyCallback``). Somebody who writes again and again is hardly ever found between two
turns, and a visitor's form waits for seconds (docs/decisions/0083-the-worker-makes-room.md).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

LONGEST: Final = 0.2  # seconds

_T = TypeVar("_T")


def unhurried(items: Iterable[_T]) -> Iterator[_T]:
    """The items, with a pause after each that is twice as long as what was done with it."""
    for item in items:
        began = time.monotonic()
        yield item
        time.sleep(min(2 * (time.monotonic() - began), LONGEST))
