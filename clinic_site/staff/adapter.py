"""Where django-allauth asks us: who may come in, how often, where to, and what to say."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
from typing import Any

import nacl.exceptions
import nacl.secret
import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.html import escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from qrcode.image.svg import SvgPathFillImage

from clinic_site.staff import guessing, standing
from intake import audit, queue
from intake.limits import client_address

logger = logging.getLogger("clinic_site.staff")
NOT_SIGNED_IN = _("That name and password do not belong together, or the account is closed.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closed sign-up, one answer for every failure, our own count of guesses."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": NOT_SIGNED_IN,
        "account_inactive": NOT_SIGNED_IN,
        "incorrect_password": _("That is not your password."),
        "enter_current_password": _("That is not your password."),
        "incorrect_code": _("That code is not right. Codes change every 30 seconds and work once."),
        "too_many_login_attempts": (
            _(
                "Too many tries. Wait 15 minutes, use a passkey, or use a browser you have signed in "
                "with before."
            )
        ),
        "rate_limited": _("Too many tries. Wait five minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: staff are invited."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """As the contact form counts it; 0.0.0.0 when nobody trustworthy says."""
        return client_address(request) or "0.0.0.0"  # noqa: S104 - a name for "unknown"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt before the password is looked at, whoever it is for."""
        if not guessing.may_try(request, name=str(credentials.get("username", ""))):
            logger.warning("sign-in refused: too many tries")
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """A closed account answers like a wrong password."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None and user.is_active:
            guessing.was_no_guess(request)
            return user
        logger.warning("sign-in refused")
        return None

    def logout(self, request: HttpRequest) -> None:
        """Whoever leaves lets go of the requests they hold, so that nobody waits for them."""
        if isinstance(request.user, User):
            queue.release_all(user=request.user)
        super().logout(request)

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """Only a passkey of a closed account gets this far."""
        messages.error(request, NOT_SIGNED_IN)
        return HttpResponseRedirect(reverse("sign-in"))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        guessing.remember_browser(request, response, name=user.get_username())
        records = get_authentication_records(request, user)
        by = sorted({str(record.get("type") or record["method"]) for record in records})
        audit.record(actor=user, action="signed_in", detail={"by": by})
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The desk, the admin, or one's own account: the first that this person may open."""
        user = request.user
        if user.has_perm("intake.use_desk"):
            return reverse("desk:list")
        if isinstance(user, User) and user.is_staff:
            return reverse("admin:index")
        return reverse("mfa_index")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """All sessions have just ended, this one too."""
        return reverse("sign-in")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        user = self.request.user
        return not (isinstance(user, User) and standing.is_recent(self.request, user))

    def get_reauthentication_methods(
        self, user: AbstractBaseUser | AnonymousUser
    ) -> list[dict[str, str]]:
        """Passkey first; the password only for somebody who has nothing stronger."""
        strong = [
            {
                "id": "mfa_reauthenticate:webauthn",
                "type": Authenticator.Type.WEBAUTHN,
                "description": gettext("Use a passkey"),
                "url": reverse("mfa_reauthenticate_webauthn"),
            },
            {
                "id": "mfa_reauthenticate",
                "type": Authenticator.Type.TOTP,
                "description": gettext("Use a code from your app, or a recovery code"),
                "url": reverse("mfa_reauthenticate"),
            },
        ]
        held = set(
            Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True)
            if user.is_authenticated
            else []
        )
        if (
            Authenticator.Type.WEBAUTHN in held
        ):  # its owner has recovery codes, which the code page takes
            held.add(Authenticator.Type.TOTP)
        password = {
            "id": "reauthenticate",
            "description": gettext("Use your password"),
            "url": reverse("account_reauthenticate"),
        }
        return [method for method in strong if method["type"] in held] or [password]

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        *args: Any,
        message: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Problems only. What went well shows on the page that follows."""
        if message:
            messages.add_message(request, level, message)


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets sealed at rest, a picture without inline styles, never the last factor removed."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That code is not right. Codes change every 30 seconds and work once."),
        "cannot_delete_authenticator": _("Set up another way to sign in before removing this one."),
    }

    def _get_site_name(self) -> str:
        """What a phone or a password manager shows beside the key."""
        return str(settings.CLINIC_NAME)

    def build_totp_svg(self, url: str) -> str:
        """The QR code as an element to put into the page, on white: no data: address, no style."""
        picture = qrcode.make(url, image_factory=SvgPathFillImage, border=3)
        out = io.BytesIO()
        picture.save(out)
        text = out.getvalue().decode()
        words = escape(gettext("QR code with the key below"))
        return text[text.index("<svg") :].replace(
            "<svg", f'<svg role="img" aria-label="{words}"', 1
        )

    def encrypt(self, text: str) -> str:
        """Seal a TOTP secret or a recovery seed: a copy of the database alone opens nothing."""
        sealed = nacl.secret.SecretBox(_box_key(settings.SECRET_KEY)).encrypt(text.encode())
        return base64.b64encode(sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open with the secret key of today, or one of ``SECRET_KEY_FALLBACKS``."""
        sealed = base64.b64decode(encrypted_text)
        for secret in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]:
            try:
                return nacl.secret.SecretBox(_box_key(secret)).decrypt(sealed).decode()
            except nacl.exceptions.CryptoError:
                continue
        raise LookupError(
            "A second factor was sealed with another CLINIC_SECRET_KEY. Put that key back, "
            "or invite the person again: manage.py invite_staff NAME --again --forget-factors"
        )

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one, where a second factor is required."""
        others = Authenticator.objects.filter(
            user_id=authenticator.user_id, type__in=standing.FACTORS
        ).exclude(pk=authenticator.pk)
        return not settings.REQUIRE_SECOND_FACTOR or others.exists()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return "Passkey" if not count else f"Passkey {count + 1}"


def _box_key(secret: str | bytes) -> bytes:
    mac = salted_hmac("clinic_site.staff.factors", "", secret=secret, algorithm="sha256")
    return hashlib.sha256(mac.digest()).digest()
