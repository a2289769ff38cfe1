"""Messages that wait to be sent, and the worker's sign of life."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from intake.models.request import CallbackRequest


class Message(models.Model):
    """One mail or web call, written in the transaction that makes it necessary.

    It names a request and a kind, never what a visitor wrote and never a visitor's address.
    """

    class Kind(models.TextChoices):
        NEW_REQUEST = "new_request", _("new request")
        CORRECTED = "corrected", _("corrected request")
        DUE_SOON = "due_soon", _("promise at risk")
        OVERDUE = "overdue", _("promise missed")
        RECEIPT = "receipt", _("receipt to the visitor")

    class Channel(models.TextChoices):
        MAIL = "mail", _("mail")
        WEBHOOK = "webhook", _("webhook")

    kind = models.CharField(max_length=16, choices=Kind.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.MAIL)
    request = models.ForeignKey(CallbackRequest, on_delete=models.CASCADE, related_name="messages")
    # What makes a second message of a kind another one: a promise and its time, or a version.
    milestone = models.CharField(max_length=24, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )  # the staff member addressed; the team when empty
    message_id = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField()
    send_after = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)  # no longer wanted or allowed
    last_error = models.CharField(max_length=80, blank=True)  # a class name, not a text

    class Meta:
        indexes = [
            models.Index(
                name="message_waiting",
                fields=["send_after"],
                condition=Q(sent_at=None, dead_at=None, cancelled_at=None),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="message_once_per_milestone",
                fields=["request", "kind", "milestone", "channel"],
            ),
            models.CheckConstraint(
                name="message_has_one_end",
                condition=Q(sent_at=None, dead_at=None)
                | Q(sent_at=None, cancelled_at=None)
                | Q(dead_at=None, cancelled_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.message_id


class Heartbeat(models.Model):
    """When each worker last finished a round."""

    worker = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.worker
