"""``python -m tests.project.release VERSION``: keep a populated database of this version.

Run once with each release, before the next migration is written. ``test_upgrades.py`` then brings
every file in ``released/`` up to date, with SQLite and with PostgreSQL. Nobody in them exists.
"""

from __future__ import annotations

import gzip
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from tests.operations.place import Place, own_database

RELEASED = Path(__file__).parent / "released"
SERVER = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")


def main(version: str) -> None:
    with tempfile.TemporaryDirectory() as folder, own_database(SERVER) as url:
        place = _filled(Place(Path(folder) / "one"))
        with closing(sqlite3.connect(place.var / "clinic.sqlite3")) as database:
            _keep(f"{version}.sqlite.sql.gz", "\n".join(database.iterdump()))
        _filled(Place(Path(folder) / "two", url))
        dump = ["pg_dump", "--no-owner", "--no-privileges", f"--dbname={url}"]
        done = subprocess.run(dump, capture_output=True, text=True, check=True)
        _keep(f"{version}.postgresql.sql.gz", done.stdout)


def _filled(place: Place) -> Place:
    place.must("migrate", "--verbosity=0")
    place.must("intake_keys", "--create")
    place.must("setup_intake")
    place.must("load_content")
    place.must("create_staff", "released", "--role", "supervisor", "--generate")
    place.must("demo_queue", "12")
    return place


def _keep(name: str, text: str) -> None:
    RELEASED.mkdir(exist_ok=True)
    (RELEASED / name).write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{RELEASED / name}: {(RELEASED / name).stat().st_size // 1024} kB")


if __name__ == "__main__":
    main(sys.argv[1])
