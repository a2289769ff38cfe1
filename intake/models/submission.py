"""One form that somebody sent, as it arrived."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Submission(models.Model):
    """Immutable. Written with one INSERT by the internet-facing process, which cannot read it back.

    ``submission_key`` comes with the form, so a retry carries the same one; ``reference`` is
    computed from it (``intake.references``), so the same form has the same reference even when
    no database could be asked. Same key and same content is the same submission; same key and
    other content is a correction, and both are kept.
    """

    # Stands in ``node`` of what ``manage.py check_intake`` sends: no host may be called that.
    CHECK_NODE = "(check)"

    submission_key = models.UUIDField()
    content_mac = models.CharField(max_length=64)  # hex, HMAC-SHA-256
    reference = models.CharField(max_length=10, db_index=True)
    received_at = models.DateTimeField()
    envelope = models.BinaryField()
    node = models.CharField(max_length=64, blank=True)
    suspicion = models.CharField(max_length=40, blank=True)  # why it is held as spam, if it is
    is_demo = models.BooleanField(default=False)
    admitted_at = models.DateTimeField(null=True, blank=True)
    # An envelope that could not be opened is tried again later, and shows in the status.
    refused_because = models.CharField(max_length=40, blank=True)  # a class name, not a text
    retry_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                name="submission_unadmitted", fields=["received_at"], condition=Q(admitted_at=None)
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="submission_once", fields=["submission_key", "content_mac"]
            )
        ]

    def __str__(self) -> str:
        return self.reference
