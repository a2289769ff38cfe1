"""Legal holds: what must be kept for a court or an authority is neither purged nor erased."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from intake import audit
from intake.models import CallbackRequest
from intake.retention import family


@transaction.atomic
def set_legal_hold(
    *, request: CallbackRequest, user: AbstractBaseUser | None, is_on_hold: bool
) -> list[str]:
    """Put a request on hold or release it, with all that were merged with it.

    Returns the references that changed.
    """
    changed = []
    for one in family([request]):
        if one.is_on_legal_hold != is_on_hold:
            CallbackRequest.objects.filter(pk=one.pk).update(is_on_legal_hold=is_on_hold)
            changed.append(one.reference)
    for reference in changed:
        action = "held" if is_on_hold else "hold lifted"
        audit.record(actor=user, action=action, reference=reference)
    return changed
