"""Pages with their sections, sections with their entries, and navigation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import URLPattern, path, resolve
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.admin.base import BACKGROUND, REVIEW, PartForm, RowAdmin, RowForm
from pages.admin.finding import find_view
from pages.admin.shown import ShowsRichText
from pages.models import NavLink, Page, Row, Section, SectionItem
from pages.redirects import leave, move

if TYPE_CHECKING:
    StackedInline = admin.StackedInline[Row, Row]
else:
    StackedInline = admin.StackedInline


class SectionInline(ShowsRichText, StackedInline):
    model = Section
    form = RowForm
    extra = 0
    show_change_link = True
    classes = ["collapse"]
    ordering = ["position", "slug"]
    autocomplete_fields = ["cites"]
    verbose_name_plural = _("what stands on it: the sections, from top to bottom")
    fieldsets = [
        (None, {"fields": ["heading", "kind", "lists", "body"]}),
        (
            _("More"),
            {
                "classes": ["collapse"],
                "fields": [
                    "aside",
                    "cites",
                    "provenance",
                    ("link_label", "link_path"),
                    ("is_broad", "is_band"),
                ],
            },
        ),
        (None, {"fields": [("is_ready", "position", "slug"), *RowForm.CARRIED]}),
    ]


class SectionItemInline(ShowsRichText, StackedInline):
    model = SectionItem
    form = PartForm
    extra = 0
    ordering = ["position", "slug"]
    verbose_name_plural = _("its entries, for kinds of section that list their own")
    fields = [
        "heading",
        "body",
        ("drawing", "status"),
        ("is_ready", "position", "slug"),
        *RowForm.CARRIED,
    ]


class PageForm(RowForm):
    def clean_path(self) -> str:
        address = str(self.cleaned_data["path"])
        taken = resolve(address).view_name != "pages:page"
        if taken and address != self.initial.get("path"):
            raise ValidationError(gettext("This address belongs to another part of the site."))
        return address


@admin.register(Page)
class PageAdmin(RowAdmin):
    form = PageForm
    list_display = ["title", "path", "is_treatment", "position", "is_ready"]
    list_filter = ["is_treatment", "is_ready"]
    search_fields = ["title", "path", "lead", "meta_title", "meta_description"]
    autocomplete_fields = ["social_photo"]
    inlines = [SectionInline]
    parts = ("sections",)
    fieldsets = [
        (_("The page"), {"fields": ["title", "path", "lead"]}),
        (
            _("In search results and in the browser's tab"),
            {"fields": ["meta_title", "meta_description", "social_photo"]},
        ),
        (_("How it shows"), {"fields": ["is_treatment", "shows_call", "is_calm"]}),
        REVIEW,
        BACKGROUND,
    ]

    def keys_of(self, row: Row) -> list[str]:
        items = SectionItem.objects.filter(section__page__slug=row.slug)
        return [*super().keys_of(row), *(item.key for item in items)]

    def get_urls(self) -> list[URLPattern]:
        find = self.admin_site.admin_view(find_view)
        return [path("find/", find, name="pages_find"), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Row, form: Any, change: bool) -> None:
        """Readers of the old address follow the page to its new one."""
        assert isinstance(obj, Page)
        assert isinstance(request.user, User)
        before = Page.objects.filter(pk=obj.pk).values_list("path", flat=True).first()
        super().save_model(request, obj, form, change)
        if before != obj.path:
            move(before=before or obj.path, after=obj.path, by=request.user)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No deleting from the list: for each page somebody has to say where its readers go."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        others = Page.objects.exclude(pk=object_id).order_by("position", "slug")
        known = {"nowhere", *(page.path for page in others)}
        may = self.has_delete_permission(request)
        if may and request.method == "POST" and request.POST.get("send_to") not in known:
            messages.error(
                request, gettext("Nothing was deleted. Choose where to send its readers.")
            )
            return HttpResponseRedirect(request.get_full_path())
        context = {"others": others, **(extra_context or {})}
        return super().delete_view(request, object_id, context)

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        assert isinstance(obj, Page)
        assert isinstance(request.user, User)
        target = request.POST["send_to"]
        super().delete_model(request, obj)
        leave(path=obj.path, to_path="" if target == "nowhere" else target, by=request.user)


@admin.register(Section)
class SectionAdmin(RowAdmin):
    list_display = ["heading", "page", "kind", "lists", "position", "is_ready"]
    list_filter = ["page", "kind", "is_ready"]
    search_fields = ["heading", "body", "aside", "provenance"]
    ordering = ["page__position", "page__slug", "position", "slug"]
    autocomplete_fields = ["cites", "page", "photo"]
    inlines = [SectionItemInline]
    parts = ("items",)
    fieldsets = [
        (
            _("The section"),
            {
                "description": _("Its kind decides how it looks and what it lists by itself."),
                "fields": ["page", "kind", "lists", "heading", "body", "aside", "photo"],
            },
        ),
        (_("Where it comes from"), {"fields": ["cites", "provenance"]}),
        (_("A link at its end"), {"fields": [("link_label", "link_path")]}),
        (_("How it shows"), {"fields": [("is_broad", "is_band")]}),
        REVIEW,
        BACKGROUND,
    ]


@admin.register(SectionItem)
class SectionItemAdmin(RowAdmin):
    form = PartForm
    list_display = ["__str__", "section", "status", "position", "is_ready"]
    list_filter = ["section__kind", "is_ready"]
    search_fields = ["heading", "body"]
    ordering = ["section__slug", "position", "slug"]
    autocomplete_fields = ["section"]
    fieldsets = [
        (_("The entry"), {"fields": ["section", "heading", "body", ("drawing", "status")]}),
        BACKGROUND,
    ]


@admin.register(NavLink)
class NavLinkAdmin(RowAdmin):
    list_display = ["label", "area", "target", "position", "is_ready"]
    list_filter = ["area", "is_ready"]
    search_fields = ["label", "target"]
    ordering = ["area", "position", "slug"]
    fieldsets = [(_("The link"), {"fields": ["area", "label", "target"]}), BACKGROUND]
