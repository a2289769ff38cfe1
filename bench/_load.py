"""Load by wrk, and what it costs the server: CPU time of its processes, from ``/proc``."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

WRK: Final = Path("/usr/bin/wrk")
SCRIPT: Final = Path(__file__).parent / "load.lua"
SECONDS: Final = int(os.environ.get("BENCH_SECONDS", "3"))
ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "3"))
_TICK: Final = os.sysconf("SC_CLK_TCK")


class CannotMeasure(Exception):
    """Something this machine lacks; the message says what, and how to get it."""


@dataclass(frozen=True)
class Load:
    count: float
    per_second: float
    errors: float  # answers of 400 and above, and lines that broke
    p50: float  # milliseconds
    p99: float
    cpu: float  # microseconds of the server's processes for each answer, user and system


def load(
    server: int,
    url: str,
    *,
    clients: int,
    seconds: int = SECONDS,
    headers: Mapping[str, str] | None = None,
    bodies: Path | None = None,
) -> Load:
    """``clients`` lines kept busy for ``seconds``; ``server`` is the first process of the server."""
    if not WRK.exists():
        raise CannotMeasure("no wrk; get it with: apt-get install wrk")
    given = "".join(f"{name}: {value}\n" for name, value in (headers or {}).items())
    before = cpu_seconds(server)
    done = subprocess.run(
        [WRK, "-t1", f"-c{clients}", f"-d{seconds}", "--timeout", "20", "-s", SCRIPT, url],
        env={**os.environ, "HEADERS": given, "BODIES": str(bodies or "")},
        capture_output=True,
        text=True,
        check=True,
    )
    spent = cpu_seconds(server) - before
    line = next(one for one in done.stdout.splitlines() if one.startswith("FIGURES"))
    count, lasted, errors, p50, p99 = (float(part) for part in line.split()[1:])
    per_second = count / lasted * 1e6 if lasted else 0
    return Load(count, per_second, errors, p50 / 1e3, p99 / 1e3, spent * 1e6 / max(count, 1))


def in_turn(runs: Mapping[str, Callable[[], Load]], *, rounds: int = ROUNDS) -> dict[str, Load]:
    """Each run in turn, ``rounds`` times; the medians. A slow minute then slows all of them."""
    found: dict[str, list[Load]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            found[name].append(run())
    return {name: median(each) for name, each in found.items()}


def median(loads: list[Load]) -> Load:
    return Load(*(statistics.median(getattr(x, f.name) for x in loads) for f in fields(Load)))


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its children so far, in steps of 10 ms."""
    try:
        parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        own = (int(parts[11]) + int(parts[12])) / _TICK
    except OSError:
        return 0.0
    return own + sum(cpu_seconds(child) for child in children(pid))


def children(pid: int) -> list[int]:
    try:
        return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def unique_set_size(pid: int) -> float:
    """Memory that only this process has, in megabytes (10^6 bytes)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(one.split()[1]) for one in lines if one.startswith("Private_")) * 1024 / 1e6
