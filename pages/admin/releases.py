"""Releases, read-only, and the addresses of the pages around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.admin.calendar import calendar_view
from pages.admin.changes import changes_view
from pages.admin.deciding import proposal_view
from pages.admin.live import may_publish, preview_address, proposal_address
from pages.admin.past import (
    compare_view,
    described_changes,
    restore_view,
    undo_address,
    undo_view,
)
from pages.models import Release
from pages.models.release import State
from pages.releases import model_of, row_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    ModelAdmin = admin.ModelAdmin[Release]
else:
    ModelAdmin = admin.ModelAdmin


@admin.register(Release)
class ReleaseAdmin(ModelAdmin):
    """Releases are made by publishing; here they are read, compared with their base, restored."""

    list_display = [
        "__str__",
        "state",
        "live_from",
        "proposed_by",
        "approved_by",
        "override_reason",
        "note",
        "how_many",
    ]
    list_display_links = ["__str__"]
    list_select_related = ["proposed_by", "approved_by"]
    search_fields = ["note", "override_reason"]
    date_hierarchy = "live_from"
    fields = [
        "number",
        "state",
        "live_from",
        "note",
        ("proposed_by", "proposed_at"),
        ("approved_by", "approved_at"),
        "needs_second_person",
        "override_reason",
        "remark",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Release]:
        newest = Release.objects.been_live().order_by("-live_from", "-number")
        releases = super().get_queryset(request).defer("content", "changes")
        return releases.annotate(live_pk=Subquery(newest.values("pk")[:1]))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return super().changelist_view(
            request, {"title": gettext("Releases"), **(extra_context or {})}
        )

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("changes/", wrap(changes_view), name="pages_changes"),
            path("calendar/", wrap(calendar_view), name="pages_calendar"),
            path("compare/", wrap(compare_view), name="pages_compare"),
            path("row/<str:key>/", wrap(self.row_view), name="pages_row"),
            path("<int:number>/look/", wrap(proposal_view), name="pages_proposal"),
            path("<int:number>/restore/", wrap(restore_view), name="pages_restore"),
            path("<int:number>/undo/", wrap(undo_view), name="pages_undo"),
            *super().get_urls(),
        ]

    @admin.display(description=_("state"))
    def state(self, release: Release) -> str:
        return _state(release).words

    @admin.display(description=_("changed rows"))
    def how_many(self, release: Release) -> int:
        return len(release.changed_keys)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = dict(extra_context or {})
        release = self.get_object(request, object_id or "")
        if release is not None and self.has_view_permission(request, release):
            context |= self._about(request, release)
        return super().changeform_view(request, object_id, form_url, context)

    def _about(self, request: HttpRequest, release: Release) -> dict[str, Any]:
        """What stands around the fields: what it changed, and what can be done with it."""
        state = _state(release)
        about: dict[str, Any] = {"changes": described_changes(release)}
        if state in (State.WAITING, State.SCHEDULED):
            about["proposal_address"] = proposal_address(release.number)
        if state is State.WAS_LIVE and may_publish(request):
            about["restore_address"] = reverse("admin:pages_restore", args=[release.number])
        if may_publish(request):
            about["undo_address"] = undo_address(release)
        if release.base is not None:
            query = urlencode({"before": release.base.number, "after": release.number})
            about["compare_address"] = f"{reverse('admin:pages_compare')}?{query}"
        return about | {"preview_address": preview_address(str(release.number))}

    def row_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """From a row's key to its change page, or to the list when it was deleted."""
        try:
            model = model_of(key)
        except KeyError as error:
            raise Http404(f"no kind of row called {key}") from error
        row = row_of(key)
        name = f"admin:pages_{model._meta.model_name}"
        if row is None:
            return HttpResponseRedirect(reverse(f"{name}_changelist"))
        return HttpResponseRedirect(reverse(f"{name}_change", args=[row.pk]))


def _state(release: Release) -> State:
    """Its state, by the live release that ``get_queryset`` found along with it."""
    return release.state(live_pk=release.live_pk)  # type: ignore[attr-defined]
