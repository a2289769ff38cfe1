"""Medical figures and the studies behind them."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pages.models.rows import ReviewedRow, Row
from pages.rich import rich_text

PERCENT = [MinValueValidator(0), MaxValueValidator(100)]
YEAR = [MinValueValidator(1900), MaxValueValidator(2100)]
# Nothing of these may be empty: a figure without one of them cannot be judged.
CIRCUMSTANCES = (
    "headline", "origin_note", "comparator", "measure", "time_point", "population", "condition", "provenance",
)  # fmt: skip


def _is_percent(name: str) -> Q:
    return Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": (0, 100)})


class Study(ReviewedRow):
    """A published study, guideline or agency text, with what it found."""

    class Direction(models.TextChoices):
        POSITIVE = "positive", _("found a benefit")
        MIXED = "mixed", _("mixed result")
        NEGATIVE = "negative", _("found no benefit")
        BACKGROUND = "background", _("background or guidance")

    class Group(models.TextChoices):
        DEPRESSION = "depression", _("Depression")
        OTHER_MOOD = "other-mood", _("Bipolar depression, OCD, PTSD, anxiety")
        SUICIDAL_THOUGHTS = "suicidal-thoughts", _("Suicidal thoughts")
        PAIN = "pain", _("Pain and migraine")
        BACKGROUND = "background", _("Guidance, safety, background")

    class Verified(models.TextChoices):
        TEXT = "text", _("citation read in the source's own text")
        SECONDARY = "secondary", _("seen only in a secondary copy")
        PARTLY = "partly", _("partly recalled; open it before relying on it")

    authors = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    journal = models.CharField(max_length=120)
    year = models.PositiveSmallIntegerField(validators=YEAR)
    locator = models.CharField(_("volume, issue, pages"), max_length=60, blank=True)
    doi = models.CharField(
        "DOI",
        max_length=80,
        blank=True,
        validators=[RegexValidator(r"^10\.\d{4,9}/\S+$", _("A DOI starts with 10. and a number."))],
    )
    pmid = models.CharField(_("PubMed number"), max_length=12, blank=True)
    pmcid = models.CharField(_("PubMed Central number"), max_length=14, blank=True)
    url = models.URLField(_("address, where there is no DOI"), blank=True)
    group = models.CharField(max_length=20, choices=Group.choices)
    design = models.CharField(max_length=120, help_text=_("randomized, double-blind, crossover"))
    n = models.PositiveIntegerField("people", null=True, blank=True)
    direction = models.CharField(max_length=12, choices=Direction.choices)
    finding = models.TextField(help_text=_("What it found, in one or two plain sentences."))
    cite_verified = models.CharField(
        _("citation checked"), max_length=10, choices=Verified.choices, default=Verified.PARTLY
    )

    class Meta(ReviewedRow.Meta):
        verbose_name_plural = "studies"
        constraints = [
            *ReviewedRow.Meta.constraints,
            models.CheckConstraint(
                name="study_year_is_a_year",
                condition=Q(year__range=(1900, 2100)),
                violation_error_message=_("The year has four digits."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authors.split(',')[0]} {self.year}: {self.title[:60]}"


class OutcomeFigure(ReviewedRow):
    """A benefit or harm figure, as a record: who says so, of whom, when, compared with what."""

    class Origin(models.TextChoices):
        CLINIC_REPORTED = "clinic_reported", _("clinic-reported, not independently checked")
        PUBLISHED = "published", _("published")

    class Group(models.TextChoices):
        MOOD = "mood", _("Depression and other mood conditions")
        LASTING = "lasting", _("How long it lasts")
        PAIN = "pain", _("Pain and migraine")
        SUICIDAL_THOUGHTS = "suicidal-thoughts", _("Suicidal thoughts")

    group = models.CharField(max_length=20, choices=Group.choices)
    origin = models.CharField(max_length=16, choices=Origin.choices)
    origin_note = models.CharField(
        _("kind of source"), max_length=80, help_text=_("Published, controlled trial")
    )
    headline = models.CharField(
        max_length=160, help_text=_("Begin with the number in words: 75 in 100 had ...")
    )
    body = rich_text(_("what it does and does not say"))
    low = models.DecimalField(
        "percent", max_digits=4, decimal_places=1, null=True, blank=True, validators=PERCENT
    )
    high = models.DecimalField(
        _("percent, upper end of a range"),
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=PERCENT,
    )
    numerator = models.PositiveIntegerField(null=True, blank=True)
    denominator = models.PositiveIntegerField(null=True, blank=True)
    no_denominator_reason = models.CharField(
        _("why no denominator"),
        max_length=200,
        blank=True,
        help_text=_("Needed when the counts are not given."),
    )
    comparator = models.CharField(
        _("compared with"), max_length=160, help_text=_('The other arm, or "nothing".')
    )
    comparator_percent = models.DecimalField(
        max_digits=4, decimal_places=1, null=True, blank=True, validators=PERCENT
    )
    measure = models.CharField(_("measured how"), max_length=160)
    time_point = models.CharField(_("measured when"), max_length=120)
    period = models.CharField(_("treated in which years"), max_length=80, blank=True)
    population = models.CharField(_("of whom"), max_length=200)
    n = models.PositiveIntegerField(_("people in the study"), null=True, blank=True)
    condition = models.CharField(max_length=80)
    route = models.CharField("route", max_length=60, blank=True)
    dose = models.CharField(max_length=80, blank=True)
    study = models.ForeignKey(
        Study, null=True, blank=True, on_delete=models.PROTECT, related_name="figures"
    )
    more_studies = models.ManyToManyField(Study, blank=True, related_name="+")
    context = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="+",
        help_text=_("Published figures shown beside a clinic-reported one."),
    )
    caveat = models.TextField(blank=True, help_text=_("Shown with the figure, always."))
    provenance = models.CharField(_("small print"), max_length=500)

    class Meta(ReviewedRow.Meta):
        constraints = [
            *ReviewedRow.Meta.constraints,
            models.CheckConstraint(
                name="figure_range_in_order",
                condition=Q(high__isnull=True) | Q(low__isnull=False, high__gt=F("low")),
                violation_error_message=_("The upper end of a range must be above its lower end."),
            ),
            models.CheckConstraint(
                name="figure_percents_are_of_100",
                condition=_is_percent("low")
                & _is_percent("high")
                & _is_percent("comparator_percent"),
                violation_error_message=_("A percentage is between 0 and 100."),
            ),
            models.CheckConstraint(
                name="figure_says_its_circumstances",
                condition=~reduce(or_, (Q(**{name: ""}) for name in CIRCUMSTANCES)),
                violation_error_message=_(
                    "A figure says what was measured, when, in whom, and compared with what."
                ),
            ),
            models.CheckConstraint(
                name="figure_counts_or_reason",
                condition=Q(denominator__isnull=False) | ~Q(no_denominator_reason=""),
                violation_error_message=_("Give the counts, or the reason why there are none."),
            ),
            models.CheckConstraint(
                name="figure_numerator_within_denominator",
                condition=Q(numerator__isnull=True)
                | Q(denominator__isnull=False, numerator__lte=F("denominator")),
                violation_error_message=_("The numerator cannot be above the denominator."),
            ),
            models.CheckConstraint(
                name="figure_published_has_study",
                condition=~Q(origin="published") | Q(study__isnull=False),
                violation_error_message=_("A published figure names its study."),
            ),
            models.CheckConstraint(
                name="figure_clinic_reported_has_caveat",
                condition=~Q(origin="clinic_reported") | ~Q(caveat=""),
                violation_error_message=_(
                    "A clinic-reported figure is never shown without a caveat."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.headline


class FigurePart(Row):
    """A share of one hundred people in a figure's picture, when one number is not enough."""

    class Glyph(models.TextChoices):
        ON = "on", _("filled: the benefit")
        PART = "part", _("half: part of the benefit")
        OFF = "off", _("outlined: no change")
        WORSE = "worse", _("cut: worse")
        SAID = "said", _("paler: clinic-reported")
        MAYBE = "maybe", _("half, paler: clinic-reported, uncertain")

    figure = models.ForeignKey(OutcomeFigure, on_delete=models.CASCADE, related_name="parts")
    arm = models.CharField(
        max_length=60, blank=True, help_text=_("Parts with the same arm share one picture.")
    )
    people = models.PositiveSmallIntegerField(
        _("of 100 people"), validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    label = models.CharField(max_length=160, help_text=_("reached remission: few or no symptoms"))
    glyph = models.CharField(max_length=8, choices=Glyph.choices)

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                name="figurepart_is_of_100_people",
                condition=Q(people__range=(0, 100)),
                violation_error_message=_("A share of one hundred people is between 0 and 100."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.people} in 100 {self.label}"
