"""Sending the form as a browser does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from django.core import signing
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from intake.envelope import open_submission
from intake.models import Submission
from intake.tokens import FORM_SALT, FormToken, Receipt, open_receipt

URL = "/contact/"


def make_token(*, key: UUID | None = None, age: timedelta = timedelta(minutes=2)) -> str:
    """What a form carries that was shown ``age`` ago."""
    return FormToken(key or uuid4(), timezone.now() - age).signed()


def fields(**changes: Any) -> dict[str, Any]:
    """A form that is in order; a field changed to ``None`` is left out."""
    answers: dict[str, Any] = {
        "name": "Ana",
        "for_whom": "self",
        "adult": "",
        "phone": "303-555-0142",
        "email": "",
        "window": "any",
        "state": "",
        "topic": "phone",
        "language": "",
        "access_needs": "",
        "comment": "",
        "call_consent": "on",
        "website": "",
        "token": make_token(),
    }
    return {k: v for k, v in {**answers, **changes}.items() if v is not None}


def send(client: Client, **changes: Any) -> HttpResponse:
    return client.post(URL, fields(**changes))


def key_of(token: str) -> UUID:
    """The submission key in a token of any age."""
    return UUID(hex=signing.loads(token, salt=FORM_SALT)[0])


def press_again(client: Client, response: HttpResponse) -> HttpResponse:
    """Press the button of a form that came back, with all that it shows."""
    return client.post(URL, dict(response.context["form"].data.items()))


def receipt_of(response: HttpResponse) -> Receipt:
    """What the confirmation's address says. The response must be the way to a confirmation."""
    assert response.status_code == 303, response.content.decode()
    receipt = open_receipt(parse_qs(urlsplit(response["Location"]).query)["r"][0])
    assert receipt is not None
    return receipt


def stored() -> list[dict[str, Any]]:
    """All that was stored, opened, oldest first."""
    return [
        open_submission(submission, actor=None, purpose="test")
        for submission in Submission.objects.order_by("pk")
    ]


def stored_one() -> dict[str, Any]:
    (content,) = stored()
    return content
