"""How PostgreSQL is spoken to: nothing waits for ever, and a process can be held to few lines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.operations.place import ROOT, Place

pytestmark = pytest.mark.postgres

SERVER = os.environ.get("TEST_POSTGRES_URL", "")

BUSY = """
import threading, django; django.setup()
from django.db import close_old_connections, connection
pids, together = set(), threading.Barrier(12)
def ask():
    together.wait()
    for _ in range(20):
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            pids.add(cursor.fetchone()[0])
        connection.close()
threads = [threading.Thread(target=ask) for _ in range(12)]
[t.start() for t in threads]; [t.join() for t in threads]
print(len(pids))
"""
SHOW = """
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
        cursor.execute(f"show {name}"); print(cursor.fetchone()[0])
"""


def run(script: str, var: Path, **environ: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=Place(var, SERVER).environment(**environ),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_no_statement_and_no_forgotten_transaction_lasts(tmp_path: Path) -> None:
    assert run(SHOW, tmp_path) == ["30s", "1min"]


def test_twelve_threads_can_be_held_to_three_connections(tmp_path: Path) -> None:
    (used,) = run(BUSY, tmp_path, CLINIC_DATABASE_POOL="3")

    assert int(used) <= 3


def test_without_a_pool_each_thread_has_its_own(tmp_path: Path) -> None:
    (used,) = run(BUSY, tmp_path)

    assert int(used) > 3
