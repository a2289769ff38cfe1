"""A populated database of every released version is brought up to date, and nothing goes missing.

``release.py`` makes the files. Old code must be able to work with the new tables for a while:
docs/operations.md, "A new version", says what a migration may do.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.operations.place import ROOT, Place, own_database, postgres_server
from tests.project.release import RELEASED

VERSIONS = sorted({path.name.rsplit(".", 3)[0] for path in RELEASED.glob("*.sql.gz")})
# What migrate itself fills in anew, and what a start writes.
MAY_DIFFER = {"django_migrations", "django_content_type", "auth_permission", "intake_heartbeat"}
LOOK = """
import json, django; django.setup()
from django.db import connection
from pages.live import live_site
tables = [t for t in connection.introspection.table_names() if not t.startswith("sqlite_")]
with connection.cursor() as cursor:
    def count(table):
        cursor.execute(f'SELECT count(*) FROM "{table}"')
        return cursor.fetchone()[0]
    rows = {table: count(table) for table in tables}
try:
    pages = len(live_site().pages)
except Exception:
    pages = None  # an old database, seen by new code
print(json.dumps([rows, pages]))
"""


def look(place: Place) -> tuple[dict[str, int], int | None]:
    """The number of rows in each table, and how many pages the site has."""
    words = [sys.executable, "-c", LOOK]
    env = place.environment()
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    rows, pages = json.loads(done.stdout.splitlines()[-1])
    return rows, pages


def bring_up_to_date(place: Place) -> None:
    before, _ = look(place)

    place.must("migrate", "--verbosity=0")

    after, pages = look(place)
    kept = {table: n for table, n in before.items() if table not in MAY_DIFFER}
    assert before["intake_callbackrequest"] == 12
    assert {table: after.get(table) for table in kept} == kept
    assert pages is not None
    assert pages >= 13
    assert "unbroken" in place.must("verify_audit")
    place.must("migrate", "--check")


def test_there_is_a_file_of_every_version_for_both_databases() -> None:
    assert VERSIONS
    for version in VERSIONS:
        for kind in ("sqlite", "postgresql"):
            assert (RELEASED / f"{version}.{kind}.sql.gz").exists()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_released_database_on_sqlite_is_brought_up_to_date(version: str, tmp_path: Path) -> None:
    text = gzip.decompress((RELEASED / f"{version}.sqlite.sql.gz").read_bytes()).decode()
    with closing(sqlite3.connect(tmp_path / "clinic.sqlite3")) as database:
        database.executescript(text)

    bring_up_to_date(Place(tmp_path))

    with closing(sqlite3.connect(tmp_path / "clinic.sqlite3")) as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.postgres
@pytest.mark.parametrize("version", VERSIONS)
def test_a_released_database_on_postgresql_is_brought_up_to_date(
    version: str, tmp_path: Path
) -> None:
    text = gzip.decompress((RELEASED / f"{version}.postgresql.sql.gz").read_bytes())
    with own_database(postgres_server()) as url:
        words = ["psql", url, "--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1"]
        subprocess.run(words, input=text, check=True, capture_output=True)

        bring_up_to_date(Place(tmp_path, url))
