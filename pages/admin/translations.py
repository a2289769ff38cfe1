"""What rows say in other languages: each text beside its English, and what is still missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.admin.base import RowAdmin, RowForm
from pages.admin.merging import Carried
from pages.admin.words import address_of, translation_address
from pages.languages import OWN_NAMES, TRANSLATED
from pages.models import Translation
from pages.models.translation import slug_of
from pages.releases import (
    Content,
    fields_of,
    model_of,
    row_of,
    serialise,
    title_of,
    working_content,
)
from pages.rich import clean_html
from pages.translations import KIND, State, english_of, fingerprint_of, state_between, state_of


def english_now(key: str) -> dict[str, str]:
    """What the saved row says in English; empty where there is no such row."""
    try:
        row = row_of(key)
    except KeyError:
        return {}
    return english_of(key, serialise(row)) if row else {}


class WordsWidget(forms.Widget):
    """A box for each text of the row, with its English above it."""

    key = ""
    english: Mapping[str, str] = {}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        if not self.english:
            return render_to_string("admin/pages/words.html", {"texts": [], "original": ""})
        labels = {f.name: str(f.verbose_name) for f in fields_of(model_of(self.key))}
        words = value if isinstance(value, dict) else {}
        texts = [
            {
                "name": f"{name}-{field}",
                "label": labels[field].capitalize(),
                "english": text,
                "words": words.get(field, ""),
                "is_long": len(text) > 80 or "<" in text,
            }
            for field, text in self.english.items()
        ]
        context = {"texts": texts, "original": address_of(self.key)}
        return render_to_string("admin/pages/words.html", context)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        typed = {field: str(data.get(f"{name}-{field}", "")) for field in self.english}
        return {field: text.replace("\r\n", "\n").strip() for field, text in typed.items()}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class WordsField(forms.Field):
    widget = WordsWidget

    def clean(self, value: Any) -> dict[str, str]:
        """Only the markup that the English may have; a text without any stays as typed."""
        return {
            field: clean_html(text) if "<" in text else text
            for field, text in value.items()
            if text
        }

    def has_changed(self, initial: Any, data: Any) -> bool:
        return {k: v for k, v in (initial or {}).items() if v} != {
            k: v for k, v in data.items() if v
        }


class TranslationForm(RowForm):
    words = WordsField(label="", required=False)
    is_current = forms.BooleanField(
        label=_("It says what the English above says"),
        required=False,
        help_text=_(
            "Tick it when the English has changed and the words are still right. Changing a "
            "word counts as a tick."
        ),
    )
    seen = Carried(required=False, label="")  # the fingerprint of the English that this form shows

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "of" not in self.fields:
            return  # somebody who may only look
        for name in ("of", "language"):
            self.fields[name].widget = forms.HiddenInput()
        assert isinstance(self.instance, Translation)
        key = self.instance.of or self["of"].value() or ""
        widget = self.fields["words"].widget
        assert isinstance(widget, WordsWidget)
        widget.key, widget.english = key, english_now(key)
        self.initial["seen"] = fingerprint_of(widget.english)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        row, is_new_text = self.instance, "words" in self.changed_data
        assert isinstance(row, Translation)
        if not row.pk:
            row.slug = slug_of(cleaned.get("of") or "", cleaned.get("language") or "")
        if is_new_text or cleaned.get("is_current"):
            row.original = str(cleaned.get("seen"))[:16]
        if is_new_text and not {"reviewed_on", "reviewed_by"} & set(self.changed_data):
            # The translator checked other words than these.
            cleaned["reviewed_on"], cleaned["reviewed_by"] = None, ""
        return cleaned


@admin.register(Translation)
class TranslationAdmin(RowAdmin):
    form = TranslationForm
    search_fields = ["of", "words", "reviewed_by"]
    list_filter = ["language", ("reviewed_on", admin.EmptyFieldListFilter), "is_ready"]
    list_display = ["of", "language", "standing", "is_ready"]
    change_list_template = "admin/pages/translation/change_list.html"
    ordering = ["of"]
    fieldsets = [
        (
            _("What it says"),
            {
                "description": _(
                    "Say what the English says, no more and no less. Figures, names "
                    "and links stay as they are; links lead to the Spanish page by themselves."
                ),
                "fields": ["words", "is_current", "of", "language", "seen"],
            },
        ),
        (
            _("Checked by a qualified translator"),
            {
                "description": _(
                    "Leave both empty until one has checked these very words: until "
                    "then the text is awaiting a qualified translator's review."
                ),
                "fields": [("reviewed_on", "reviewed_by")],
            },
        ),
        (_("In the background"), {"fields": ["is_ready"]}),
    ]

    @admin.display(description=_("How it stands"))
    def standing(self, row: Translation) -> str:
        return state_between(english_now(row.of), serialise(row)).words

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.untranslated_view)
        return [path("untranslated/", view, name="pages_untranslated"), *super().get_urls()]

    def untranslated_view(self, request: HttpRequest) -> HttpResponse:
        """Every row that readers of another language do not get, or get unchecked."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        content = working_content()
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("What lacks or awaits a translation"),
            "opts": self.opts,
            "languages": [
                {"name": OWN_NAMES[language], "groups": _groups(content, language)}
                for language in TRANSLATED
            ],
        }
        return TemplateResponse(request, "admin/pages/untranslated.html", context)


def _groups(content: Content, language: str) -> list[dict[str, Any]]:
    """For each state but the last the rows that are in it, in the order of the release."""
    rows: dict[State, list[dict[str, str]]] = {}
    for key, fields in content.items():
        if key.startswith(KIND) or not english_of(key, fields):
            continue
        line = {
            "title": title_of(fields, default=key),
            "kind": str(model_of(key)._meta.verbose_name),
            "address": translation_address(key, language, content),
        }
        rows.setdefault(state_of(key, content, language), []).append(line)
    wanted = [State.OUTDATED, State.PARTLY, State.AWAITING, State.MISSING]
    return [{"state": state.words, "rows": rows[state]} for state in wanted if state in rows]
