"""What every template may use without a database."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def clinic(request: HttpRequest) -> dict[str, object]:
    """The clinic's name and numbers, from the settings."""
    return {
        "clinic_name": settings.CLINIC_NAME,
        "phone_word": settings.CLINIC_PHONE_WORD,
        "phone_digits": settings.CLINIC_PHONE_DIGITS,
        "phone_e164": settings.CLINIC_PHONE_E164,
        "site_url": settings.SITE_URL,
    }
