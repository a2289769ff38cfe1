"""What every row has in common, and the rows that stand alone."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pages.rich import rich_text, unseen_in

UNSEEN = _("A character stands in it that cannot be seen. Type the words anew, without pasting.")


class Row(models.Model):
    """One editable piece of the site. Rows are never served; releases of them are.

    ``slug`` names the row in every release and never changes its meaning.
    A row that waits for the clinic's answer is not ready, and is left out.
    """

    slug = models.SlugField(
        _("short name"),
        max_length=80,
        unique=True,
        help_text=_("Names this row in links and in every release. Letters, digits and hyphens."),
    )
    is_ready = models.BooleanField(
        _("ready to publish"),
        default=True,
        help_text=_(
            "Untick while it waits for an answer. A row that is not ready is never published."
        ),
    )
    position = models.PositiveIntegerField("order", default=0, help_text=_("Smaller comes first."))
    edited_at = models.DateTimeField(_("last edited"), auto_now=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("last edited by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    # Bookkeeping that is about the row, not part of what it says.
    UNPUBLISHED_FIELDS = frozenset({"id", "edited_at", "edited_by"})

    class Meta:
        abstract = True
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Refuse also what cannot be seen in any text, wherever it comes from."""
        super().clean_fields(exclude)
        names = [f.name for f in self._meta.concrete_fields if f.name not in (exclude or ())]
        for name in names:
            value = getattr(self, name)
            texts = value.values() if isinstance(value, dict) else [value]
            if code := unseen_in(" ".join(text for text in texts if isinstance(text, str))):
                raise ValidationError({name: f"{UNSEEN} ({code})"})

    @property
    def key(self) -> str:
        """The row's name inside a release, such as ``"question:driving-home"``."""
        return f"{self._meta.model_name}:{self.slug}"


class ReviewedRow(Row):
    """A row that makes a medical statement, and so needs a reviewer and a date."""

    reviewed_on = models.DateField(_("reviewed on"), null=True, blank=True)
    reviewed_by = models.CharField(
        _("reviewed by"),
        max_length=120,
        blank=True,
        help_text=_(
            "Name and role of the clinician who checked it. Leave empty until someone has."
        ),
    )
    review_due_on = models.DateField(_("next review due"), null=True, blank=True)

    class Meta(Row.Meta):
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_review_has_reviewer",
                condition=Q(reviewed_on__isnull=True, reviewed_by="")
                | (Q(reviewed_on__isnull=False) & ~Q(reviewed_by="")),
                violation_error_message=_(
                    "Give both who reviewed it and on which day, or neither."
                ),
            )
        ]


class ClinicProfile(Row):
    """The clinic itself: the one row with its names and numbers."""

    name = models.CharField(max_length=120)
    tagline = models.CharField(max_length=200, blank=True)
    legal_name = models.CharField(max_length=160, blank=True)
    phone_word = models.CharField(_("phone, as a word"), max_length=24, help_text="866-951-HEAL")
    phone_digits = models.CharField(_("phone, in digits"), max_length=24, help_text="866-951-4325")
    phone_e164 = models.CharField(
        _("phone, for dialling"),
        max_length=16,
        validators=[RegexValidator(r"^\+[1-9]\d{7,14}$", _("Write it as +18669514325."))],
    )
    callback_hours_min = models.PositiveSmallIntegerField(_("calls back after, hours"), default=24)
    callback_hours_max = models.PositiveSmallIntegerField(_("calls back within, hours"), default=48)
    email = models.EmailField(blank=True)
    address = models.TextField(blank=True)
    states_served = models.CharField(max_length=200, blank=True)
    opening_hours = models.CharField(max_length=200, blank=True)
    npp_url = models.URLField(
        _("Notice of Privacy Practices"),
        blank=True,
        help_text=_("Address of the clinic's own notice (45 CFR 164.520). Hidden while empty."),
    )

    class Meta(Row.Meta):
        verbose_name = _("clinic profile")
        verbose_name_plural = _("clinic profile")

    def __str__(self) -> str:
        return self.name


class CrisisLine(Row):
    """A way to reach help in a crisis; the banner and the crisis page list them."""

    label = models.CharField(max_length=60, help_text=_("Call 988"))
    href = models.CharField(
        "link",
        max_length=120,
        validators=[
            RegexValidator(r"^(tel:|sms:|https://)\S+$", _("Start with tel:, sms: or https://"))
        ],
    )
    detail = models.CharField(max_length=200, blank=True)
    lang = models.CharField("language", max_length=8, default="en")
    is_in_banner = models.BooleanField(_("in the bar on every page"), default=False)
    is_door = models.BooleanField(_("as a large button on the crisis page"), default=False)
    is_immediate_danger = models.BooleanField(_("for danger right now"), default=False)

    def __str__(self) -> str:
        return self.label


