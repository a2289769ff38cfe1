"""Copying the database out and in, while others use it, on both engines.

SQLite: its online backup interface, in one step: with write-ahead logging that is one snapshot
that holds nobody up, and writers cannot make it start over.
PostgreSQL: ``pg_dump`` and ``pg_restore --single-transaction``.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Final

from django.db import connection
from django.db.migrations.loader import MigrationLoader

SQLITE_NAME: Final = "database.sqlite3"
POSTGRES_NAME: Final = "database.pgdump"


class DatabaseNotCopied(Exception):
    """The copy could not be made or put back; the message says what the database said."""


def engine() -> str:
    """``sqlite`` or ``postgresql``."""
    return connection.vendor


def narrow_encoding() -> str:
    """How a PostgreSQL database keeps text, where that cannot hold every name; else nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        encoding = str(cursor.fetchone()[0])
    return "" if encoding == "UTF8" else encoding


def copy_name() -> str:
    return SQLITE_NAME if engine() == "sqlite" else POSTGRES_NAME


def sqlite_path() -> Path:
    """Where the SQLite database lies, or will lie."""
    return Path(connection.settings_dict["NAME"])


def copy_out(target: Path) -> None:
    """Write one consistent snapshot to ``target``. Raises :exc:`DatabaseNotCopied`."""
    if engine() == "sqlite":
        _copy_sqlite(sqlite_path(), target)
    else:
        _run(
            ["pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={target}"],
            "pg_dump",
        )


def copy_in(source: Path) -> None:
    """Fill the empty database from a snapshot, wholly or not at all.

    Raises :exc:`DatabaseNotCopied`.
    """
    if engine() == "sqlite":
        check_sqlite(source)
        target = sqlite_path()
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection.close()
        if target.exists():  # an empty one, made beforehand with the rights it shall have
            source.chmod(target.stat().st_mode & 0o777)
        for tail in ("-wal", "-shm"):  # left by an empty database that somebody opened
            target.with_name(target.name + tail).unlink(missing_ok=True)
        os.replace(source, target)  # noqa: PTH105 - one atomic step within a file system
    else:
        _run(
            [
                "pg_restore",
                "--single-transaction",
                "--exit-on-error",
                "--no-owner",
                "--no-acl",
                f"--dbname={connection.settings_dict['NAME']}",
                str(source),
            ],
            "pg_restore",
        )


def is_empty() -> bool:
    """True when the database has no table yet; a SQLite file need not even exist."""
    if engine() == "sqlite":
        path = sqlite_path()
        if not path.exists() or path.stat().st_size == 0:
            return True
    return not connection.introspection.table_names()


def applied_migrations() -> list[str]:
    """What the database has had applied, as ``app.name``."""
    loader = MigrationLoader(connection, ignore_no_migrations=True)
    return sorted(f"{app}.{name}" for app, name in loader.applied_migrations or ())


def known_migrations() -> set[str]:
    """What this version of the code knows, as ``app.name``; asks no database."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return {f"{app}.{name}" for app, name in loader.disk_migrations or ()}


def check_sqlite(path: Path) -> None:
    """Raise :exc:`DatabaseNotCopied` unless SQLite finds its own file sound."""
    try:
        with closing(sqlite3.connect(path)) as database:
            found = database.execute("PRAGMA integrity_check").fetchone()[0]
            broken = database.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise DatabaseNotCopied(f"SQLite cannot read the copy: {error}") from error
    if found != "ok" or broken:
        raise DatabaseNotCopied(f"SQLite finds the copy damaged: {broken or found}")


def _copy_sqlite(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=rw", uri=True, timeout=30)) as original,
            closing(sqlite3.connect(target)) as copy,
        ):
            original.backup(copy)
            # The copy is one file: nothing of it may wait in a log beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise DatabaseNotCopied(f"SQLite could not copy {source}: {error}") from error
    check_sqlite(target)


def _run(command: list[str], program: str) -> None:
    settings = connection.settings_dict
    given = {
        "PGHOST": settings["HOST"],
        "PGPORT": settings["PORT"],
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],  # in the environment: others may read arguments
        "PGDATABASE": settings["NAME"],
        "PGSSLMODE": settings.get("OPTIONS", {}).get("sslmode", ""),
        "PGSSLROOTCERT": settings.get("OPTIONS", {}).get("sslrootcert", ""),
        "PGCONNECT_TIMEOUT": "10",
    }
    environ = {**os.environ, **{name: str(value) for name, value in given.items() if value}}
    try:
        subprocess.run(  # noqa: S603 - fixed programs, no shell
            command, env=environ, check=True, capture_output=True, text=True
        )
    except FileNotFoundError as error:
        raise DatabaseNotCopied(
            f"{program} is missing; get it with: apt-get install postgresql-client"
        ) from error
    except subprocess.CalledProcessError as error:
        said = " ".join(error.stderr.split()) or "nothing"
        raise DatabaseNotCopied(f"{program} failed and said: {said}") from error
