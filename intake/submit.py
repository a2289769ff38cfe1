"""Accepting a form. Runs in the internet-facing process, which can write and not read.

A returned :class:`Accepted` is the promise of this project: the request is on disk, once.
"""

from __future__ import annotations

import json
import logging
import socket
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from intake import breaker, keys, spool, writer
from intake.envelope import seal
from intake.models import Submission
from intake.phrases import form_has_crisis_wording
from intake.references import reference_for

log = logging.getLogger(__name__)

_canonical: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Accepted:
    reference: str
    received_at: datetime
    has_crisis_wording: bool


class CannotAccept(Exception):
    """Neither the database nor the spool could take it: show the phone number, no reference."""


def accept(
    *,
    submission_key: UUID,
    content: dict[str, Any],
    suspicion: str = "",
    is_check: bool = False,
    now: datetime | None = None,
) -> Accepted:
    """Seal one form and store it exactly once.

    The same key and content again is the same submission; the same key with other content is
    kept as a correction. ``suspicion`` says why a human should look for spam first; ``is_check``
    that it is nobody's (:mod:`intake.checking`). Waits at most about five seconds, or nine for a
    PostgreSQL that is frozen (``clinic_site.patience``). Raises :exc:`CannotAccept`.
    """
    received_at = now or timezone.now()
    reference = reference_for(submission_key)
    try:
        submission = Submission(
            submission_key=submission_key,
            content_mac=content_mac(submission_key, content),
            reference=reference,
            received_at=received_at,
            envelope=seal(content, reference=reference),
            node=Submission.CHECK_NODE if is_check else socket.gethostname()[:64],
            suspicion=suspicion[:40],
            is_demo=is_check,
        )
    except (keys.KeyMissing, keys.WrongKey) as error:
        log.critical("no request can be accepted: %s", error)
        raise CannotAccept("the public key cannot be used") from error
    store(submission)
    return Accepted(reference, received_at, form_has_crisis_wording(content))


def content_mac(submission_key: UUID, content: dict[str, Any]) -> str:
    """A keyed hash that tells a retry from a correction without showing anything of either."""
    message = submission_key.bytes + _canonical(content).encode("ascii")
    return salted_hmac("intake.content", message, algorithm="sha256").hexdigest()


def store(submission: Submission) -> None:
    """Into the database, or else into the spool. Raises :exc:`CannotAccept`.

    A database that failed a moment ago is not asked (:mod:`intake.breaker`), unless the spool
    fails too: then waiting is better than turning somebody away.
    """
    is_asked = breaker.may_ask()
    if is_asked and _insert(submission):
        return
    try:
        spool.write(submission)
    except OSError as error:
        name = type(error).__name__
        if not is_asked and _insert(submission):
            return
        log.critical("%s was not accepted: %s", submission.reference, name)
        # from None: what the database said may quote the row.
        raise CannotAccept("neither the database nor the spool could take it") from None


def _insert(submission: Submission) -> bool:
    try:
        writer.insert(submission)
    except DatabaseError as error:
        breaker.note_failure()
        # The class name only: a database's message can quote the row.
        log.error("%s goes to the spool: %s", submission.reference, type(error).__name__)
        if not connection.in_atomic_block:
            connection.close()
        return False
    breaker.note_success()
    return True
