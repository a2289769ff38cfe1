"""``make bench``: run the measurements in this folder and write ``bench/RESULTS.md``.

A measurement is a module of this package with ``measure() -> list[str]``, which returns the
lines of its table and notes what has a target (:mod:`bench._verdicts`). Figures are ratios between
things measured side by side in one run. ``make bench ONLY="hits intake"`` runs only those.
"""

from __future__ import annotations

import datetime as dt
import importlib
import os
import pkgutil
import platform
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from bench import _verdicts as verdicts

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
NAMED = ("Django", "gunicorn", "uvloop", "whitenoise", "psycopg", "PyNaCl")
PEERS = ("wagtail", "granian", "whitenoise")


def machine() -> str:
    versions = [f"{name} {version(name)}" for name in NAMED]
    pinned = (HERE / "peers" / "requirements.txt").read_text().splitlines()
    versions += [line.replace("==", " ") for line in pinned if line.startswith(PEERS)]
    if Path("/usr/sbin/nginx").exists():
        done = subprocess.run(["/usr/sbin/nginx", "-v"], capture_output=True, text=True, check=True)
        versions.append(done.stderr.rpartition(" ")[2].strip())
    return (
        f"{dt.datetime.now(dt.UTC):%-d %B %Y}; {os.cpu_count()} cores, {platform.machine()}, "
        f"{platform.system()} {platform.release()}; Python {platform.python_version()}; "
        f"{', '.join(versions)}. Waiting for a processor at the start: {os.getloadavg()[0]:.1f}."
    )


def run(name: str) -> str:
    """The section of one measurement; why there is none when it could not be made."""
    print(f"{name} ...", flush=True)
    began = time.monotonic()
    about = ""
    try:
        module = importlib.import_module(f"bench.{name}")
        about = (module.__doc__ or "").strip()
        lines = module.measure()
    except Exception as error:  # the others are still worth having
        lines = [f"**Could not be measured**: {type(error).__name__}: {str(error)[-400:]}"]
    took = f"_{time.monotonic() - began:.0f} s._"
    return f"## {name}\n\n{about}\n\n" + "\n".join(lines) + f"\n\n{took}\n"


def targets() -> str:
    rows = "\n".join(one.row() for one in verdicts.found)
    return f"## Targets\n\n| figure | must reach | found | |\n|---|---|---|---|\n{rows}\n"


def main() -> int:
    # Ended from outside, it still stops the servers that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    found = pkgutil.iter_modules([str(HERE)])
    names = sorted(one.name for one in found if one.name[0] != "_" and not one.ispkg)
    only = os.environ.get("ONLY", "").split()
    if unknown := set(only) - set(names):
        print(f"There is no {', '.join(sorted(unknown))} among: {', '.join(names)}")
        return 2
    left = f"\nLeft out of this run: {', '.join(sorted(set(names) - set(only)))}.\n" if only else ""
    head = f"# Results\n\n{machine()}\n{left}"
    sections: list[str] = []
    for name in only or names:
        sections.append(run(name))
        RESULTS.write_text("\n".join([head, targets(), *sections]))
    print(RESULTS.read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
