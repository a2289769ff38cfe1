"""Counts that the processes of one machine share: a file for each stretch of time.

Lines are appended, which is atomic, and each process remembers what it has read. A count costs the
same however much was counted before, makes no file and waits for no disk.
"""

from __future__ import annotations

import functools
import threading
from collections import Counter
from io import FileIO
from pathlib import Path
from typing import NamedTuple


class Wish(NamedTuple):
    """To be among the first ``limit`` different marks of a counter."""

    counter: bytes
    mark: bytes
    limit: int


class Tally:
    """What one file says, as far as this process has read it.

    A line for each thing counted (its counter, its mark) or noted (its mark, the moment). The
    order of the lines decides who was first, so all processes agree without a lock between them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.turn = threading.Lock()
        self.read_to = 0  # bytes
        self.counts: Counter[bytes] = Counter()
        self.ranks: dict[bytes, int] = {}  # of a mark, within its counter
        self.moments: dict[bytes, float] = {}

    def admits(self, *wishes: Wish) -> bool:
        """Whether each is among the first of its counter. Where one is not, none is counted."""
        with self.turn, FileIO(self.path, "a+") as file:
            self._read_on(file)
            new = [wish for wish in wishes if wish.mark not in self.ranks]
            if any(self.counts[wish.counter] >= wish.limit for wish in new):
                return False
            if new:
                file.write(b"".join(b"count %b %b\n" % wish[:2] for wish in new))
                self._read_on(file)
            return all(self.ranks.get(wish.mark, 0) <= wish.limit for wish in wishes)

    def first(self, mark: bytes, moment: float) -> float:
        with self.turn, FileIO(self.path, "a+") as file:
            self._read_on(file)
            if mark not in self.moments:
                file.write(b"moment %b %r\n" % (mark, moment))
                self._read_on(file)
            return self.moments.get(mark, moment)

    def _read_on(self, file: FileIO) -> None:
        """Take in the lines that are new; one that is still being written waits."""
        file.seek(self.read_to)
        lines = file.readall()
        lines = lines[: lines.rfind(b"\n") + 1]
        self.read_to += len(lines)
        for line in lines.splitlines():
            match line.split(b" "):
                case [b"count", counter, mark] if mark not in self.ranks:
                    self.counts[counter] += 1
                    self.ranks[mark] = self.counts[counter]
                case [b"moment", mark, moment]:
                    self.moments.setdefault(mark, float(moment))


@functools.lru_cache(maxsize=8)
def open_tally(var: Path, window: int, stretch: int) -> Tally:
    """What is counted in this stretch. What earlier ones of the same length counted is removed."""
    root = var / "limits"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in root.glob(f"{window}-*"):
        if path.is_file() and path.name != f"{window}-{stretch}":
            path.unlink(missing_ok=True)
    return Tally(root / f"{window}-{stretch}")
