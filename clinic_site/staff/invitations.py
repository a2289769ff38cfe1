"""Invitations: a signed link that works once, for two days, and is worth nothing afterwards.

The same link is how a forgotten password or a lost phone is put right: there is no reset by
mail, because a mailbox would then be enough to become a member of staff.
"""

from __future__ import annotations

import logging

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from clinic_site.staff.sessions import end_all
from intake import audit

logger = logging.getLogger("clinic_site.staff")


class Tokens(PasswordResetTokenGenerator):
    """Bound to the stored password: a new password, or a new invitation, makes it void."""

    key_salt = "clinic_site.staff.invitations"


tokens = Tokens()


@transaction.atomic
def invite(*, user: User, actor: User | None, forget_factors: bool = False) -> str:
    """Take away the password and all sessions of ``user`` and give the link to choose a new one.

    With ``forget_factors`` passkeys, app and recovery codes go too. An earlier link stops working.
    """
    user.set_unusable_password()
    user.save(update_fields=["password"])
    if forget_factors:
        Authenticator.objects.filter(user=user).delete()
    end_all(user=user)
    uid = urlsafe_base64_encode(str(user.pk).encode())
    path = reverse("staff-invitation", args=[uid, tokens.make_token(user)])
    audit.record(
        actor=actor,
        action="staff_invited",
        detail={"user": user.pk, "factors_forgotten": forget_factors},
    )
    return f"{settings.SITE_URL}{path}"


def invited(uid: str, token: str, *, lock: bool = False) -> User | None:
    """Whose invitation this is; ``None`` when it is used, too old, forged, or the account closed.

    With ``lock`` (inside a transaction) nobody else can use it up meanwhile.
    """
    try:
        pk = int(force_str(urlsafe_base64_decode(uid)))
    except (TypeError, ValueError, OverflowError, UnicodeDecodeError):
        return None
    users = User.objects.select_for_update() if lock else User.objects.all()
    user = users.filter(pk=pk, is_active=True).first()
    return user if user is not None and tokens.check_token(user, token) else None


@transaction.atomic
def accept(*, uid: str, token: str, password: str) -> User | None:
    """Set the password, once. ``None`` when the link was used up in the meantime."""
    user = invited(uid, token, lock=True)
    if user is None:
        return None
    user.set_password(password)
    user.save(update_fields=["password"])
    end_all(user=user)
    audit.record(actor=user, action="staff_joined", detail={"user": user.pk})
    logger.info("invitation accepted user=%s", user.pk)
    return user
