"""The rows that stand alone: the clinic, crisis lines, mechanisms, steps, questions, notices."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.admin.base import BACKGROUND, REVIEW, RowAdmin, RowForm
from pages.models import (
    ClinicProfile,
    CrisisLine,
    Mechanism,
    Notice,
    Question,
    TreatmentStep,
)


@admin.register(ClinicProfile)
class ClinicProfileAdmin(RowAdmin):
    list_display = ["name", "phone_word", "phone_digits"]
    search_fields = ["name", "legal_name"]
    fieldsets = [
        (
            _("The clinic"),
            {
                "description": _("What stays empty is not shown anywhere."),
                "fields": ["name", "tagline", "legal_name", "address", "email"],
            },
        ),
        (
            _("The phone"),
            {
                "description": _(
                    "The same number three ways. They are compared before publishing."
                ),
                "fields": [("phone_word", "phone_digits", "phone_e164")],
            },
        ),
        (
            _("Hours and promises"),
            {
                "description": _(
                    "How soon a coordinator calls back, as the foot of every page says it. Some rows say "
                    "it in their own words: find “hours” before you change it. The desk, the "
                    "confirmation and the receipt keep to 24 and 48 hours, whatever stands here."
                ),
                "fields": [
                    ("callback_hours_min", "callback_hours_max"),
                    "opening_hours",
                    "states_served",
                ],
            },
        ),
        (_("Legal"), {"fields": ["npp_url"]}),
        BACKGROUND,
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one clinic."""
        return super().has_add_permission(request) and not ClinicProfile.objects.exists()


@admin.register(CrisisLine)
class CrisisLineAdmin(RowAdmin):
    list_display = ["label", "href", "is_in_banner", "is_door", "position", "is_ready"]
    list_filter = ["is_in_banner", "is_door", "is_ready"]
    search_fields = ["label", "href", "detail"]
    fieldsets = [
        (
            _("The line"),
            {
                "description": _(
                    "Call 988, text 988 and call 911 have to be in the bar on every "
                    "page; nothing can be published without them."
                ),
                "fields": ["label", "href", "detail", "lang"],
            },
        ),
        (_("Where it shows"), {"fields": ["is_in_banner", "is_door", "is_immediate_danger"]}),
        BACKGROUND,
    ]


@admin.register(Mechanism)
class MechanismAdmin(RowAdmin):
    list_display = ["heading", "term", "drawing", "position", "is_ready"]
    list_filter = ["is_ready"]
    search_fields = ["heading", "term", "summary", "body"]
    fieldsets = [
        (
            _("What it says"),
            {
                "description": _("A working idea, not a fact: say what was seen, and in whom."),
                "fields": ["heading", "term", "summary", "body"],
            },
        ),
        (_("The drawing"), {"fields": ["drawing", "drawing_alt", "legend"]}),
        (
            _("How sure anyone is"),
            {"fields": [("animals_label", "animals_text"), ("people_label", "people_text")]},
        ),
        REVIEW,
        BACKGROUND,
    ]


@admin.register(TreatmentStep)
class TreatmentStepAdmin(RowAdmin):
    list_display = ["heading", "phase", "position", "is_ready"]
    list_filter = ["phase", "is_ready"]
    search_fields = ["heading", "body"]
    ordering = ["phase", "position", "slug"]
    fieldsets = [(_("The step"), {"fields": ["heading", "phase", "body"]}), REVIEW, BACKGROUND]


@admin.register(Question)
class QuestionAdmin(RowAdmin):
    list_display = ["question", "topic", "is_on_home", "position", "is_ready"]
    list_filter = ["topic", "is_on_home", "is_ready"]
    search_fields = ["question", "answer"]
    ordering = ["topic", "position", "slug"]
    autocomplete_fields = ["cites"]
    fieldsets = [
        (
            _("Question and answer"),
            {
                "description": _("Ask it as a reader would. Answer in the first sentence."),
                "fields": ["question", "answer", "topic", "is_on_home"],
            },
        ),
        (
            _("Studies"),
            {"description": _("Cite one for every number in the answer."), "fields": ["cites"]},
        ),
        REVIEW,
        BACKGROUND,
    ]


class NoticeForm(RowForm):
    def clean_short(self) -> str:
        """New words that nobody would see are refused, not kept."""
        short = str(self.cleaned_data["short"])
        is_new = bool({"short", "kind"} & set(self.changed_data))
        if short and is_new and self.data.get("kind") not in Notice.SHOWN_SHORT:
            raise ValidationError(
                gettext(
                    "No page shows the short form of a notice of this kind. "
                    "Move what matters into the full text, and empty this box."
                )
            )
        return short


@admin.register(Notice)
class NoticeAdmin(RowAdmin):
    form = NoticeForm
    list_display = ["heading", "kind", "position", "is_ready"]
    list_filter = ["kind", "is_ready"]
    search_fields = ["heading", "short", "body"]
    ordering = ["kind", "position", "slug"]
    fieldsets = [
        (
            _("The notice"),
            {
                "description": _(
                    "Its kind decides where it shows. The short form of an off-label "
                    "notice stands under headings and beside figures, that of “Not medical advice” at "
                    "the foot of every page. Other kinds have none: only their full text is shown. The three that "
                    "come with the contact form stand in it; more of that kind stand beside it."
                ),
                "fields": ["heading", "kind", "short", "body", "hidden_from"],
            },
        ),
        REVIEW,
        BACKGROUND,
    ]
