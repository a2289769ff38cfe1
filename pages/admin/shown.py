"""Whoever may only look reads rich text as readers do, not its markup."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.safestring import mark_safe
from django_prose_editor.fields import ProseEditorField

from pages.rich import clean_html

if TYPE_CHECKING:
    from django.contrib.admin.options import BaseModelAdmin

    from pages.models import Row

    Base = BaseModelAdmin[Row]
else:
    Base = object

Shown = Callable[[models.Model], str]


class ShowsRichText(Base):
    """For an admin, or an inline, in front of Django's class."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        shown = self._shown(request, obj)
        if not shown:
            return fieldsets
        return [
            (title, {**options, "fields": [_line(entry, shown) for entry in options["fields"]]})
            for title, options in fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *self._shown(request, obj).values()]

    def _shown(self, request: HttpRequest, obj: Any) -> dict[str, Shown]:
        """What stands in the place of each rich text, for this reader of ``obj``."""
        if obj is None or self.has_change_permission(request, obj):
            return {}
        fields = self.model._meta.fields
        return {f.name: _as_read(f) for f in fields if isinstance(f, ProseEditorField)}


def _line(entry: Any, shown: dict[str, Shown]) -> Any:
    """A field's name, or a line of several."""
    if isinstance(entry, str):
        return shown.get(entry, entry)
    return [_line(one, shown) for one in entry]


@cache
def _as_read(field: models.Field[Any, Any]) -> Shown:
    @admin.display(description=field.verbose_name)
    def shown(row: models.Model) -> str:
        words = clean_html(getattr(row, field.name))
        return mark_safe(words) if words else admin.site.empty_value_display  # noqa: S308  cleaned

    shown.__name__ = field.name  # by which Django finds its help text
    return shown