class Mechanism(ReviewedRow):
    """One of the working ideas of how ketamine may act, with its drawing."""

    heading = models.CharField(max_length=80)
    term = models.CharField(_("scientific term"), max_length=80, blank=True)
    summary = models.CharField(_("one line, for the home page"), max_length=200)
    body = rich_text("explanation")
    drawing = models.CharField(max_length=40, help_text=_("Name of the drawing."))
    drawing_alt = models.CharField(_("what the drawing shows"), max_length=300)
    legend = models.TextField(
        _("lettered parts"), blank=True, help_text=_("One per line: a, b, c ...")
    )
    animals_label = models.CharField(max_length=40, default="In animals")
    animals_text = models.CharField(max_length=200)
    people_label = models.CharField(max_length=40, default="In people")
    people_text = models.CharField(max_length=200)

    class Meta(ReviewedRow.Meta):
        pass

    def __str__(self) -> str:
        return self.heading


class TreatmentStep(ReviewedRow):
    """One step of a visit or of a course."""

    class Phase(models.TextChoices):
        COURSE = "course", _("the course, from call to afterwards")
        VISIT = "visit", _("one visit")
        MAINTENANCE = "maintenance", _("maintenance")

    phase = models.CharField(max_length=16, choices=Phase.choices, default=Phase.COURSE)
    heading = models.CharField(max_length=80)
    body = rich_text(_("what happens"))

    class Meta(ReviewedRow.Meta):
        pass

    def __str__(self) -> str:
        return self.heading


class Question(ReviewedRow):
    """A question people ask, with its answer."""

    class Topic(models.TextChoices):
        TREATMENT = "treatment", _("The treatment")
        EVIDENCE = "evidence", _("What to expect of it")
        SAFETY = "safety", _("Safety")
        PRACTICAL = "practical", _("Practical")

    question = models.CharField(max_length=160)
    answer = rich_text("answer", blank=False)
    topic = models.CharField(max_length=16, choices=Topic.choices)
    is_on_home = models.BooleanField(_("also on the home page"), default=False)
    cites = models.ManyToManyField("pages.Study", blank=True, related_name="+")

    class Meta(ReviewedRow.Meta):
        pass

    def __str__(self) -> str:
        return self.question


class Notice(ReviewedRow):
    """A safety or legal text that travels with the pages it belongs to."""

    class Kind(models.TextChoices):
        OFF_LABEL = "off_label", _("Off-label")
        SAFETY = "safety", _("Safety summary")
        NOT_ADVICE = "not_advice", _("Not medical advice")
        NOT_EMERGENCY = "not_emergency", _("Not for emergencies")
        CLINIC_FIGURE = "clinic_figure", _("Caveat of clinic-reported figures")
        FDA_WARNING = "fda_warning", _("FDA warning on compounded ketamine")
        FORM = "form", _("Beside the contact form")
        LEGAL = "legal", _("Legal")

    # Each has its place in the contact form, by slug; what else is of that kind stands beside it.
    IN_THE_FORM = ("form-not-watched", "form-no-medical-details", "form-no-relationship")
    # Stand on many pages by themselves; the others where a section lists their kind.
    TRAVELLING = frozenset({Kind.OFF_LABEL, Kind.SAFETY, Kind.NOT_ADVICE})
    # Those of them that do so in their short form. The others show their full text only.
    SHOWN_SHORT = frozenset({Kind.OFF_LABEL, Kind.NOT_ADVICE})

    kind = models.CharField(max_length=20, choices=Kind.choices)
    heading = models.CharField(max_length=120)
    short = models.TextField(
        _("short form"), blank=True, help_text=_("One or two sentences, no markup.")
    )
    body = rich_text(_("full text"))
    hidden_from = models.DateField(
        _("no longer shown from"),
        null=True,
        blank=True,
        help_text=_("From midnight of this day readers no longer see it. Empty: it stays."),
    )

    class Meta(ReviewedRow.Meta):
        constraints = [
            *ReviewedRow.Meta.constraints,
            models.CheckConstraint(
                name="notice_safety_does_not_end",
                condition=Q(hidden_from__isnull=True)
                | Q(kind__in=["fda_warning", "form", "legal"]),
                violation_error_message=_(
                    "A notice of this kind has to stay; it cannot have an end."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.heading
