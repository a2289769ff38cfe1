"""The database and what goes through it: migrations, clock, spool, worker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import Max
from django.utils import timezone

from clinic_site.backup import database
from clinic_site.doctor.finding import Finding, Level, reason
from intake import spool
from intake.models import Heartbeat, Submission
from intake.orphans import orphans
from intake.status import WORKER_SILENT_AFTER

CLOCK_MAY_DIFFER: Final = timedelta(seconds=2)
CLOCK_MUST_NOT_DIFFER: Final = timedelta(seconds=30)
SPOOL_OLD_AFTER: Final = timedelta(minutes=5)


def check_database() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                yield from _sqlite(cursor)
            else:
                yield from _postgresql(cursor)
    except DatabaseError as error:
        yield Finding(
            "database",
            "fail",
            f"it does not answer: {reason(error)}",
            "Start it, or check DATABASE_URL. Requests are kept in the spool meanwhile.",
        )


def _sqlite(cursor: object) -> Iterator[Finding]:
    mode = _one(cursor, "PRAGMA journal_mode")
    if mode != "wal":
        yield Finding(
            "database",
            "fail",
            f"the journal mode is {mode}",
            "Put it on a local disk, not a share.",
        )
    sound = _one(cursor, "PRAGMA quick_check")
    if sound != "ok":
        yield Finding("database", "fail", f"it is damaged: {sound}", "Restore the last backup.")
    else:
        yield Finding("database", "ok", f"SQLite, sound, at {connection.settings_dict['NAME']}")


def _postgresql(cursor: object) -> Iterator[Finding]:
    if settings.IS_PRODUCTION and _one(cursor, "SELECT rolsuper FROM pg_roles WHERE rolname=user"):
        yield Finding(
            "database",
            "fail",
            "the site connects as a superuser",
            "Use the roles of deploy/postgres-roles.sql in DATABASE_URL.",
        )
    elif encoding := database.narrow_encoding():
        yield Finding(
            "database",
            "fail",
            f"it is kept in {encoding}, which cannot hold every name",
            "Back up, make one with createdb --encoding=UTF8 --template=template0, restore into it.",
        )
    else:
        yield Finding("database", "ok", f"PostgreSQL {_one(cursor, 'SHOW server_version')}")


def check_migrations() -> Iterator[Finding]:
    missing = sorted(database.known_migrations() - set(database.applied_migrations()))
    if missing:
        yield Finding(
            "migrations",
            "fail",
            f"{len(missing)} not applied, the first is {missing[0]}",
            "Run: manage.py prepare",
        )
    else:
        yield Finding("migrations", "ok", "all applied")


def check_clock() -> Iterator[Finding]:
    now = timezone.now()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            there = cursor.fetchone()[0]
        apart = abs(there - now)
        if apart > CLOCK_MAY_DIFFER:
            level: Level = "fail" if apart > CLOCK_MUST_NOT_DIFFER else "warn"
            yield Finding(
                "clock",
                level,
                f"this machine and the database differ by {apart.total_seconds():.0f} s",
                "Run a time service (chrony or systemd-timesyncd) on both.",
            )
            return
    newest = Submission.objects.aggregate(at=Max("received_at"))["at"]
    if newest and newest - now > CLOCK_MUST_NOT_DIFFER:
        yield Finding(
            "clock",
            "fail",
            f"the newest submission is from the future, {newest:%Y-%m-%d %H:%M} UTC",
            "The clock went back, here or on another node: run a time service.",
        )
        return
    yield Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def check_spool() -> Iterator[Finding]:
    damaged = len(list(spool.folder().glob("*.damaged")))
    if damaged:
        yield Finding(
            "spool",
            "fail",
            f"{damaged} damaged files",
            f"Keep them, and find out what the disk did: {spool.folder()}",
        )
    times = [p.stat().st_mtime for p in spool.folder().glob("*.json") if p.exists()]
    now = datetime.now(UTC)
    if times and now - datetime.fromtimestamp(min(times), UTC) > SPOOL_OLD_AFTER:
        yield Finding(
            "spool",
            "fail",
            f"{len(times)} submissions wait, the oldest for more than 5 minutes",
            "Is the database up, and manage.py run_worker running on this node?",
        )
    elif not damaged:
        yield Finding("spool", "ok", f"{len(times)} submissions wait")


def check_orphans() -> Iterator[Finding]:
    found = list(orphans())
    for what in found:
        yield Finding(
            "orphans", "fail", what, "Start the worker; if that does not help, look at the audit."
        )
    if not found:
        yield Finding("orphans", "ok", "nothing is adrift, and what was deleted stays deleted")


def check_worker() -> Iterator[Finding]:
    seen = Heartbeat.objects.aggregate(at=Max("at"))["at"]
    if seen is None:
        yield Finding("worker", "fail", "none has ever run", "Start: manage.py run_worker")
    elif timezone.now() - seen > WORKER_SILENT_AFTER:
        yield Finding(
            "worker",
            "fail",
            f"silent since {seen:%Y-%m-%d %H:%M:%S} UTC",
            "Restart manage.py run_worker and read its log.",
        )
    else:
        yield Finding("worker", "ok", f"seen at {seen:%H:%M:%S} UTC")


def _one(cursor: object, query: str) -> object:
    cursor.execute(query)  # type: ignore[attr-defined]
    return cursor.fetchone()[0]  # type: ignore[attr-defined]
