"""The forms at the door. Limits on trying are counted before anything is compared."""

from __future__ import annotations

from typing import Final

from allauth.account.forms import LoginForm
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import cache

# Codes of the step before, this step and the next are accepted; a used one must outlive them all.
USED_FOR: Final = 4  # steps


class SignInForm(LoginForm):  # type: ignore[misc]
    """Name and password."""

    def add_prefix(self, field_name: str) -> str:
        """The field is called ``username`` in the page, as password managers expect."""
        return "username" if field_name == "login" else str(super().add_prefix(field_name))


def use_once(user: AbstractBaseUser, code: str) -> None:
    """Refuse a code of an authenticator app that was used before (RFC 6238, section 5.2).

    The library remembers a code for one step only, but accepts it for three.
    """
    key = f"staff.totp.used.{user.pk}.{normalize_user_code(code)}"
    if not cache.add(key, True, timeout=USED_FOR * settings.MFA_TOTP_PERIOD):
        raise get_adapter().validation_error("incorrect_code")


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """A code from the app, or a recovery code, to finish signing in."""

    def clean_code(self) -> str:
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            use_once(self.user, code)
        return code


class ConfirmCodeForm(ReauthenticateForm):  # type: ignore[misc]
    """The same, to confirm who is there."""

    def clean_code(self) -> str:
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            use_once(self.user, code)
        return code


class NewAppForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app. It cannot be used to sign in as well."""

    def clean_code(self) -> str:
        code: str = super().clean_code()
        use_once(self.user, code)
        return code


class NewPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A key that can sign in by itself: it is asked for a finger, a face or a PIN."""

    name = forms.CharField(required=False, max_length=60)
    passwordless = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean_passwordless(self) -> bool:
        """Always, whatever was posted: the library then insists that the user was verified."""
        return True
