"""Ready-made words for a note."""

from __future__ import annotations

from django.db import models


class QuickPhrase(models.Model):
    """A few words that supervisors wrote for every note. They fit anybody, so they name nobody."""

    text = models.CharField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.text
