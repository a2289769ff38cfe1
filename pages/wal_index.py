"""Whether anybody has written to an SQLite database, seen without asking SQLite.

In WAL mode a commit changes the header of the WAL index before it is acknowledged. The index is
memory that all processes share, and SQLite itself compares this header to learn whether what it
has read still holds (sqlite.org/walformat.html, section 2). Here it is compared and never
understood.

The file is opened once and never closed: a process that closes any descriptor of a file loses all
its locks on that file, SQLite's among them (sqlite.org/howtocorrupt.html, section 2.2). Hence libc
instead of :mod:`mmap`, which closes a descriptor of its own.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from mmap import MAP_SHARED, PROT_READ
from pathlib import Path
from typing import Final

HEADER: Final = 96  # bytes; two copies of the same 48
MOST: Final = 8  # databases that were put in the place of each other, while a process lives

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long)
_Header: Final = ctypes.c_char * HEADER
_FAILED: Final = ctypes.c_void_p(-1).value

_opening = threading.Lock()
_mapped: dict[tuple[int, int], int] = {}  # addresses, by device and inode


def watch(database: Path) -> Callable[[], bytes] | None:
    """What returns other bytes once another connection has committed; ``None`` where there is no
    WAL. This process must have read from the database, and must keep that connection."""
    index = Path(f"{database}-shm")
    try:
        with _opening:
            file = index.stat()
            address = _mapped.get((file.st_dev, file.st_ino))
            if address is None:
                if file.st_size < HEADER or len(_mapped) >= MOST:
                    return None
                address = _map(index)
    except OSError:
        return None
    header = _Header.from_address(address)
    return lambda: header.raw


def _map(index: Path) -> int:
    descriptor = os.open(index, os.O_RDONLY)  # never to be closed: see above
    address = _libc.mmap(None, HEADER, PROT_READ, MAP_SHARED, descriptor, 0)
    if address is None or address == _FAILED:
        raise OSError(ctypes.get_errno(), "The WAL index cannot be mapped")
    file = os.fstat(descriptor)
    _mapped[file.st_dev, file.st_ino] = address
    return int(address)
