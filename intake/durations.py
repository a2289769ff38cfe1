"""Arithmetic on times that the database does itself, written for SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import BigIntegerField, FloatField, Func, IntegerField

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Seconds(Func):
    """Seconds from the second time to the first. SQLite's keep milliseconds only."""

    output_field = FloatField()
    arity = 2

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "((julianday(%(expressions)s)) * 86400.0)"
        return self.as_sql(
            compiler, connection, template=template, arg_joiner=") - julianday(", **extra
        )

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "(EXTRACT(EPOCH FROM (%(expressions)s))::float8)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **extra)


class EpochHour(Func):
    """Whole hours since 1970 began in UTC, for a generated column."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        # Four: Django fills this in twice, here and when it writes the column's definition.
        template = "(CAST(strftime('%%%%s', %(expressions)s) AS integer) / 3600)"
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        # Without the zone it would depend on the session, and could not be kept in a column.
        template = "CAST(FLOOR(EXTRACT(EPOCH FROM (%(expressions)s) AT TIME ZONE 'UTC') / 3600) AS integer)"
        return self.as_sql(compiler, connection, template=template, **extra)


class EpochMicros(Func):
    """Microseconds since 1970 began in UTC, exact, for a generated column."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        # Kept as text, behind the point none or six digits; strftime() would round them up.
        template = (
            "(CAST(strftime('%%%%s', substr(%(expressions)s, 1, 19)) AS integer) * 1000000"
            " + CAST(substr(%(expressions)s, 21) AS integer))"
        )
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = (
            "CAST(EXTRACT(EPOCH FROM (%(expressions)s) AT TIME ZONE 'UTC') * 1000000 AS bigint)"
        )
        return self.as_sql(compiler, connection, template=template, **extra)


def epoch_micros(moment: datetime) -> int:
    """The same for a time at hand."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def epoch_hour(moment: datetime) -> int:
    """The same for a time at hand."""
    return (moment - EPOCH) // timedelta(hours=1)


def hour_began(number: int) -> datetime:
    """When the hour with this number began, in UTC."""
    return EPOCH + timedelta(hours=number)


class Unindexed(Func):
    """A number that SQLite must not look up by an index of its own: another one fits better."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s", **extra)


class Whole(Func):
    """A number that is not negative, without what follows the point."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="CAST(%(expressions)s AS integer)", **extra
        )

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        # There a cast rounds.
        template = "CAST(FLOOR(%(expressions)s) AS integer)"
        return self.as_sql(compiler, connection, template=template, **extra)
