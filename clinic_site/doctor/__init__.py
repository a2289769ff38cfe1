"""What is wrong with this installation, and what to do about it.

Each check yields findings; a finding that is not fine says what to do. Nothing here says
anything about a visitor, and nothing is changed but for the message that ``--mail`` sends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from django.conf import settings
from django.db import Error as DatabaseError

from clinic_site.doctor import data, duties, machine
from clinic_site.doctor.finding import Finding, reason

Check = Callable[[], Iterator[Finding]]

_ANYWHERE: Final[tuple[Check, ...]] = (
    machine.check_settings,
    machine.check_permissions,
    machine.check_disk,
    machine.check_tls,
    machine.check_static,
    duties.check_intake_keys,
    duties.check_telephone,
    data.check_spool,
    data.check_database,
)
# The public role may not read any of these tables, so it is not asked.
_ON_THE_STAFF_SIDE: Final[tuple[Check, ...]] = (
    data.check_migrations,
    data.check_clock,
    data.check_worker,
    data.check_orphans,
    duties.check_mail,
    duties.check_backups,
)


def examine() -> Iterator[Finding]:
    """Every check, each on its own: one that fails to run is a finding, not an end."""
    for check in _ANYWHERE if settings.ROLE == "public" else _ANYWHERE + _ON_THE_STAFF_SIDE:
        name = check.__name__.removeprefix("check_").replace("_", " ")
        try:
            yield from check()
        except DatabaseError as error:
            advice = "Put the database right first, then run this again."
            yield Finding(name, "fail", f"not checked: {reason(error)}", advice)
        except Exception as error:  # a doctor that falls ill helps nobody
            what = f"not checked: {type(error).__name__}: {error}"
            yield Finding(name, "fail", what, "Put that right first, then run this again.")
