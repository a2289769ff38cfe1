"""How long a web process waits for PostgreSQL to answer one statement.

A server that was stopped says so at once. One that is frozen (a paused machine, a disk that does
not come back, a network that swallows everything) says nothing, and its own timeouts are frozen
with it: without a limit on this side, whoever has a connection would wait for ever.
"""

from __future__ import annotations

import functools
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

# Longer than the server's own limits on a visitor's statements, which break off more gently, and
# than anything the desk asks.
PATIENCE: Final = 6.0  # seconds


def begin() -> None:
    """Limit every connection this process makes from now on. Making one has a limit already."""
    connection_created.connect(_limit, dispatch_uid="clinic_site.patience")


def _limit(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    if connection.vendor == "postgresql":
        raw: Any = connection.connection
        raw.wait = functools.partial(_wait, raw)


def _wait(raw: Any, generator: Any, *args: Any, **options: Any) -> Any:
    """What psycopg's own ``wait`` does, and no longer. The connection is of no use afterwards.

    Who brings a limit, as a listener for notifications does, knows what its end means.
    """
    import psycopg  # here, because a site on SQLite does without it

    if options.get("timeout") is not None:
        return type(raw).wait(raw, generator, *args, **options)
    try:
        return type(raw).wait(raw, generator, *args, **{**options, "timeout": PATIENCE})
    except psycopg.errors._WaitTimeout:
        raw.close()
        raise psycopg.OperationalError(f"no answer within {PATIENCE:.0f} seconds") from None
