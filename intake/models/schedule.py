"""When the clinic calls, and how often it tries."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake import callers_words


class OpeningHours(models.Model):
    """One span in which coordinators call, on one weekday, in the clinic's zone."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    opens_at = models.TimeField()
    closes_at = models.TimeField()

    class Meta:
        ordering = ["weekday", "opens_at"]
        verbose_name_plural = _("opening hours")
        constraints = [
            models.CheckConstraint(
                name="hours_in_order",
                condition=Q(closes_at__gt=F("opens_at")),
                violation_error_message=_("Closing time must be after opening time."),
            )
        ]

    def __str__(self) -> str:
        return gettext("%(day)s %(opens)s to %(closes)s") % {
            "day": self.get_weekday_display(),
            "opens": f"{self.opens_at:%H:%M}",
            "closes": f"{self.closes_at:%H:%M}",
        }


class Closure(models.Model):
    """Days on which nobody calls, both ends included."""

    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=80)

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(
                name="closure_in_order",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The last day cannot be before the first."),
            )
        ]

    def __str__(self) -> str:
        return gettext("%(first)s to %(last)s: %(reason)s") % {
            "first": self.starts_on,
            "last": self.ends_on,
            "reason": self.reason,
        }


def default_retry_minutes() -> list[int]:
    """Two hours, four hours, then about a day apart, so that times of day vary."""
    return [120, 240, 1140, 1560]


class CallPolicy(models.Model):
    """The one row that says how often and how soon to try again. Supervisors edit it."""

    max_attempts = models.PositiveSmallIntegerField(default=5)
    retry_minutes = models.JSONField(
        default=default_retry_minutes,
        help_text=_("Minutes to wait after the first, second, ... try; the last one repeats."),
    )
    lease_minutes = models.PositiveSmallIntegerField(
        default=30, help_text=_("How long a request stays with the person who took it.")
    )
    # What did not lead to a booking is deleted after so many days; a proposal, the clinic decides.
    unconverted_days = models.PositiveSmallIntegerField(default=90)
    spam_days = models.PositiveSmallIntegerField(default=30)
    opening_words = models.CharField(
        max_length=callers_words.LONGEST_OPENING,
        default=callers_words.OPENING,
        db_default=callers_words.OPENING,
        validators=[callers_words.refuse_addresses],
    )
    voicemail_words = models.CharField(
        max_length=callers_words.LONGEST_VOICEMAIL,
        default=callers_words.VOICEMAIL,
        db_default=callers_words.VOICEMAIL,
        validators=[callers_words.refuse_addresses, callers_words.refuse_telling_words],
    )

    class Meta:
        verbose_name_plural = "call policy"

    def __str__(self) -> str:
        return "call policy"

    def clean(self) -> None:
        waits = self.retry_minutes
        if not waits or not all(isinstance(w, int) and w > 0 for w in waits):
            raise ValidationError(
                {"retry_minutes": gettext("Give waits in minutes, such as [120, 240].")}
            )
