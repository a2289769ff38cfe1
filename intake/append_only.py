"""What must never change, the database itself refuses to change, by triggers.

- Audit events and tombstones are only ever added.
- What a visitor sent stays as it came. Only when it was admitted may be noted, and an envelope
  may be replaced by one that is sealed to another key (``manage.py rotate_keys``).
- A submission is deleted only when a tombstone for it was laid before, in the same transaction
  or an earlier one (``intake.retention``). Demo submissions are nobody's and may go.

The code keeps these rules anyway; the triggers are for the mistake, the console and the
database tool. On SQLite a migration that rebuilds one of these tables drops its triggers: end
such a migration with :func:`install`. A test and ``manage.py doctor`` notice a missing one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

_ADDED_ONLY: Final = ("intake_auditevent", "intake_purgetombstone")
_SUBMISSION: Final = "intake_submission"
_FIXED: Final = (
    "id",
    "submission_key",
    "content_mac",
    "reference",
    "received_at",
    "node",
    "suspicion",
    "is_demo",
)
_KEY_OF_ENVELOPE: Final = 11  # bytes: magic and id of the key, see intake.envelope
_HAS_TOMBSTONE: Final = (
    "EXISTS (SELECT 1 FROM intake_purgetombstone t WHERE t.submission_key = OLD.submission_key)"
)
NAMES: Final = tuple(
    f"{table}_no_{event}" for table in (*_ADDED_ONLY, _SUBMISSION) for event in ("update", "delete")
)


def install(database: BaseDatabaseWrapper) -> None:
    """Put every trigger whose table exists in its place, in its present form. Safe to repeat."""
    remove(database)
    build = _sqlite if database.vendor == "sqlite" else _postgresql
    with database.cursor() as cursor:
        for statement in build(_tables(database)):
            cursor.execute(statement)


def remove(database: BaseDatabaseWrapper) -> None:
    """Take the triggers away: before a migration rebuilds a table, and to undo one."""
    tables = _tables(database)
    with database.cursor() as cursor:
        for name in NAMES:
            table = name.rsplit("_", 2)[0]
            if table in tables:
                where = "" if database.vendor == "sqlite" else f" ON {table}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{where}")


def missing() -> list[str]:
    """The names of triggers that should be in the database and are not."""
    if connection.vendor == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D' AND NOT tgisinternal"
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = {name for (name,) in cursor.fetchall()}
    return sorted(set(NAMES) - found)


def _tables(database: BaseDatabaseWrapper) -> list[str]:
    there = set(database.introspection.table_names())
    return [table for table in (*_ADDED_ONLY, _SUBMISSION) if table in there]


def _sqlite(tables: list[str]) -> Iterator[str]:
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in _FIXED)
    start = f"substr({{}}.envelope, 1, {_KEY_OF_ENVELOPE})"
    swapped = f"OLD.envelope IS NOT NEW.envelope AND {start.format('OLD')} = {start.format('NEW')}"
    for table in tables:
        is_form = table == _SUBMISSION
        conditions = {
            "update": f"WHEN {changed} OR ({swapped})" if is_form else "",
            "delete": f"WHEN NOT OLD.is_demo AND NOT {_HAS_TOMBSTONE}" if is_form else "",
        }
        for event, condition in conditions.items():
            yield (
                f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: {event} is refused'); END"
            )


def _postgresql(tables: list[str]) -> Iterator[str]:
    """A condition of a trigger may not ask another table here, so the function does."""
    refuse = "RAISE integrity_constraint_violation USING MESSAGE = TG_TABLE_NAME || ': ' || "
    yield (
        "CREATE OR REPLACE FUNCTION intake_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {refuse} lower(TG_OP) || ' is refused'; END $$"
    )
    yield (
        "CREATE OR REPLACE FUNCTION intake_refuse_unpurged() RETURNS trigger LANGUAGE plpgsql "
        f"AS $$ BEGIN IF NOT OLD.is_demo AND NOT {_HAS_TOMBSTONE} THEN "
        f"{refuse} 'delete is refused'; END IF; RETURN OLD; END $$"
    )
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in _FIXED)
    start = f"substr({{}}.envelope, 1, {_KEY_OF_ENVELOPE})"
    swapped = (
        "OLD.envelope IS DISTINCT FROM NEW.envelope "
        f"AND {start.format('OLD')} = {start.format('NEW')}"
    )
    for table in tables:
        is_form = table == _SUBMISSION
        condition = f"WHEN ({changed} OR ({swapped}))" if is_form else ""
        on_delete = "intake_refuse_unpurged" if is_form else "intake_refuse"
        each = f"ON {table} FOR EACH ROW"
        yield (
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE {each} {condition} "
            "EXECUTE FUNCTION intake_refuse()"
        )
        yield (
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE {each} EXECUTE FUNCTION {on_delete}()"
        )
