"""Believable requests to try the desk with: sealed like real ones, marked, removable."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from intake.admission import admit_pending
from intake.attempts import record_attempt
from intake.envelope import seal
from intake.models import CallbackRequest, Submission
from intake.moves import NotAllowed
from intake.references import reference_for
from intake.retention import delete
from intake.submit import content_mac
from intake.wordings import WORDINGS

CALLER: Final = "demo-coordinator"  # an account nobody can sign in to

_NAMES: Final = [
    "Marisol",
    "Theo",
    "Ines",
    "Wendell",
    "Priya",
    "Jonah",
    "Odalys",
    "Ruth",
    "Emeka",
    "Lena",
    "Tomas",
    "Yuki",
    "Basma",
    "Callum",
    "Noor",
    "Greta",
    "Isaac",
    "Paloma",
    "Desmond",
    "Fern",
]
# Area codes with their states; 555-0100 to 555-0199 are set aside for fiction.
_PLACES: Final = (
    ("303", "CO"),
    ("719", ""),
    ("801", "UT"),
    ("307", "WY"),
    ("505", "NM"),
    ("915", "TX"),
    ("212", ""),
    ("808", "HI"),
)
_COMMENTS: Final = (
    "",
    "",
    "",
    "Please speak slowly.",
    "I work nights, so not too early.",
    "My daughter may answer.",
    "Prefiero hablar en español.",
    "Some days I can't go on.",
)
_OUTCOMES: Final = ("no_answer", "no_answer", "busy", "call_later", "booked", "declined")


def fill(count: int, *, now: datetime, seed: int = 7) -> int:
    """Add ``count`` demo requests from the last day and a half, some of them tried already."""
    chance = random.Random(seed)  # noqa: S311 - a show, not a secret
    Submission.objects.bulk_create(_submission(chance, now) for _ in range(count))
    while admit_pending(now=now):
        pass
    demo = CallbackRequest.objects.filter(
        is_demo=True, state=CallbackRequest.State.NEW, received_at__lt=now - timedelta(hours=4)
    )
    tried = list(demo.order_by("pk"))
    for request in chance.sample(tried, len(tried) // 3):
        _try(request, chance, now)
    return count


def remove() -> int:
    """Delete every demo request with everything about it, and return how many."""
    removed = 0
    for pk in list(CallbackRequest.objects.filter(is_demo=True).values_list("pk", flat=True)):
        with transaction.atomic():
            delete(CallbackRequest.objects.get(pk=pk), action="demo removed")
        removed += 1
    Submission.objects.filter(is_demo=True).delete()
    return removed


def _submission(chance: random.Random, now: datetime) -> Submission:
    key, content = uuid4(), _content(chance)
    reference = reference_for(key)
    # More of them lately: an old queue would be all red.
    age = timedelta(minutes=int(chance.triangular(1, 36 * 60, 60)))
    return Submission(
        submission_key=key,
        content_mac=content_mac(key, content),
        reference=reference,
        received_at=now - age,
        envelope=seal(content, reference=reference),
        node="demo",
        is_demo=True,
    )


def _content(chance: random.Random) -> dict[str, Any]:
    code, state = chance.choice(_PLACES)
    line = f"01{chance.randrange(100):02}"
    by_email = chance.random() < 0.1
    name = chance.choice(_NAMES)
    return {
        "name": name,
        "phone": "" if by_email else f"+1{code}555{line}",
        "phone_extension": "",
        "phone_as_typed": "" if by_email else f"({code}) 555-{line}",
        "email": f"{name.lower()}@example.org" if by_email else "",
        "window": chance.choice(["any", "any", *CallbackRequest.Window.values]),
        "voicemail": chance.random() < 0.5,
        "call_consent": not by_email,
        "text_consent": chance.random() < 0.3,
        "email_receipt": False,
        "adult": True,
        "for_whom": chance.choice(["self", "self", "self", "other"]),
        "state": state,
        "time_zone": "",
        "topic": chance.choice(["phone", "phone", "mood", "pain", "migraine", "unsure"]),
        "language": "",
        "form_language": "en",
        "access_needs": "",
        "comment": chance.choice(_COMMENTS),
        "wordings": {purpose: wording.wording_id for purpose, wording in WORDINGS["en"].items()},
    }


def _try(request: CallbackRequest, chance: random.Random, now: datetime) -> None:
    at = request.received_at + (now - request.received_at) * chance.uniform(0.1, 0.9)
    outcome = "emailed" if not request.phone_index else chance.choice(_OUTCOMES)
    later = at + timedelta(hours=26) if outcome == "call_later" else None
    try:
        record_attempt(
            request_id=request.pk, user=_caller(), outcome=outcome, next_at=later, now=at
        )
    except NotAllowed:
        return  # that time of day cannot be agreed on; the request stays new


def _caller() -> AbstractBaseUser:
    users = get_user_model()._default_manager
    user, is_new = users.get_or_create(
        username=CALLER, defaults={"is_active": False, "first_name": "Demo"}
    )
    if is_new:
        user.set_unusable_password()
        user.save()
    return user
