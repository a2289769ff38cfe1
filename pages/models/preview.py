"""Links that show a preview to somebody without an account."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.models.release import Release


class PreviewLink(models.Model):
    """A link that can be taken back. Its address is signed and made from ``name``, so
    whoever reads the table without the site's secret key cannot open it."""

    name = models.CharField(max_length=24, unique=True, editable=False)
    release = models.ForeignKey(
        Release,
        verbose_name=_("what it shows"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: what is saved at the moment of looking."),
    )
    note = models.CharField(
        _("for whom"), max_length=120, help_text=_("Dr. A, to check the new figure")
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    expires_at = models.DateTimeField(editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        ordering = ["-made_at"]
        default_permissions = ("add", "change", "view")
        constraints = [
            models.CheckConstraint(
                name="preview_link_revoked_by_at_a_time",
                condition=Q(revoked_at__isnull=False) | Q(revoked_by__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return gettext("Preview for %(note)s") % {"note": self.note}

    def is_open(self) -> bool:
        return self.revoked_at is None and timezone.now() < self.expires_at
