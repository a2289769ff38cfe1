"""Who saw or did what: append-only, each event chained to the one before."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class AuditEvent(models.Model):
    """``digest`` covers the event and the digest before it, so a missing link shows."""

    sequence = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    action = models.CharField(max_length=40)  # "opened", "searched", "claimed", ...
    reference = models.CharField(max_length=10, blank=True, db_index=True)
    detail = models.JSONField(default=dict)  # never personal
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["sequence"]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.reference}"
