"""What a row says in another language."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.languages import ENGLISH, OWN_NAMES, TRANSLATED
from pages.models.rows import Row


class Translation(Row):
    """The words of one row in one language, shown for as long as they say what the English says.

    ``original`` is the fingerprint of the English that was translated: once the English reads
    differently, readers get the English until somebody has looked at the translation again.
    """

    # Made of the language, the kind and the short name of the row that is translated.
    slug = models.SlugField(_("short name"), max_length=120, unique=True)
    language = models.CharField(
        max_length=8, choices=[(code, OWN_NAMES[code]) for code in TRANSLATED]
    )
    of = models.CharField("translates", max_length=110, help_text="question:driving-home")
    words = models.JSONField(_("what it says"), default=dict)
    original = models.CharField(_("fingerprint of the English"), max_length=16, blank=True)
    reviewed_on = models.DateField(_("checked by a qualified translator on"), null=True, blank=True)
    reviewed_by = models.CharField(
        _("qualified translator"),
        max_length=120,
        blank=True,
        help_text=_(
            "Name and qualification. Leave it empty until one has checked these very words."
        ),
    )

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["language", "of"],
                name="translation_once_for_a_row",
                violation_error_message=_("This row has a translation in that language already."),
            ),
            models.CheckConstraint(
                name="translation_review_has_translator",
                condition=Q(reviewed_on__isnull=True, reviewed_by="")
                | (Q(reviewed_on__isnull=False) & ~Q(reviewed_by="")),
                violation_error_message=_("Give both who checked it and on which day, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.of} in {self.get_language_display()}"

    def clean(self) -> None:
        if self.slug != slug_of(self.of, self.language):
            raise ValidationError(
                {
                    "slug": gettext("It has to be %(name)s.")
                    % {"name": slug_of(self.of, self.language)}
                }
            )
        if problem := problem_with(self.words):
            raise ValidationError({"words": problem})

    @property
    def awaits_review(self) -> bool:
        return self.reviewed_on is None


def slug_of(key: str, language: str) -> str:
    """The short name of the translation of the row ``key``: ``es-question-driving-home``."""
    return f"{language}-{key.replace(':', '-', 1)}"


def key_of(key: str, language: str) -> str:
    """The key under which a release holds the translation of the row ``key``."""
    assert language != ENGLISH
    return f"translation:{slug_of(key, language)}"


def problem_with(words: Any) -> str:
    """What keeps these words from being a translation; empty when nothing does."""
    if not isinstance(words, dict):
        return gettext("The words have to be a table of fields.")
    if wrong := [name for name, text in words.items() if not isinstance(text, str)]:
        return gettext("Not a text: %(names)s.") % {"names": ", ".join(wrong)}
    return ""
