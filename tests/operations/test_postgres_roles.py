"""``deploy/postgres-roles.sql``: tried, as each role, on a real server."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import errors, sql

from tests.operations.place import ROOT, Place, own_database, postgres_server

pytestmark = pytest.mark.postgres

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
ALLOWED = {("intake_submission", "INSERT"), ("pages_release", "SELECT")}
SCRIPT = "deploy/postgres-roles.sql"
PASSWORD = "only-for-tests"


@dataclass
class Roles:
    url: str
    suffix: str

    def url_as(self, role: str) -> str:
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"clinic_{role}_{self.suffix}:{PASSWORD}@{host}"))

    def apply(self) -> None:
        names = [
            word
            for role in ("owner", "staff", "public")
            for word in ("-v", f"{role}=clinic_{role}_{self.suffix}")
        ]
        subprocess.run(
            ["psql", self.url, "--no-psqlrc", "-v", "ON_ERROR_STOP=1", *names, "-f", SCRIPT],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roles]:
    with own_database(postgres_server()) as url:
        found = Roles(url, uuid.uuid4().hex[:8])
        found.apply()  # before there is a table
        with psycopg.connect(url, autocommit=True) as admin:
            for role in ("owner", "staff", "public"):
                admin.execute(f"ALTER ROLE clinic_{role}_{found.suffix} PASSWORD '{PASSWORD}'")
        owner = Place(tmp_path_factory.mktemp("roles") / "var", found.url_as("owner"))
        owner.must("migrate", "--verbosity=0")
        found.apply()
        yield found
    with psycopg.connect(postgres_server(), autocommit=True) as admin:
        for role in ("public", "staff", "owner"):
            admin.execute(f"DROP ROLE clinic_{role}_{found.suffix}")


def tables(url: str) -> dict[str, str]:
    """Every table with its first column."""
    with psycopg.connect(url) as admin:
        rows = admin.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND ordinal_position = 1"
        )
        return dict(rows.fetchall())


def statement(verb: str, table: str, column: str) -> sql.Composed:
    """One that needs the right and nothing else."""
    text = {
        "SELECT": "SELECT * FROM {} LIMIT 1",
        "INSERT": "INSERT INTO {} DEFAULT VALUES",
        "UPDATE": "UPDATE {} SET {column} = {column}",
        "DELETE": "DELETE FROM {}",
        "TRUNCATE": "TRUNCATE {} CASCADE",
    }[verb]
    return sql.SQL(text).format(sql.Identifier(table), column=sql.Identifier(column))


def is_refused(url: str, query: str | sql.Composed) -> bool:
    with psycopg.connect(url) as connection:
        try:
            connection.execute(query)  # type: ignore[arg-type]
        except errors.InsufficientPrivilege:
            return True
        except psycopg.Error:
            return False  # the right was there; the statement failed for another reason
        finally:
            connection.rollback()
    return False


def test_the_public_role_may_put_submissions_in_and_read_releases_and_nothing_else(
    roles: Roles,
) -> None:
    found = tables(roles.url)
    assert len(found) > 25

    allowed = {
        (table, verb)
        for table, column in found.items()
        for verb in VERBS
        if not is_refused(roles.url_as("public"), statement(verb, table, column))
    }

    assert allowed == ALLOWED


@pytest.mark.parametrize(
    "query",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY pages_release TO PROGRAM 'cat'",
        "SELECT rolpassword FROM pg_authid",
        "SELECT nextval('intake_submission_id_seq')",
        "ALTER TABLE pages_release ADD COLUMN mine int",
    ],
)
def test_the_public_role_cannot_help_itself_to_more(roles: Roles, query: str) -> None:
    assert is_refused(roles.url_as("public"), query)


def test_a_public_process_accepts_a_form_and_finds_the_release(
    roles: Roles, tmp_path: Path
) -> None:
    place = Place(tmp_path / "var", roles.url_as("public"), {"CLINIC_ROLE": "public"})
    written = place.write("P", 2)
    code = (
        "import django; django.setup(); from pages.models import Release;"
        "print(Release.objects.been_live().order_by('-live_from', '-number').first())"
    )

    asked = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=place.environment(), capture_output=True
    )

    assert asked.returncode == 0, asked.stderr
    assert set(written) <= Place(tmp_path / "admin", roles.url).references()


def test_the_staff_role_works_with_rows_but_cannot_rewrite_the_audit_or_tables(
    roles: Roles,
) -> None:
    staff = roles.url_as("staff")

    refused = {
        (table, verb)
        for table, column in tables(roles.url).items()
        for verb in VERBS[:4]
        if is_refused(staff, statement(verb, table, column))
    }

    assert refused == {
        (table, verb)
        for table in ("intake_auditevent", "intake_purgetombstone")
        for verb in ("UPDATE", "DELETE")
    }
    assert is_refused(staff, "CREATE TABLE mine (id int)")
    assert is_refused(staff, "DROP TABLE intake_auditevent")


def test_the_owner_migrates_and_staff_may_use_what_it_makes(roles: Roles, tmp_path: Path) -> None:
    Place(tmp_path / "var", roles.url_as("owner")).must("migrate", "--verbosity=0")
    with psycopg.connect(roles.url_as("owner"), autocommit=True) as owner:
        owner.execute("CREATE TABLE next_release (id int)")

    try:
        assert not is_refused(roles.url_as("staff"), "SELECT * FROM next_release")
        assert is_refused(roles.url_as("public"), "SELECT * FROM next_release")
    finally:
        with psycopg.connect(roles.url_as("owner"), autocommit=True) as owner:
            owner.execute("DROP TABLE next_release")
