"""Other requests that may come from the same person: proposed with reasons, never merged.

A shared phone is not a person: couples, parents and care homes share one.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext

from intake.models import CallbackRequest


@dataclass(frozen=True, slots=True)
class Likeness:
    request: CallbackRequest
    reasons: tuple[str, ...]


def possible_same_person(request: CallbackRequest) -> list[Likeness]:
    """Requests with the same number or address, newest first. One query."""
    same = Q(pk__in=[])
    if request.phone_index:
        same |= Q(phone_index=request.phone_index)
    if request.email_index:
        same |= Q(email_index=request.email_index)
    others = (
        CallbackRequest.objects.filter(same)
        .exclude(pk=request.pk)
        .exclude(state__in=[CallbackRequest.State.MERGED, CallbackRequest.State.SPAM_HELD])
        .order_by("-received_at", "-pk")
    )
    return [Likeness(other, _reasons(request, other)) for other in others]


def _reasons(one: CallbackRequest, other: CallbackRequest) -> tuple[str, ...]:
    found = []
    if one.phone_index and one.phone_index == other.phone_index:
        found.append(gettext("same phone number"))
    if one.email_index and one.email_index == other.email_index:
        found.append(gettext("same email address"))
    return tuple(found)
