"""``make test``: run the suite on SQLite, then again on PostgreSQL, and say what was left out.

The run on PostgreSQL is for what asks the database; those before it ran the rest
(``tests/conftest.py``). What needs nothing but Python comes first, and counts the branches of the
code that it takes, in the processes it starts as well: fewer than ``fail_under`` in
``pyproject.toml`` is a failure. ``make coverage`` runs this part alone and lists what was left out.
"""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg

from tests.needs import NEEDS, forgiven, missing

# One more than there are processors: many tests wait for processes, browsers and clocks.
AT_ONCE = (os.cpu_count() or 1) + 1
OF_THE_MACHINE = " or ".join([*NEEDS, "postgres", "faults"])
POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")


def has_postgres() -> bool:
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def run_all_on_sqlite() -> int:
    if sys.argv[1:]:  # some of the tests: they say nothing about all branches
        return run_pytest("SQLite", *sys.argv[1:])
    code = run_counting("--cov-report=")
    return run_pytest("SQLite, what needs this machine", "-m", OF_THE_MACHINE) or code


def run_counting(report: str) -> int:
    return run_pytest("SQLite, counting branches", "-m", f"not ({OF_THE_MACHINE})", "--cov", report)


def run_pytest(label: str, *options: str, **environ: str) -> int:
    print(f"\n== {label}", flush=True)
    # Who is done takes over what others still have before them, so no processor waits at the end.
    spread = [f"--numprocesses={AT_ONCE}", "--dist=worksteal"]
    command = [sys.executable, "-m", "pytest", *spread, *options]
    # Hundreds of processes would compile the whole project, each again, where nothing is kept.
    kept = {name: v for name, v in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(command, env={**kept, **environ}, check=False).returncode


def main() -> int:
    if sys.argv[1:] == ["coverage"]:
        return run_counting("--cov-report=term")
    left_out = missing()
    postgres = has_postgres()
    if not postgres:
        left_out.append(
            "everything on PostgreSQL (no server at TEST_POSTGRES_URL; "
            "get one with: apt-get install postgresql)"
        )
    if left_out and os.environ.get("CLINIC_TESTS_SKIP_NOTHING"):
        print("Nothing may be left out here, but this is missing: " + "; ".join(left_out))
        return 1
    code = run_all_on_sqlite()
    if postgres:
        asks = ["-m", "not browser", *sys.argv[1:]]
        code = run_pytest("PostgreSQL", *asks, TEST_DATABASE_URL=POSTGRES_URL) or code
    for what in [*left_out, *forgiven()]:
        print(f"Left out: {what}")
    return code


if __name__ == "__main__":
    sys.exit(main())
