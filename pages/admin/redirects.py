"""Redirects by hand. Most are made by themselves, when a page moves or is deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from pages.admin.base import RowAdmin, RowForm
from pages.models import Redirect, Row
from pages.redirects import CannotRedirect, end_of, point


class RedirectForm(RowForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "from_path" in self.fields:
            self.fields["from_path"].disabled = self.instance.pk is not None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if {"from_path", "to_path"} <= cleaned.keys():
            try:
                cleaned["to_path"] = end_of(
                    from_path=cleaned["from_path"], to_path=cleaned["to_path"]
                )
            except CannotRedirect as refusal:
                raise ValidationError(str(refusal)) from refusal
        return cleaned


@admin.register(Redirect)
class RedirectAdmin(RowAdmin):
    form = RedirectForm
    list_display = ["from_path", "to_path"]
    search_fields = ["from_path", "to_path"]
    ordering = ["from_path"]
    fieldsets = [
        (
            _("An old address"),
            {
                "description": _(
                    "Readers of the old address are sent to the other one, and so are "
                    "search engines, for good. Changing a page's address does this by itself."
                ),
                "fields": ["from_path", "to_path"],
            },
        )
    ]

    def save_model(self, request: HttpRequest, obj: Row, form: Any, change: bool) -> None:
        assert isinstance(obj, Redirect)
        assert isinstance(request.user, User)
        obj.pk = point(from_path=obj.from_path, to_path=obj.to_path, by=request.user).pk
        obj.refresh_from_db()
