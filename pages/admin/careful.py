"""Around every row's form: nothing typed is lost, the row can be previewed, its past is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.translation import gettext

from pages.admin.problems import of_rows
from pages.admin.shown import ShowsRichText
from pages.admin.words import address_of, describe, in_words, kind_in_words, translation_address
from pages.history import CannotRestore, restore_field, steps_of
from pages.languages import OWN_NAMES, TRANSLATED, in_language
from pages.models import Row, Translation
from pages.preflight import run
from pages.releases import Content, title_of, working_content
from pages.site import Site, build_site
from pages.translations import KIND, english_of, state_of
from pages.typed import after_deletion, after_signing_out
from pages.usage import is_everywhere, naming, places_of

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Row]
else:
    ModelAdmin = admin.ModelAdmin

View = Callable[..., HttpResponse]


def keep_typing(view: View, site: admin.AdminSite) -> View:
    """Around the admin's own door: who is signed out while typing gets the typing back."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            return after_signing_out(request)
        return view(request, *args, **kwargs)

    return wrapper


class CarefulAdmin(ShowsRichText, ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        urls = super().get_urls()
        for pattern in urls:
            if str(pattern.name).endswith(("_add", "_change")):
                pattern.callback = keep_typing(pattern.callback, self.admin_site)
        return urls

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        row = self.get_object(request, object_id) if object_id else None
        if object_id and row is None and request.method == "POST":
            return after_deletion(request)
        context = dict(extra_context or {})
        if row is not None and request.method == "GET":
            context |= where_it_shows(row, self.keys_of(row))
        return super().changeform_view(request, object_id, form_url, context)

    def keys_of(self, row: Row) -> list[str]:
        """The row's own key; kinds whose form edits parts of the row add theirs."""
        return [row.key]

    def save_model(self, request: HttpRequest, obj: Row, form: Any, change: bool) -> None:
        """A row that nobody changed keeps the name and the time of its last editor."""
        if form.changed_data or not change:
            super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: Row, post_url_continue: str | None = None
    ) -> HttpResponse:
        if "_preview" in request.POST:
            return HttpResponseRedirect(preview_of(obj))
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Row) -> HttpResponse:
        if "_preview" in request.POST:
            return HttpResponseRedirect(preview_of(obj))
        return super().response_change(request, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Every release that changed the row, field by field; POST brings one field back."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404("no such row")
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        may_restore = self.has_change_permission(request, row)
        if request.method == "POST":
            if not may_restore:
                raise PermissionDenied
            return self._restore_field(request, row)
        steps = [
            {
                "step": step,
                "kind": kind_in_words(step.change),
                "fields": [
                    {"name": field.name, "words": words, "after": in_words(field.after)}
                    for field, words in _paired(step.change, row)
                ],
            }
            for step in steps_of(row.key)
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("History: %(row)s") % {"row": row},
            "opts": self.opts,
            "row": row,
            "steps": steps,
            "may_restore": may_restore,
            "standing_now": gettext("Last saved by %(who)s")
            % {"who": row.edited_by or gettext("nobody known")},
        }
        return TemplateResponse(request, "admin/pages/history.html", context)

    def _restore_field(self, request: HttpRequest, row: Row) -> HttpResponse:
        name, number = request.POST.get("field", ""), request.POST.get("number", "")
        assert isinstance(request.user, User)
        try:
            restore_field(
                row=row, name=name, number=int(number) if number.isdigit() else 0, by=request.user
            )
        except CannotRestore as refusal:
            messages.error(
                request, gettext("Nothing was changed. %(refusal)s") % {"refusal": refusal}
            )
            return HttpResponseRedirect(request.get_full_path())
        label = self.model._meta.get_field(name).verbose_name  # type: ignore[union-attr]
        messages.success(
            request,
            gettext("“%(label)s” says again what it said in release %(number)s. Not live yet.")
            % {"label": label, "number": number},
        )
        return HttpResponseRedirect(address_of(row.key))


def where_it_shows(row: Row, keys: list[str]) -> dict[str, Any]:
    """For the top of the form: what preflight says of these rows, the pages that show the row,
    the rows that name it, a preview."""
    content = working_content()
    key, site = _as_readers_meet(row, content)
    return {
        "translations": _translations_of(row.key, content),
        "problems": of_rows(run(site), keys),
        "preview_address": _preview_address(key, site),
        "shown_on": [
            {"title": page.title, "address": _in_preview(address)}
            for page, address in places_of(key, site)
        ],
        "is_everywhere": is_everywhere(key, site),
        "named_by": [
            {"title": title_of(content[key], default=key), "address": address_of(key)}
            for key in naming(row.key, content)
        ],
    }


def preview_of(row: Row) -> str:
    """The preview of the working copy, on the page and at the section where the row shows."""
    return _preview_address(*_as_readers_meet(row, working_content()))


def _as_readers_meet(row: Row, content: Content) -> tuple[str, Site]:
    """The key under which readers meet the row, and the site on which they do: a translation
    stands where the row stands that it translates, in its own language."""
    site = build_site(0, content)
    if isinstance(row, Translation):
        return row.of, site.others.get(row.language, site)
    return row.key, site


def _translations_of(key: str, content: Content) -> list[dict[str, str]]:
    """For each language how the translation of the row stands, and the way to it."""
    if key not in content or key.startswith(KIND) or not english_of(key, content[key]):
        return []
    return [
        {
            "name": OWN_NAMES[language],
            "state": state_of(key, content, language).words,
            "address": translation_address(key, language, content),
        }
        for language in TRANSLATED
    ]


def _preview_address(key: str, site: Site) -> str:
    found = (address for _, address in places_of(key, site))
    return _in_preview(next(found, in_language("/", site.language)))


def _in_preview(address: str) -> str:
    path, hash_mark, place = address.partition("#")
    base = reverse("pages:preview", args=["working", path.removeprefix("/")])
    return f"{base}{hash_mark}{place}"


def _paired(change: Any, row: Row) -> list[tuple[Any, Any]]:
    """Each changed field with its words. A row that was new changed all of its fields."""
    shown = type(change)(change.key, "changed", change.fields)
    (described,) = describe([shown], before={}, after={})
    return list(zip(change.fields, described.fields, strict=True))
