"""Which reminders of a figure's review have been sent, or are about to be."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewWarning(models.Model):
    """One reminder: of one figure's date, at one milestone. The constraint keeps it to one."""

    class Milestone(models.IntegerChoices):
        MONTH = 30, _("30 days before")
        WEEK = 7, _("7 days before")
        PASSED = 0, _("passed: readers no longer see the figure")

    key = models.CharField("figure", max_length=120)
    due_on = models.DateField()
    milestone = models.PositiveSmallIntegerField(_("days before"), choices=Milestone.choices)
    claimed_at = models.DateTimeField(help_text=_("since when a process has been at it"))
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "due_on", "milestone"], name="review_warning_sent_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}, due {self.due_on}: {self.get_milestone_display()}"
