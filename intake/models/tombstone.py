"""What was deleted on purpose, so that no backup and no late file brings it back."""

from __future__ import annotations

from django.db import models


class PurgeTombstone(models.Model):
    """One deletion of everything under one submission key, and when. Only ever added.

    The key is random and names nobody. It covers what was received up to ``at``: the same form
    sent again later is a new wish.
    """

    submission_key = models.UUIDField()
    reference = models.CharField(max_length=10)
    at = models.DateTimeField()
    reason = models.CharField(max_length=20)  # the audit's action: "purged", "erased"

    class Meta:
        constraints = [
            models.UniqueConstraint(name="tombstone_once", fields=["submission_key", "at"])
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.reason}"
