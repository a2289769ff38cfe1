"""The files in which the processes of one service count, so that any of them answers for all.

``prometheus_client`` maps a file per process and kind into memory and leaves two things to us:

- Where a disk is full, writing to a mapped file that has holes kills the process (SIGBUS). So each
  file gets all its room before it is mapped, or nothing is counted.
- Files of processes that ended pile up, and to remove them would make the counters go backwards.
  So what they counted is added to one file, that of the process 0.
"""

from __future__ import annotations

import fcntl
import logging
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings
from prometheus_client.core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

KINDS: Final = ("counter", "histogram")
ROOM: Final = 64 * 1024  # bytes; what the library maps at first. All our labels need a third
_OF_THE_DEAD: Final = 0  # no process of ours has this number

log = logging.getLogger(__name__)

_lock = threading.Lock()
_ready_in: int | None = None  # the process whose files have their room


def make_ready() -> None:
    """Give this process its files; at once when it has them.

    Raises :exc:`OSError` when there is no room: then nothing may be counted.
    """
    global _ready_in
    process = os.getpid()
    if _ready_in == process:
        return
    with _lock, _alone():
        _add_up_the_dead()
        for kind in KINDS:
            _reserve(_path(kind, process))
        _ready_in = process


class Counts(Collector):
    """What all processes counted, those that ended included."""

    def collect(self) -> Iterator[Metric]:
        with _alone():
            _add_up_the_dead()
            collector = MultiProcessCollector(None, str(settings.METRICS_DIR))  # type: ignore[no-untyped-call]
            yield from list(collector.collect())  # type: ignore[no-untyped-call]


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the folder: a reader must meet neither a file without its beginning nor one counted
    twice. Raises :exc:`OSError`."""
    settings.METRICS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(settings.METRICS_DIR, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _path(kind: str, process: int) -> Path:
    return settings.METRICS_DIR / f"{kind}_{process}.db"


def _reserve(path: Path) -> None:
    """Make sure that every byte of the file has its place on the disk. Raises :exc:`OSError`."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.posix_fallocate(handle, 0, ROOM)
    except OSError:
        path.unlink()  # readers choke on an empty file
        raise
    finally:
        os.close(handle)


def _add_up_the_dead() -> None:
    """Move what ended processes counted into one file for each kind."""
    for kind in KINDS:
        for path in settings.METRICS_DIR.glob(f"{kind}_*.db"):
            process = int(path.stem.partition("_")[2])
            if process == _OF_THE_DEAD or _is_alive(process):
                continue
            try:
                _add(path, _path(kind, _OF_THE_DEAD))
            except OSError as error:
                log.warning("%s stays: %s", path.name, error.strerror)
                continue
            except (struct.error, RuntimeError, ValueError):
                log.warning("%s is damaged and was not counted", path.name)
            path.unlink()


def _add(source: Path, target: Path) -> None:
    counted = list(MmapedDict.read_all_values_from_file(source))  # type: ignore[no-untyped-call]
    _reserve(target)
    total = MmapedDict(target)  # type: ignore[no-untyped-call]
    try:
        for key, value, *_ in counted:
            total.write_value(key, total.read_value(key)[0] + value, 0.0)  # type: ignore[no-untyped-call]
    finally:
        total.close()  # type: ignore[no-untyped-call]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
