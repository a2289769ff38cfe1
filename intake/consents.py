"""What the person said yes to. Rows are only ever added; the newest of a purpose holds."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q

from intake.merged import ids_below, merged_below
from intake.models import CallbackRequest, Consent


def has_consent(request: CallbackRequest, purpose: str) -> bool:
    """Whether the person agrees to ``purpose`` now. Ask at the moment of calling or sending."""
    newest = current_consents(request).get(purpose)
    return newest is not None and newest.is_granted


def current_consents(request: CallbackRequest) -> dict[str, Consent]:
    """The consent that holds for each purpose that was ever asked. One query.

    A no in a request merged into this one counts here too: it was the same person's. A yes does
    not, for it may be about another number.
    """
    own = Q(request=request)
    merged = Q(request_id__in=ids_below(request), is_granted=False)
    rows = Consent.objects.filter(own | merged).select_related("wording").order_by("at", "pk")
    asked = {row.purpose for row in rows if row.request_id == request.pk}
    return {row.purpose: row for row in rows if row.purpose in asked}


def revoke_all(
    *, request: CallbackRequest, by: AbstractBaseUser, source: str, now: datetime
) -> list[int]:
    """Take back every yes that holds, here and in what was merged; the ids of the rows added."""
    every = [request, *merged_below(request)]
    return [pk for one in every for pk in _revoke(one, by, source, now)]


def _revoke(
    request: CallbackRequest, by: AbstractBaseUser, source: str, now: datetime
) -> list[int]:
    return [
        Consent.objects.create(
            request=request,
            purpose=consent.purpose,
            is_granted=False,
            wording=consent.wording,
            at=now,
            source=source,
            by_id=by.pk,
        ).pk
        for consent in current_consents(request).values()
        if consent.is_granted
    ]


def restore(*, consent_ids: list[int], by: AbstractBaseUser, now: datetime) -> None:
    """Say yes again where the given rows said no: an undo, added like everything else."""
    Consent.objects.bulk_create(
        Consent(
            request_id=revoked.request_id,
            purpose=revoked.purpose,
            is_granted=True,
            wording_id=revoked.wording_id,
            at=now,
            source="undo",
            by_id=by.pk,
        )
        for revoked in Consent.objects.filter(pk__in=consent_ids)
    )
