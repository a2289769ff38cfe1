"""Two small tokens: one that a form carries, one that a confirmation's address carries."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.utils import timezone
from django.utils.encoding import force_bytes
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

FORM_LIFE: Final = timedelta(hours=12)
KEY_LIFE: Final = timedelta(days=30)
RECEIPT_LIFE: Final = timedelta(hours=24)
FORM_SALT: Final = "intake.form"


@dataclass(frozen=True, slots=True)
class FormToken:
    """What a form knows of itself: its submission key and when it was shown.

    ``is_shown_again`` for a form that came back with everything in it: sending that one at once
    is what it asks for, so it is never too fast.
    """

    submission_key: UUID
    issued_at: datetime
    is_shown_again: bool = False

    def age(self, now: datetime) -> timedelta:
        return now - self.issued_at

    def is_expired(self, now: datetime) -> bool:
        return self.age(now) > FORM_LIFE

    def signed(self) -> str:
        return signing.dumps(
            [self.submission_key.hex, int(self.issued_at.timestamp()), int(self.is_shown_again)],
            salt=FORM_SALT,
        )


def new_form_token(*, submission_key: UUID | None = None, is_again: bool = False) -> FormToken:
    """A token of this moment, for a new submission unless ``submission_key`` names one."""
    return FormToken(submission_key or uuid4(), timezone.now(), is_again)


def read_form_token(text: str) -> FormToken | None:
    """The token in ``text``, or ``None`` when we did not sign it or it is older than its key may be."""
    try:
        key, issued_at, is_again = signing.loads(text, salt=FORM_SALT)
        token = FormToken(UUID(hex=key), datetime.fromtimestamp(issued_at, UTC), bool(is_again))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return token if token.age(timezone.now()) <= KEY_LIFE else None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the confirmation shows, and the key that lets its reader correct what was sent."""

    reference: str
    submission_key: UUID
    received_at: datetime
    is_by_email: bool
    has_crisis_wording: bool


def seal_receipt(receipt: Receipt) -> str:
    """The receipt for an address: encrypted, because addresses end up in logs and histories.

    All receipts have the same length, so that nothing can be told from that either.
    """
    document = [
        receipt.reference,
        receipt.submission_key.hex,
        int(receipt.received_at.timestamp()),
        int(receipt.is_by_email),
        int(receipt.has_crisis_wording),
    ]
    sealed = bytes(_box(settings.SECRET_KEY).encrypt(json.dumps(document).encode()))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def open_receipt(text: str) -> Receipt | None:
    """The receipt in ``text``, or ``None`` when it is not ours or older than 24 hours."""
    document = _open(text)
    if document is None:
        return None
    reference, key, received_at, is_by_email, has_crisis_wording = document
    at = datetime.fromtimestamp(received_at, UTC)
    if timezone.now() - at > RECEIPT_LIFE:
        return None
    return Receipt(reference, UUID(hex=key), at, bool(is_by_email), bool(has_crisis_wording))


def _open(text: str) -> list[Any] | None:
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            document: list[Any] = json.loads(_box(secret).decrypt(sealed))
        except (CryptoError, ValueError):
            continue
        return document
    return None


def _box(secret: str | bytes) -> SecretBox:
    key = hashlib.blake2b(
        force_bytes(secret), digest_size=SecretBox.KEY_SIZE, person=b"intake.receipt"
    )
    return SecretBox(key.digest())
