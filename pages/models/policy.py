"""Which changes wait for a second person. A row, so that the clinic decides, not the code."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class PublishingPolicy(models.Model):
    """The one row of it. Without the row, the defaults below hold."""

    class SecondPerson(models.TextChoices):
        OFF = "off", _("never: everybody publishes alone")
        MEDICAL = "medical", _("for medical statements")
        EVERYTHING = "everything", _("for everything")

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    second_person = models.CharField(
        _("a second person has to approve"),
        max_length=12,
        choices=SecondPerson.choices,
        default=SecondPerson.MEDICAL,
    )
    changed_at = models.DateTimeField(_("last changed"), auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = _("publishing policy")
        verbose_name_plural = _("publishing policy")
        constraints = [
            models.CheckConstraint(name="policy_is_one_row", condition=Q(id=1)),
            models.CheckConstraint(
                name="policy_second_person_is_known",
                condition=Q(second_person__in=["off", "medical", "everything"]),
            ),
        ]

    def __str__(self) -> str:
        return gettext("A second person approves: %(what)s") % {
            "what": self.get_second_person_display()
        }

    @classmethod
    def now(cls) -> PublishingPolicy:
        """The policy in force."""
        return cls.objects.filter(pk=cls.ONLY).first() or cls()
