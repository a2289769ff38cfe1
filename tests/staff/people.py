"""Staff to test with, and what they hold in their hands."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from clinic_site.roles import create_staff

PASSWORD = "quiet lantern over gravel"


def make_staff(name: str = "dana.w", role: str = "coordinator", **changes: Any) -> User:
    user = create_staff(name=name, role=role, password=PASSWORD)
    for field, value in changes.items():
        setattr(user, field, value)
    user.save()
    return user


def give_app(user: User) -> str:
    """Set up an authenticator app; its key."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def give_codes(user: User) -> list[str]:
    return RecoveryCodes.activate(user).generate_codes()


def app_code(secret: str, *, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def sign_in(
    client: Client, name: str = "dana.w", password: str = PASSWORD, **extra: Any
) -> HttpResponse:
    return client.post("/sign-in/", {"username": name, "password": password}, **extra)


def sign_in_fully(client: Client, name: str, secret: str, *, steps: int = 0) -> None:
    sign_in(client, name)
    response = client.post("/sign-in/code/", {"code": app_code(secret, steps=steps)})
    assert response.status_code == 302, response.content


def is_signed_in(client: Client) -> bool:
    """As the server sees it: the account page opens, or asks for a second factor."""
    response = client.get("/staff/")
    return response.status_code == 200


def kinds(user: User) -> set[str]:
    return set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
