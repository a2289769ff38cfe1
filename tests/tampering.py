"""Somebody who gets past the guards in the database: with the rights of its owner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from intake import append_only


@contextmanager
def guards_down(database: BaseDatabaseWrapper = connection) -> Iterator[None]:
    """Inside, rows can be changed and deleted that the triggers of intake.append_only protect."""
    if database.vendor == "sqlite":
        append_only.remove(database)
        yield
        append_only.install(database)
        return
    # Not by dropping them: PostgreSQL refuses that in the transaction of a test that wrote rows.
    with database.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = DEFAULT")


def tampered(envelope: bytes | memoryview) -> bytes:
    """The same with one bit turned over: never by chance what it was."""
    kept = bytes(envelope)
    return kept[:-1] + bytes([kept[-1] ^ 1])
