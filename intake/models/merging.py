"""Two requests of one person, treated as one: by whose decision, and how to take it back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from intake.models.request import CallbackRequest


class Merge(models.Model):
    """``request`` was closed because ``into`` speaks for the same person."""

    request = models.ForeignKey(CallbackRequest, on_delete=models.CASCADE, related_name="merges")
    into = models.ForeignKey(CallbackRequest, on_delete=models.CASCADE, related_name="merges_in")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # Both requests' own fields before the merge, so that it can be undone. Never personal.
    before = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="merge_holds_once", fields=["request"], condition=Q(undone_at=None)
            ),
            models.CheckConstraint(name="merge_is_of_two", condition=~Q(request=models.F("into"))),
            models.CheckConstraint(
                name="merge_undone_by_somebody",
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} into {self.into_id}"
