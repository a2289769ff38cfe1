"""What every row's admin shares: who edited it, how it stands, Save and publish."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.admin.careful import CarefulAdmin
from pages.admin.live import (
    asks_second_person,
    changes_address,
    kind_asks_second_person,
    may_publish,
    publish,
)
from pages.admin.merging import MergeForm
from pages.admin.words import address_of, describe
from pages.models import Row
from pages.releases import (
    TITLES,
    Content,
    changes_of,
    foreign_keys_of,
    live_content,
    working_content,
)
from pages.standing import Standing, standing_of

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldOpts
    from django.utils.functional import _StrPromise as StrPromise

    ModelForm = forms.ModelForm[Row]
    FormSet = forms.BaseInlineFormSet[Row, Row, ModelForm]

REVIEW: tuple[StrPromise, _FieldOpts] = (
    _("Who checked it"),
    {
        "classes": ["collapse"],
        "description": _("Fill these in together, once a clinician has checked the text."),
        "fields": [("reviewed_on", "reviewed_by"), "review_due_on"],
    },
)
BACKGROUND: tuple[StrPromise, _FieldOpts] = (
    _("In the background"),
    {
        "description": _("Whether readers may see it, and where it comes in its list."),
        "fields": ["is_ready", "position", "slug"],
    },
)

LONG_LINE = 60  # characters; a longer column gets a longer box

SAVED = {
    Standing.LIVE: _("The live site already says this."),
    Standing.NOT_READY: _("It is not ready, or what it belongs to is not, so it is not published."),
}
NOT_LIVE = _(
    "<strong>Not live yet:</strong> readers still see the site as it was. "
    '<a href="{}">See what would change, and publish it</a>.'
)


class RowForm(MergeForm):
    """A row's short name is made from its heading, and never changes once it is saved."""

    has_own_heading = True
    is_wide = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if self.is_wide and (getattr(field, "max_length", None) or 0) > LONG_LINE:
                field.widget.attrs["class"] = "vLargeTextField"
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].disabled = self.instance.pk is not None
            self.fields["slug"].help_text = gettext(
                "Names this row for good, in links and in every release. Leave it empty: "
                "it is made from the heading."
            )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if "slug" in self.fields and not cleaned.get("slug") and "slug" not in self.errors:
            cleaned["slug"] = self._free_slug(cleaned)
        return cleaned

    def _free_slug(self, cleaned: dict[str, Any]) -> str:
        model = self._meta.model
        heading = next((cleaned[name] for name in TITLES if cleaned.get(name)), "")
        slug = slugify(heading)[:70].strip("-") or str(model._meta.model_name)
        if not self.has_own_heading or model._default_manager.filter(slug=slug).exists():
            slug = f"{slug}-{secrets.token_hex(3)}"
        return slug


class PartForm(RowForm):
    """Parts of one row often share their words, so each short name gets an ending of its own."""

    has_own_heading = False


class RowAdmin(CarefulAdmin):
    form = RowForm
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    save_on_top = True
    list_per_page = 100
    ordering = ["position", "slug"]
    actions = ["publish_selected"]
    # Kinds of rows that are edited in this row's form: (related name) in order.
    parts: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        return super().get_queryset(request).select_related(*foreign_keys_of(self.model))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The list, under the name of what it lists."""
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The columns, and how each row stands. Both contents are read once per list."""
        live = cast("Content", SimpleLazyObject(live_content))
        working = cast("Content", SimpleLazyObject(working_content))

        @admin.display(description=_("On the site"))
        def on_the_site(row: Row) -> str:
            return standing_of(row, live=live, working=working).words

        return [*super().get_list_display(request), on_the_site]

    def save_model(self, request: HttpRequest, obj: Row, form: Any, change: bool) -> None:
        obj.edited_by = _editor(request)
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for row in formset.save(commit=False):
            row.edited_by = _editor(request)
            row.save()
        for row in formset.deleted_objects:
            row.delete()
        formset.save_m2m()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        touched = [form.instance.key]
        for formset in formsets:
            saved = [*formset.new_objects, *(row for row, _ in formset.changed_objects)]
            touched += [row.key for row in (*saved, *formset.deleted_objects)]
        request.touched_keys = touched  # type: ignore[attr-defined]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {
            "may_publish": may_publish(request),
            "asks_second_person": kind_asks_second_person(str(self.opts.model_name)),
            "show_save_and_add_another": False,  # “Save” leads to the list, and “Add” is there
            **(extra_context or {}),
        }
        row = self.get_object(request, object_id) if object_id and request.method == "GET" else None
        if row is not None:
            live, working = live_content(), working_content()
            changes = changes_of(self.keys_of(row), live=live, working=working)
            context["standing"] = standing_of(row, live=live, working=working).words
            context["changes"] = describe(changes, before=live, after=working)
            context["asks_second_person"] = asks_second_person(row.key, live, working)
            context["changes_address"] = changes_address([change.key for change in changes])
        return super().changeform_view(request, object_id, form_url, context)

    def keys_of(self, row: Row) -> list[str]:
        """The row's own key and those of the rows that its form edits."""
        return [row.key, *(part.key for name in self.parts for part in getattr(row, name).all())]

    def response_add(
        self, request: HttpRequest, obj: Row, post_url_continue: str | None = None
    ) -> HttpResponse:
        failed = self._publish_or_tell(request, obj)
        return failed or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Row) -> HttpResponse:
        failed = self._publish_or_tell(request, obj)
        return failed or super().response_change(request, obj)

    def _publish_or_tell(self, request: HttpRequest, obj: Row) -> HttpResponse | None:
        """Publish what this form saved, or say that it is not live. A refusal leads back."""
        live, working = live_content(), working_content()
        keys = [key for key in self.keys_of(obj) if key not in live]
        keys += [key for key in request.touched_keys if key not in keys]  # type: ignore[attr-defined]
        if "_publish" in request.POST and may_publish(request):
            if publish(request, keys):
                return None
            return HttpResponseRedirect(address_of(obj.key))
        standing = standing_of(obj, live=live, working=working)
        changed = [change.key for change in changes_of(keys, live=live, working=working)]
        if changed:
            messages.warning(request, format_html(str(NOT_LIVE), changes_address(changed)))
        else:
            messages.info(request, str(SAVED.get(standing, SAVED[Standing.LIVE])))
        return None

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        self._tell_removal(request, [obj.key])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        self._tell_removal(request, [row.key for row in queryset])
        super().delete_queryset(request, queryset)

    def _tell_removal(self, request: HttpRequest, keys: list[str]) -> None:
        live = live_content()
        if still_there := [key for key in keys if key in live]:
            messages.warning(request, format_html(str(NOT_LIVE), changes_address(still_there)))

    @admin.action(description=_("Publish the selected ones"), permissions=["publish"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        publish(request, [key for row in queryset for key in self.keys_of(row)])

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return may_publish(request)


def _editor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
