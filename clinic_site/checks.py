"""System checks that explain a bad configuration before it does harm.

Values that cannot work at all stop the start in ``clinic_site.settings``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.utils import timezone


@register(Tags.security, deploy=True)
def mail_is_delivered(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """In production, somebody must learn of a new request. The public role sends nothing."""
    problems: list[CheckMessage] = []
    if settings.ROLE != "public" and settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        problems.append(
            Error(
                "CLINIC_EMAIL_URL is not set, so mail would only be written to files.",
                hint="Example: CLINIC_EMAIL_URL=smtp+tls://user:password@mail.example.org:587",
                id="clinic_site.E001",
            )
        )
    if not settings.NOTIFY_EMAILS:
        problems.append(
            Error(
                "CLINIC_NOTIFY_EMAILS is empty: nobody is told of a new request.",
                hint="Example: CLINIC_NOTIFY_EMAILS=desk@example.org",
                id="clinic_site.E002",
            )
        )
    return problems


@register(Tags.security, deploy=True)
def mail_is_encrypted(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A password and receipts must not cross a network in the open; this machine's own relay may."""
    is_smtp = settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
    if not is_smtp or settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL:
        return []
    if settings.EMAIL_HOST in {"127.0.0.1", "::1", "localhost"}:
        return []
    return [
        CheckWarning(
            "CLINIC_EMAIL_URL sends mail in the open.",
            hint="Example: CLINIC_EMAIL_URL=smtp+tls://user:password@mail.example.org:587",
            id="clinic_site.W004",
        )
    ]


@register(Tags.security, deploy=True)
def weaknesses_can_be_told(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """RFC 9116: the contact is named, and its day has not come (30 days' notice)."""
    example = "CLINIC_SECURITY_CONTACT=mailto:security@example.org CLINIC_SECURITY_EXPIRES="
    hint = f"Example: {example}{timezone.localdate() + timedelta(days=360)}"
    until = settings.SECURITY_EXPIRES
    if not until:
        return [
            CheckWarning(
                "Nobody is named in /.well-known/security.txt.", hint=hint, id="clinic_site.W002"
            )
        ]
    if until < timezone.localdate() + timedelta(days=30):
        return [
            CheckWarning(
                f"/.well-known/security.txt is good until {until} only.",
                hint=f"Is the contact still right? {hint}",
                id="clinic_site.W003",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def proxies_are_named(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Behind a proxy nobody named, every visitor shares one address and one rate limit."""
    if settings.IS_PRODUCTION and "*" in settings.TRUSTED_PROXIES:
        return [
            CheckWarning(
                "CLINIC_TRUSTED_PROXIES must list addresses; * would believe any visitor.",
                hint="Example: CLINIC_TRUSTED_PROXIES=127.0.0.1",
                id="clinic_site.W001",
            )
        ]
    return []
