"""A release: the whole site at one moment, immutable and numbered."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from pages.said import Said


class ReleaseId(NamedTuple):
    """Which release, told from one of the same number in another life of the database.

    Moments are texts as SQLite keeps them: in UTC, without saying so.
    """

    number: int
    approved_at: str
    built_at: str  # a scheduled release is built anew until its moment comes

    @classmethod
    def of(cls, number: int, approved_at: dt.datetime, built_at: dt.datetime) -> ReleaseId:
        """From moments in UTC, as Django reads them."""
        return cls(number, _as_kept(approved_at), _as_kept(built_at))


def _as_kept(moment: dt.datetime) -> str:
    return str(moment.replace(tzinfo=None))


class State(Said):
    """Where a release stands between being proposed and being history."""

    WAITING = gettext_noop("Waits for approval")
    SCHEDULED = gettext_noop("Scheduled")
    LIVE = gettext_noop("Live")
    WAS_LIVE = gettext_noop("Was live")
    CLOSED = gettext_noop("Declined or withdrawn")


class ReleaseQuerySet(models.QuerySet["Release"]):
    def been_live(self) -> ReleaseQuerySet:
        """Approved, and their moment has come: the live release and the ones before it."""
        return self.filter(approved_at__isnull=False, live_from__lte=timezone.now())

    def live(self) -> Release | None:
        """The approved release with the greatest ``live_from`` that has come, or ``None``."""
        return self.been_live().order_by("-live_from", "-number").first()

    def which_is_live(self) -> ReleaseId | None:
        """The live release's id, without its content: one query, answered from an index."""
        newest = self.been_live().order_by("-live_from", "-number")
        found = newest.values_list(*ReleaseId._fields).first()
        return ReleaseId.of(*found) if found else None

    def scheduled(self) -> ReleaseQuerySet:
        """Approved, and their moment is still to come; the next one first."""
        coming = self.filter(approved_at__isnull=False, live_from__gt=timezone.now())
        return coming.order_by("live_from", "number")

    def waiting(self) -> ReleaseQuerySet:
        """Proposals that somebody still has to approve or decline; the oldest first."""
        return self.filter(approved_at__isnull=True, closed_at__isnull=True).order_by("number")


class Release(models.Model):
    """Content is JSON: ``{"question:driving-home": {field: value, ...}, ...}``.

    A proposal is a release that nobody has approved yet. What was approved are its
    ``changes``; until its moment comes, its content is put together anew whenever what
    it builds on changes. Once live it never changes; undoing it is a new release.
    """

    number = models.PositiveIntegerField(unique=True)
    content = models.JSONField()
    built_at = models.DateTimeField(_("content put together at"), default=timezone.now)
    # {"question:driving-home": [fields before, fields after]}; null where there is no row.
    changes = models.JSONField(default=dict)
    live_from = models.DateTimeField()
    # Keys of the rows that differ from ``base``: what it changed, readable without its content.
    changed_keys = models.JSONField(default=list)
    note = models.CharField(max_length=200, blank=True)
    base = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(default=timezone.now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    needs_second_person = models.BooleanField(
        default=False,
        help_text=_("It touches a medical statement, so its proposer may not approve it."),
    )
    override_reason = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(
        _("declined, withdrawn or cancelled at"), null=True, blank=True
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    remark = models.TextField(
        blank=True,
        help_text=_("Why it was declined or cancelled, or why its approval no longer counts."),
    )

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        indexes = [
            # With all that is asked on every request, so that the content is not read past.
            models.Index(
                fields=["-live_from", "-number", "approved_at", "built_at"],
                condition=Q(approved_at__isnull=False),
                name="release_live",
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="release_four_eyes",
                condition=Q(approved_at__isnull=True)
                | Q(needs_second_person=False)
                | ~Q(override_reason="")
                | Q(approved_by__isnull=False, proposed_by__isnull=False)
                & ~Q(approved_by=F("proposed_by")),
                violation_error_message=_(
                    "Nobody approves their own proposal without a reason on record."
                ),
            ),
            models.CheckConstraint(
                name="release_unapproved_has_no_approver",
                condition=Q(approved_at__isnull=False) | Q(approved_by__isnull=True),
            ),
            models.CheckConstraint(
                name="release_closed_is_not_approved",
                condition=Q(closed_at__isnull=True) | Q(approved_at__isnull=True),
            ),
            models.CheckConstraint(
                name="release_closed_says_why",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False) & ~Q(remark=""),
            ),
        ]
        permissions = [
            (
                "override_second_person",
                _("Can approve a release of their own, with a reason that stays on record"),
            )
        ]

    def __str__(self) -> str:
        return gettext("Release %(number)s") % {"number": self.number}

    def state(self, *, live_pk: int | None) -> State:
        """How it stands; the live one is asked for so that a list reads it once."""
        if self.closed_at:
            return State.CLOSED
        if self.approved_at is None:
            return State.WAITING
        if self.pk == live_pk:
            return State.LIVE
        return State.SCHEDULED if self.live_from > timezone.now() else State.WAS_LIVE
