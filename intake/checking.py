"""A synthetic request through the whole path, and away again: does the intake work right now?

It goes in as a visitor's does, is admitted, listed and deleted. The last three happen in one
transaction, so nobody else ever sees the request; no worker admits its form, it queues no mail,
and no count has it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import timezone

from intake import spool
from intake.admission import read, take
from intake.clock import promise
from intake.envelope import (
    EnvelopeMoved,
    EnvelopeTampered,
    KeyMissing,
    WrongKey,
    open_submission,
)
from intake.listing import waiting
from intake.models import CallbackRequest, Submission
from intake.retention import delete
from intake.status import WORKER_SILENT_AFTER, status
from intake.submit import CannotAccept, accept
from intake.wordings import WORDINGS

_LEFT_OVER_AFTER: Final = timedelta(minutes=10)  # from a check that was killed
_CONTENT: Final[dict[str, Any]] = {
    "name": "check_intake",
    "phone": "+13035550100",  # set aside for fiction
    "phone_extension": "",
    "phone_as_typed": "303-555-0100",
    "email": "",
    "window": "any",
    "voicemail": False,
    "call_consent": True,
    "text_consent": False,
    "email_receipt": False,
    "adult": None,
    "for_whom": "self",
    "state": "CO",
    "time_zone": "",
    "topic": "phone",
    "language": "",
    "form_language": "en",
    "access_needs": "",
    "comment": "",
    "wordings": {purpose: wording.wording_id for purpose, wording in WORDINGS["en"].items()},
}


class CheckFailed(Exception):
    """Says at which step the path is broken, and what to look at."""


def check(*, now: datetime | None = None) -> list[str]:
    """Walk the whole path; a sentence for each step. Raises :exc:`CheckFailed`."""
    moment = now or timezone.now()
    key = uuid4()
    said = []
    try:
        _clear(Submission.objects.filter(received_at__lt=moment - _LEFT_OVER_AFTER))
        submission = _send(key, moment)
        said.append("A form was accepted and sealed, and is in the database.")
        _admit_list_delete(submission, moment)
        said.append("It opened, was admitted with its two promises, and was on the list.")
        _clear(Submission.objects.filter(submission_key=key))
        said.append(_worker(moment))
    except DatabaseError as error:
        name = type(error).__name__
        raise CheckFailed(f"The database failed ({name}): manage.py doctor says more.") from None
    finally:
        for path in spool.folder().glob(f"{key}-*.json"):
            path.unlink(missing_ok=True)
    return said


def _clear(rows: Any) -> None:
    rows.filter(node=Submission.CHECK_NODE).delete()


def _send(key: UUID, now: datetime) -> Submission:
    try:
        accept(submission_key=key, content=_CONTENT, is_check=True, now=now)
    except CannotAccept as error:
        raise CheckFailed(f"No form can be accepted now: {error}.") from error
    submission = Submission.objects.filter(submission_key=key).first()
    if submission is None:
        raise CheckFailed(
            "The form went to the spool because the database took too long or refused. Visitors "
            "get their confirmation, but nothing reaches the desk: manage.py doctor says more."
        )
    return submission


def _admit_list_delete(submission: Submission, now: datetime) -> None:
    try:
        content = open_submission(submission, actor=None, purpose="check")
        facts = read(content)
    except (KeyMissing, WrongKey, EnvelopeTampered, EnvelopeMoved) as error:
        raise CheckFailed(f"What is sealed here does not open: {error}.") from error
    if content != _CONTENT:
        raise CheckFailed("The form did not come out of its envelope as it went in.")
    with transaction.atomic():
        take(submission, facts, now)
        request = CallbackRequest.objects.get(submission_key=submission.submission_key)
        listed = [one for one in waiting(now=now) if one.request.pk == request.pk]
        due = promise(now)
        is_right = request.attempt_due_at == due.attempt_due_at and len(listed) == 1
        delete(request, action="checked")
    if not is_right:
        raise CheckFailed("The request was admitted, but is not on the list as it should be.")


def _worker(now: datetime) -> str:
    seen = status(now=now).worker_last_seen
    if seen is None or now - seen > WORKER_SILENT_AFTER:
        raise CheckFailed(
            "The path works, but no worker has finished a round in the last 2 minutes: start "
            "manage.py run_worker, or requests reach the desk only when somebody opens it."
        )
    return "A worker is running."
