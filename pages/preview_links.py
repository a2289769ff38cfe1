"""Preview links for people without an account: made, found, taken back."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Final

from django.contrib.auth.models import User
from django.core import signing
from django.db import transaction
from django.utils import timezone

from pages.models import PreviewLink, Release

DAYS: Final = 7
MOST_DAYS: Final = 30
_signer = signing.Signer(salt="pages.preview-link", sep=".")


@transaction.atomic
def make_link(
    *, release: Release | None, note: str, by: User | None, days: int = DAYS
) -> PreviewLink:
    """A link that shows ``release``, or the working copy, for so many days."""
    return PreviewLink.objects.create(
        name=secrets.token_urlsafe(12),
        release=release,
        note=note,
        made_by=by,
        expires_at=timezone.now() + dt.timedelta(days=days),
    )


def token_of(link: PreviewLink) -> str:
    """What stands in the address of the link."""
    return _signer.sign(link.name)


def find_link(token: str) -> PreviewLink | None:
    """The link of this token, open or not; ``None`` for one that we did not make."""
    try:
        name = _signer.unsign(token)
    except signing.BadSignature:
        return None
    return PreviewLink.objects.select_related("release").filter(name=name).first()


@transaction.atomic
def revoke_link(*, link: PreviewLink, by: User | None) -> bool:
    """Close a link for good. ``False`` when it was closed already."""
    closed = PreviewLink.objects.filter(pk=link.pk, revoked_at=None).update(
        revoked_at=timezone.now(), revoked_by=by
    )
    return closed == 1
