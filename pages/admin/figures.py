"""Studies, and figures with all that a figure has to say about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from pages.admin.base import BACKGROUND, REVIEW, PartForm, RowAdmin
from pages.models import FigurePart, OutcomeFigure, Row, Study

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Row, Row]
else:
    TabularInline = admin.TabularInline


class FigurePartForm(PartForm):
    is_wide = False  # it is a line of a table


class FigurePartInline(TabularInline):
    model = FigurePart
    form = FigurePartForm
    extra = 0
    ordering = ["position", "slug"]
    verbose_name_plural = _("shares of one hundred people, where one number is not enough")
    fields = [
        *("arm", "people", "label", "glyph", "position", "is_ready", "slug"),
        *FigurePartForm.CARRIED,
    ]


@admin.register(OutcomeFigure)
class OutcomeFigureAdmin(RowAdmin):
    list_display = ["headline", "group", "origin", "reviewed_on", "position", "is_ready"]
    list_filter = ["origin", "group", "is_ready"]
    search_fields = ["headline", "body", "condition", "population", "provenance"]
    ordering = ["group", "position", "slug"]
    autocomplete_fields = ["study", "more_studies", "context"]
    inlines = [FigurePartInline]
    parts = ("parts",)
    fieldsets = [
        (
            _("What it says"),
            {
                "description": _(
                    "Readers see the headline first and one hundred small people "
                    "beside it, never a bar."
                ),
                "fields": ["headline", "body", "group", "condition"],
            },
        ),
        (
            _("Who says so"),
            {
                "description": _(
                    "A published figure names its study. A clinic-reported one needs "
                    "a caveat, and published figures to stand beside it."
                ),
                "fields": [
                    "origin",
                    "origin_note",
                    "study",
                    "more_studies",
                    "context",
                    "caveat",
                    "provenance",
                ],
            },
        ),
        (
            _("How many"),
            {"fields": [("low", "high"), ("numerator", "denominator"), "no_denominator_reason"]},
        ),
        (_("Compared with what"), {"fields": ["comparator", "comparator_percent"]}),
        (
            _("Of whom, when and how"),
            {
                "description": _("If it is not known, write that it is not known."),
                "fields": [
                    ("population", "n"),
                    ("measure", "time_point"),
                    "period",
                    ("route", "dose"),
                ],
            },
        ),
        REVIEW,
        BACKGROUND,
    ]


@admin.register(FigurePart)
class FigurePartAdmin(RowAdmin):
    form = PartForm
    list_display = ["__str__", "figure", "arm", "glyph", "position", "is_ready"]
    list_filter = ["glyph", "is_ready"]
    search_fields = ["label", "arm"]
    ordering = ["figure__slug", "position", "slug"]
    autocomplete_fields = ["figure"]
    fieldsets = [
        (_("The share"), {"fields": ["figure", "arm", "people", "label", "glyph"]}),
        BACKGROUND,
    ]


@admin.register(Study)
class StudyAdmin(RowAdmin):
    list_display = ["__str__", "group", "direction", "n", "cite_verified", "is_ready"]
    list_filter = ["direction", "group", "cite_verified", "is_ready"]
    search_fields = ["authors", "title", "journal", "doi", "finding"]
    ordering = ["group", "position", "slug"]
    fieldsets = [
        (
            _("What it found"),
            {
                "description": _("List studies that found no benefit too."),
                "fields": ["finding", "direction", "group", "design", "n"],
            },
        ),
        (_("Citation"), {"fields": ["authors", "title", ("journal", "year", "locator")]}),
        (
            _("Where to read it"),
            {
                "description": _("One is enough; a DOI is best."),
                "fields": ["doi", ("pmid", "pmcid"), "url", "cite_verified"],
            },
        ),
        REVIEW,
        BACKGROUND,
    ]
