"""Photographs: what readers are told of them, and which files they are."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pages.models.rows import Row

PERCENT = [MaxValueValidator(100)]


class Photo(Row):
    """One photograph. Its files are made when it is uploaded and named after what was uploaded
    (``digest``), so a release that shows it shows the same for good."""

    label = models.CharField("name", max_length=80, help_text=_("For staff, to find it again."))
    digest = models.CharField(max_length=32, editable=False)
    width = models.PositiveIntegerField(_("width of the largest file"), editable=False)
    height = models.PositiveIntegerField(_("height of the largest file"), editable=False)
    alt = models.CharField(
        _("what it shows"),
        max_length=300,
        blank=True,
        help_text=_("For readers who cannot see it: what is there, in one sentence."),
    )
    is_decorative = models.BooleanField(
        _("only decoration"),
        default=False,
        help_text=_("It says nothing that the text does not; screen readers pass it by."),
    )
    caption = models.CharField(max_length=300, blank=True)
    focal_x = models.PositiveSmallIntegerField(
        _("what matters, from the left in percent"), default=50, validators=PERCENT
    )
    focal_y = models.PositiveSmallIntegerField(
        _("what matters, from the top in percent"), default=50, validators=PERCENT
    )

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                name="photo_described_or_decorative",
                condition=Q(is_decorative=True, alt="") | Q(is_decorative=False) & ~Q(alt=""),
                violation_error_message=_(
                    "Say what it shows, or tick “only decoration”: one of the two."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.label
