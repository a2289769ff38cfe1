"""A request to be called back, and all that happens to it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from intake import owed
from intake.durations import EpochHour, Seconds
from intake.models.submission import Submission


class CallbackRequest(models.Model):
    """One person's wish to be called. Only ``intake.queue`` moves it from state to state."""

    class State(models.TextChoices):
        NEW = "new", _("New")
        CLAIMED = "claimed", _("Taken")
        AWAITING_RETRY = "awaiting_retry", _("Try again")
        CONTACTED = "contacted", _("Spoke, thinking it over")
        BOOKED = "booked", _("Booked")
        DECLINED = "declined", _("Declined")
        REFERRED_OUT = "referred_out", _("Referred elsewhere")
        UNREACHABLE = "unreachable", _("Could not be reached")
        WITHDRAWN = "withdrawn", _("Asked us to stop")
        MERGED = "merged", _("Merged into another")
        SPAM_HELD = "spam_held", _("Held as spam")

    WAITING = (State.NEW, State.CLAIMED, State.AWAITING_RETRY)
    CLOSED = (
        State.CONTACTED,
        State.BOOKED,
        State.DECLINED,
        State.REFERRED_OUT,
        State.UNREACHABLE,
        State.WITHDRAWN,
        State.MERGED,
    )

    class Window(models.TextChoices):
        ANY = "any", _("Any time")
        MORNING = "morning", _("Morning, before noon")
        EARLY_AFTERNOON = "early_afternoon", _("Early afternoon, noon to 3 pm")
        LATE_AFTERNOON = "late_afternoon", _("Late afternoon or evening, after 3 pm")

    submission_key = models.UUIDField(unique=True)
    reference = models.CharField(max_length=10, db_index=True)
    submissions = models.ManyToManyField(Submission, related_name="requests")
    state = models.CharField(max_length=16, choices=State.choices, default=State.NEW)
    version = models.PositiveIntegerField(default=1)  # goes up with every change

    received_at = models.DateTimeField()
    attempt_due_at = models.DateTimeField()
    contact_due_at = models.DateTimeField()
    next_action_at = models.DateTimeField(null=True, blank=True)
    first_attempt_at = models.DateTimeField(null=True, blank=True)
    first_contact_at = models.DateTimeField(null=True, blank=True)
    attempt_count = models.PositiveSmallIntegerField(default=0)

    # The database fills these in: hours since 1970, and seconds from the arrival.
    received_hour = models.GeneratedField(
        expression=EpochHour("received_at"), output_field=models.IntegerField(), db_persist=True
    )
    wait_to_attempt = models.GeneratedField(
        expression=Seconds("first_attempt_at", "received_at"),
        output_field=models.FloatField(null=True),
        db_persist=True,
    )
    wait_to_contact = models.GeneratedField(
        expression=Seconds("first_contact_at", "received_at"),
        output_field=models.FloatField(null=True),
        db_persist=True,
    )

    # And what the calling order reads (intake.owed).
    callee = models.GeneratedField(
        expression=owed.callee(), output_field=models.CharField(max_length=330), db_persist=True
    )
    due_micros = models.GeneratedField(
        expression=owed.due_micros(), output_field=models.BigIntegerField(), db_persist=True
    )
    risk_micros = models.GeneratedField(
        expression=owed.risk_micros(),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    tries_in_vain = models.GeneratedField(
        expression=owed.tries_in_vain(), output_field=models.SmallIntegerField(), db_persist=True
    )

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="callbacks",
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    window = models.CharField(max_length=20, choices=Window.choices, default=Window.ANY)
    time_zone = models.CharField(max_length=40)
    # All zones the person may be in, with spaces between; a call must be lawful in each.
    possible_zones = models.CharField(max_length=255)
    is_zone_guessed = models.BooleanField(default=True)
    is_phone_wrong = models.BooleanField(default=False)  # somebody else answers there
    has_crisis_wording = models.BooleanField(default=False)
    has_correction = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    is_on_legal_hold = models.BooleanField(default=False)
    phone_index = models.CharField(max_length=64, blank=True, db_index=True)  # keyed hash
    email_index = models.CharField(max_length=64, blank=True, db_index=True)  # keyed hash

    outcome = models.CharField(max_length=16, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )

    class Meta:
        permissions = [
            ("use_desk", _("Can work on the callback desk")),
            ("supervise_desk", _("Can run the callback desk")),
            ("export_requests", _("Can export requests")),
        ]
        indexes = [
            models.Index(fields=["state", "attempt_due_at"], name="request_due"),
            models.Index(fields=["received_at"], name="request_received"),
            # For the list and the next call: all that the order reads of those who wait.
            models.Index(
                fields=[
                    "callee",
                    "state",
                    "due_micros",
                    "risk_micros",
                    "tries_in_vain",
                    "next_action_at",
                    "lease_until",
                    "has_crisis_wording",
                    "received_at",
                ],
                name="request_waiting",
                condition=Q(closed_at=None),
            ),
            # For the numbers page: one index for each way it walks through all requests.
            models.Index(fields=["state", "received_hour"], name="request_by_state"),
            models.Index(
                fields=[
                    "received_hour",
                    "state",
                    "first_attempt_at",
                    "attempt_due_at",
                    "first_contact_at",
                    "contact_due_at",
                    "closed_at",
                    "attempt_count",
                    "wait_to_attempt",
                    "wait_to_contact",
                ],
                name="request_by_hour",
            ),
            models.Index(
                fields=["wait_to_attempt", "received_hour", "state"],
                name="request_by_wait_to_attempt",
            ),
            models.Index(
                fields=["wait_to_contact", "received_hour", "state"],
                name="request_by_wait_to_contact",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="request_claimed_has_owner",
                condition=Q(
                    state="claimed",
                    owner__isnull=False,
                    claimed_at__isnull=False,
                    lease_until__isnull=False,
                )
                | (
                    ~Q(state="claimed")
                    & Q(owner__isnull=True, claimed_at__isnull=True, lease_until__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="request_closed_has_outcome",
                condition=(
                    Q(
                        state__in=[
                            "contacted",
                            "booked",
                            "declined",
                            "referred_out",
                            "unreachable",
                            "withdrawn",
                            "merged",
                        ],
                        closed_at__isnull=False,
                    )
                    & ~Q(outcome="")
                )
                | Q(
                    state__in=["new", "claimed", "awaiting_retry", "spam_held"],
                    closed_at__isnull=True,
                    outcome="",
                ),
            ),
            models.CheckConstraint(
                name="request_merged_names_target",
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
            ),
            models.CheckConstraint(
                name="request_retry_has_time",
                condition=~Q(state="awaiting_retry") | Q(next_action_at__isnull=False),
            ),
            models.CheckConstraint(
                name="request_promises_in_order",
                condition=Q(received_at__lt=models.F("attempt_due_at"))
                & Q(attempt_due_at__lte=models.F("contact_due_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class CallAttempt(models.Model):
    """One call that a coordinator made."""

    class Outcome(models.TextChoices):
        BOOKED = "booked", _("Spoke, booked")
        THINKING = "thinking", _("Spoke, will think it over")
        NO_ANSWER = "no_answer", _("No answer")
        VOICEMAIL = "voicemail", _("Voicemail left")
        BUSY = "busy", _("Busy")
        CALL_LATER = "call_later", _("Bad moment, call again")
        WRONG_NUMBER = "wrong_number", _("Wrong number")
        EMAILED = "emailed", _("Wrote an email to arrange a call")
        DECLINED = "declined", _("Does not want this")
        REFERRED_OUT = "referred_out", _("Referred elsewhere")
        STOP = "stop", _("Asked us to stop")

    CONTACTS = (
        Outcome.BOOKED,
        Outcome.THINKING,
        Outcome.CALL_LATER,
        Outcome.DECLINED,
        Outcome.REFERRED_OUT,
        Outcome.STOP,
    )

    request = models.ForeignKey(CallbackRequest, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    next_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    # The database fills it in: hours since 1970.
    hour = models.GeneratedField(
        expression=EpochHour("at"), output_field=models.IntegerField(), db_persist=True
    )
    # The request's own fields before this attempt, so that it can be undone. Never personal.
    before = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(
                fields=["hour", "by", "outcome"],
                name="attempt_counted",
                condition=Q(undone_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.outcome}"


class Note(models.Model):
    """A coordinator's note, sealed like everything else about the person."""

    request = models.ForeignKey(CallbackRequest, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    envelope = models.BinaryField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"note {self.pk}"


class ConsentWording(models.Model):
    """The exact words that somebody agreed to. A version never changes."""

    wording_id = models.CharField(max_length=40, unique=True)  # such as "call-1"
    purpose = models.CharField(max_length=16)
    text = models.TextField()

    def __str__(self) -> str:
        return self.wording_id


class Consent(models.Model):
    """A yes or no to one purpose, with its wording, time and source."""

    class Purpose(models.TextChoices):
        CALL = "call", _("be called")
        VOICEMAIL = "voicemail", _("get a voicemail")
        TEXT = "text", _("get texts")
        EMAIL = "email", _("get e-mail")

    request = models.ForeignKey(CallbackRequest, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    is_granted = models.BooleanField()
    wording = models.ForeignKey(ConsentWording, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField()
    source = models.CharField(max_length=40)  # "form", "phone"
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["at", "pk"]  # the newest of a purpose is the one that holds

    def __str__(self) -> str:
        return f"{self.request_id} {self.purpose}"
