"""What some tests need of the machine, by their marker: the program, its name, how to get it."""

from __future__ import annotations

import sys
from pathlib import Path

NEEDS = {
    "browser": (Path("/usr/bin/chromium"), "chromium", "apt-get install chromium"),
    "nginx": (Path("/usr/sbin/nginx"), "nginx", "apt-get install nginx"),
    "redis": (Path("/usr/bin/redis-server"), "redis-server", "apt-get install redis-server"),
    "systemd": (Path("/usr/bin/systemd-analyze"), "systemd", "apt-get install systemd"),
    "html": (
        Path(sys.prefix) / "html" / "node_modules" / "html-validate",
        "html-validate",
        "make test, with npm's registry in reach",
    ),
}


def missing() -> list[str]:
    """One line for each thing this machine lacks, with how to get it."""
    return [
        f"tests marked {marker} (no {name}; get it with: {how})"
        for marker, (program, name, how) in NEEDS.items()
        if not program.exists()
    ]
