"""``make bench``: run every measurement in this folder and write ``bench/RESULTS.md``.

A measurement is a module of this package with ``measure() -> list[str]``, which returns the
lines of its table. Figures are ratios between things measured side by side in one run.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import sys
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
NAMED = ("Django", "gunicorn", "whitenoise", "psycopg", "PyNaCl")


def machine() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in NAMED)
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, {versions}"
    )


def main() -> int:
    names = sorted(m.name for m in pkgutil.iter_modules([str(RESULTS.parent)]) if m.name[0] != "_")
    sections = [f"# Results\n\n{machine()}\n"]
    for name in names:
        module = importlib.import_module(f"bench.{name}")
        print(f"{name} ...", flush=True)
        sections.append(f"## {name}\n\n" + "\n".join(module.measure()) + "\n")
    if not names:
        print("There is no measurement in bench/ yet.")
        return 0
    RESULTS.write_text("\n".join(sections))
    print(RESULTS.read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
