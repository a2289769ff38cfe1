"""The loop behind everything that may wait a moment.

Each step is idempotent and commits as it goes, so a worker can be killed anywhere and any
number of workers can run. A step that fails does not keep the next one from running.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from intake import spool
from intake.admission import admit_pending
from intake.claims import release_expired
from intake.escalation import escalate
from intake.keys import KeyMissing, WrongKey
from intake.models import Heartbeat
from intake.outbox import send_due
from intake.retention import purge, replay_tombstones

PAUSE: Final = 2.0  # seconds between two rounds
LONGEST_PAUSE: Final = 60.0  # seconds, while the database is away

Step = Callable[[], int]

_drain: Final = partial(spool.drain, paced=True)
# A public node has no private key and may not read: it only empties its spool.
PUBLIC_STEPS: Final[tuple[tuple[str, Step], ...]] = (("drain", _drain),)
STEPS: Final[tuple[tuple[str, Step], ...]] = (
    ("drain", _drain),
    ("admit", partial(admit_pending, paced=True)),
    ("escalate", escalate),
    ("send", send_due),
    ("release", release_expired),
)
# These look at every request, so not in every round. The first round is one of theirs: what a
# restored backup brought back goes before anybody is told of it.
HOURLY_FIRST: Final[tuple[tuple[str, Step], ...]] = (("replay", replay_tombstones),)
HOURLY_STEPS: Final[tuple[tuple[str, Step], ...]] = (("purge", purge),)
HOUR: Final = 3600.0  # seconds

log = logging.getLogger(__name__)


class Stop(Protocol):
    """What tells the worker to end, such as a :class:`threading.Event`."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float) -> bool: ...


def run_once(stop: Stop | None = None, *, hourly: bool = True) -> bool:
    """One round of all steps; ``False`` if the database was away.

    Stops between two steps once ``stop`` is set.
    """
    for name, step in _steps(hourly):
        if stop is not None and stop.is_set():
            return True
        try:
            done = step()
        except DatabaseError as error:
            # The class name only: a database's message can quote a row.
            log.error("the database failed during %s: %s", name, type(error).__name__)
            _let_go()
            return False
        except Exception as error:  # one broken step must not stop the others
            log.error("%s failed: %s", name, _reason(error))
        else:
            if done:
                log.info("%s: %s", name, done)
    return settings.ROLE == "public" or _beat()


def _steps(hourly: bool) -> tuple[tuple[str, Step], ...]:
    if settings.ROLE == "public":
        return PUBLIC_STEPS
    return HOURLY_FIRST + STEPS + HOURLY_STEPS + _steps_of_others() if hourly else STEPS


def _steps_of_others() -> tuple[tuple[str, Step], ...]:
    """What the rest of the project wants done once an hour; the settings name it."""
    return tuple((name, import_string(path)) for name, path in settings.HOURLY_STEPS.items())


def run(stop: Stop, *, pause: float = PAUSE) -> None:
    """Rounds until ``stop`` is set, further apart while the database is away."""
    wait, due = pause, time.monotonic()
    while not stop.is_set():
        close_old_connections()
        hourly = time.monotonic() >= due
        went_well = run_once(stop, hourly=hourly)
        if went_well and hourly:
            due = time.monotonic() + HOUR
        wait = pause if went_well else min(wait * 2, LONGEST_PAUSE)
        stop.wait(wait)


def _beat() -> bool:
    name = f"{socket.gethostname()[:60]}:{os.getpid()}"
    try:
        Heartbeat.objects.update_or_create(worker=name, defaults={"at": timezone.now()})
    except DatabaseError as error:
        log.error("the database failed during the heartbeat: %s", type(error).__name__)
        _let_go()
        return False
    return True


def _let_go() -> None:
    if not connection.in_atomic_block:
        connection.close()


def _reason(error: Exception) -> str:
    """What may be logged: our own key errors explain themselves, others may quote anything."""
    return str(error) if isinstance(error, KeyMissing | WrongKey) else type(error).__name__
