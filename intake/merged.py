"""What was merged into a request, also by way of another."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from intake.models import CallbackRequest

# UNION, not UNION ALL: it would end even on a circle, which no merge can make.
_BELOW: Final = """
    WITH RECURSIVE below(id) AS (
        SELECT id FROM intake_callbackrequest WHERE merged_into_id = %s
        UNION
        SELECT child.id FROM intake_callbackrequest child
        JOIN below ON child.merged_into_id = below.id
    ) SELECT id FROM below
"""


def ids_below(request: CallbackRequest) -> RawSQL:
    """For ``filter(request_id__in=...)``: the requests merged into this one."""
    return RawSQL(_BELOW, [request.pk])  # noqa: S611 - a constant with one parameter


def merged_below(request: CallbackRequest) -> QuerySet[CallbackRequest]:
    """Everything merged into ``request``, oldest first."""
    return CallbackRequest.objects.filter(pk__in=ids_below(request)).order_by("received_at", "pk")
