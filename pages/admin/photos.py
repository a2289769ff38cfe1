"""Photographs: uploaded, described, and pointed at what matters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.admin.base import BACKGROUND, RowAdmin, RowForm
from pages.models import Photo, Row
from pages.photos import BadPhoto, Stored, crop_for_sharing, file_name, store


class PhotoForm(RowForm):
    upload = forms.FileField(
        label=_("Photograph"),
        help_text=_(
            "JPEG, PNG, WebP or AVIF, 480 pixels wide or more, up to 15 MB. Where and when it "
            "was taken is not passed on."
        ),
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png,.webp,.avif"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["upload"].required = self.instance.pk is None
        self.stored: Stored | None = None

    def clean(self) -> dict[str, Any] | None:
        """The upload is turned into files here, so that a bad one is refused beside its field."""
        cleaned = super().clean() or self.cleaned_data
        if upload := cleaned.get("upload"):
            try:
                self.stored = store(upload.file, upload.name)
            except BadPhoto as refusal:
                self.add_error("upload", ValidationError(str(refusal)))
        return cleaned


@admin.register(Photo)
class PhotoAdmin(RowAdmin):
    form = PhotoForm
    list_display = ["small", "label", "alt", "is_decorative", "is_ready"]
    list_display_links = ["label"]
    list_filter = ["is_decorative", "is_ready"]
    search_fields = ["label", "alt", "caption"]
    readonly_fields = ["small"]
    fieldsets = [
        (_("The photograph"), {"fields": ["small", "upload", "label"]}),
        (
            _("In words"),
            {
                "description": _("Say what it shows, or tick “only decoration”: one of the two."),
                "fields": ["alt", "is_decorative", "caption"],
            },
        ),
        (
            _("What matters in it"),
            {
                "description": _(
                    "Where the photograph is cut, this point stays in view. 0 and 0 is "
                    "the corner at the top left."
                ),
                "fields": [("focal_x", "focal_y")],
            },
        ),
        BACKGROUND,
    ]

    @admin.display(description=_("photo"))
    def small(self, photo: Photo) -> SafeString | str:
        if not photo.digest:
            return gettext("(none yet)")
        name = file_name(photo.digest, min(photo.width, 480), "jpg")
        return format_html('<img src="/photos/{}" width="160" alt="{}">', name, photo.alt)

    def save_model(self, request: HttpRequest, obj: Row, form: Any, change: bool) -> None:
        assert isinstance(obj, Photo)
        if form.stored:
            obj.digest = form.stored.digest
            obj.width, obj.height = form.stored.width, form.stored.height
        crop_for_sharing(
            digest=obj.digest, width=obj.width, focal_x=obj.focal_x, focal_y=obj.focal_y
        )
        super().save_model(request, obj, form, change)
