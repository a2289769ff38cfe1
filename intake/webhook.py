"""Promises at risk and broken, told to a pager or a chat by a signed web request.

What is sent names a request, a promise and a time: nothing personal. The receiver proves that
it came from us with the shared secret: ``Clinic-Signature`` is ``v1=`` and the hexadecimal
HMAC-SHA-256 of ``Clinic-Timestamp``, a dot and the body, byte for byte. Whoever checks should
refuse timestamps older than five minutes, and may meet one ``id`` twice.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.request
from datetime import datetime
from http.client import HTTPMessage
from typing import IO, Final

from django.conf import settings

from intake.models import Message
from intake.references import show_reference

TIMEOUT: Final = 10  # seconds


class NotConfigured(Exception):
    """A message waits for a webhook, and CLINIC_WEBHOOK_URL is not set any more."""


class NotAccepted(Exception):
    """The receiver answered with something else than 2xx."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an error here: the signature was made for one receiver."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        return None


def is_configured() -> bool:
    return bool(settings.WEBHOOK_URL)


def deliver(message: Message, *, now: datetime) -> None:
    """Send one message and return when the receiver took it.

    Raises :exc:`NotConfigured`, :exc:`NotAccepted`, and :exc:`OSError` for a line that fails;
    :exc:`urllib.error.HTTPError`, for a redirect and for 4xx and 5xx, is one.
    """
    if not is_configured():
        raise NotConfigured("set CLINIC_WEBHOOK_URL")
    body = json.dumps(_content(message), sort_keys=True).encode()
    timestamp = str(int(now.timestamp()))
    request = urllib.request.Request(  # noqa: S310 - the settings allow http and https only
        settings.WEBHOOK_URL,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json",
            "User-Agent": "clinic-desk",
            "Clinic-Timestamp": timestamp,
            "Clinic-Signature": signature(settings.WEBHOOK_SECRET, timestamp, body),
        },
    )
    opener = urllib.request.build_opener(_NoRedirect)
    with opener.open(request, timeout=TIMEOUT) as response:
        if not 200 <= response.status < 300:
            raise NotAccepted(str(response.status))


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of ``Clinic-Signature``."""
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _content(message: Message) -> dict[str, str]:
    request = message.request
    promise = message.milestone.partition(" ")[0]
    due_at = request.attempt_due_at if promise == "attempt" else request.contact_due_at
    return {
        "id": message.message_id.strip("<>"),
        "event": message.kind,
        "promise": promise,
        "reference": show_reference(request.reference),
        "due_at": due_at.isoformat(),
        "link": f"{settings.SITE_URL}/{settings.DESK_PATH}/{request.pk}/",
    }
