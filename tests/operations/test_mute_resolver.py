"""A database whose name nobody can look up is away, and counts as away before visitors give up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.operations.place import ROOT, Place

# Two tries of five seconds are what the system's resolver does by itself (resolv.conf(5)).
OF_THE_SYSTEM = 10.0  # seconds

CONNECT = """
import socket, time
mute = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
mute.bind(("127.0.0.1", 53))
import django
django.setup()
from django.db import OperationalError, connection
began = time.monotonic()
try:
    connection.ensure_connection()
except OperationalError:
    print(time.monotonic() - began)
"""


@pytest.mark.networks
def test_a_resolver_that_says_nothing_is_not_waited_for_as_long_as_usual(tmp_path: Path) -> None:
    place = Place(tmp_path / "var", "postgres://clinic@database.example/clinic")
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.1\n")
    inside = f'ip link set lo up && mount --bind {resolver} /etc/resolv.conf && exec "$@"'

    done = subprocess.run(
        ["unshare", "--net", "--mount", "sh", "-ec", inside, "sh", sys.executable, "-c", CONNECT],
        cwd=ROOT,
        env=place.environment(DJANGO_SETTINGS_MODULE="clinic_site.settings"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert 1 < float(done.stdout) < OF_THE_SYSTEM / 2
