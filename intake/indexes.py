"""Keyed hashes of phone numbers and e-mail addresses: find the same one, read none."""

from __future__ import annotations

import hashlib
import hmac

from intake import keys


def phone_index(phone: str) -> str:
    """Hexadecimal HMAC-SHA-256 of an E.164 number; empty for none.

    Raises :exc:`intake.keys.KeyMissing`, :exc:`intake.keys.WrongKey`.
    """
    return _index("phone", phone)


def email_index(email: str) -> str:
    """The same for an address; case does not matter."""
    return _index("email", email.strip().casefold())


def _index(kind: str, value: str) -> str:
    if not value:
        return ""
    message = f"{kind}:{value}".encode("utf-8", "surrogatepass")
    return hmac.new(keys.index_key(), message, hashlib.sha256).hexdigest()
