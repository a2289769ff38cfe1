"""Small makers: each gives something ordinary, changed where a test says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from intake.admission import admit_pending
from intake.models import CallbackRequest
from intake.submit import Accepted, accept

# A Wednesday, 10:00 in Denver.
NOON = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)


def make_content(**changes: Any) -> dict[str, Any]:
    """A filled-in form as the view hands it over."""
    content: dict[str, Any] = {
        "name": "Ana",
        "phone": "+13035550142",
        "phone_extension": "",
        "phone_as_typed": "(303) 555-0142",
        "email": "",
        "window": "any",
        "voicemail": False,
        "call_consent": True,
        "text_consent": False,
        "email_receipt": False,
        "adult": True,
        "for_whom": "self",
        "state": "CO",
        "time_zone": "",
        "topic": "phone",
        "language": "",
        "form_language": "en",
        "access_needs": "",
        "comment": "",
        "wordings": {
            "call": "call-1",
            "voicemail": "voicemail-1",
            "text": "text-1",
            "email": "email-1",
        },
    }
    return content | changes


def send(
    *,
    key: UUID | None = None,
    now: datetime | None = None,
    suspicion: str = "",
    is_check: bool = False,
    **changes: Any,
) -> Accepted:
    """Send one form."""
    return accept(
        submission_key=key or uuid4(),
        content=make_content(**changes),
        suspicion=suspicion,
        is_check=is_check,
        now=now,
    )


def make_request(
    *, received_at: datetime | None = None, suspicion: str = "", **changes: Any
) -> CallbackRequest:
    """A request on the desk, by the ordinary way."""
    key = uuid4()
    send(key=key, now=received_at or timezone.now(), suspicion=suspicion, **changes)
    admit_pending()
    return CallbackRequest.objects.get(submission_key=key)


def make_user(name: str = "dana", **changes: Any) -> User:
    return User.objects.create_user(username=name, **changes)


def reload(request: CallbackRequest) -> CallbackRequest:
    return CallbackRequest.objects.get(pk=request.pk)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def all_at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run ``work(0)`` to ``work(count - 1)`` in threads that start together.

    Returns what each gave, or the error it raised.
    """
    results: list[Any] = [None] * count
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait()
        try:
            results[number] = work(number)
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@contextmanager
def locked_database() -> Iterator[None]:
    """Somebody else holds what a form needs to be stored."""
    is_locked, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("LOCK TABLE intake_submission IN ACCESS EXCLUSIVE MODE")
            is_locked.set()
            is_over.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    is_locked.wait(20)
    try:
        yield
    finally:
        is_over.set()
        holder.join()
