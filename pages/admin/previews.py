"""Preview links: made for somebody without an account, listed, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.models import PreviewLink, Release
from pages.preview_links import DAYS, MOST_DAYS, make_link, revoke_link, token_of

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[PreviewLink]
    ModelForm = forms.ModelForm[PreviewLink]
else:
    ModelAdmin = admin.ModelAdmin
    ModelForm = forms.ModelForm


class PreviewLinkForm(ModelForm):
    days = forms.IntegerField(
        label=_("Works for, days"), initial=DAYS, min_value=1, max_value=MOST_DAYS
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "release" in self.fields:
            releases = Release.objects.defer("content", "changes")
            self.fields["release"].queryset = releases  # type: ignore[attr-defined]
            self.fields["release"].empty_label = gettext("What is saved")  # type: ignore[attr-defined]


@admin.register(PreviewLink)
class PreviewLinkAdmin(ModelAdmin):
    form = PreviewLinkForm
    list_display = ["note", "what", "made_by", "made_at", "expires_at", "state", "address"]
    list_select_related = ["made_by", "release"]
    search_fields = ["note"]
    actions = ["revoke_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PreviewLink]:
        return super().get_queryset(request).defer("release__content", "release__changes")

    @admin.display(description=_("shows"))
    def what(self, link: PreviewLink) -> str:
        return str(link.release) if link.release else gettext("What is saved")

    @admin.display(description=_("state"))
    def state(self, link: PreviewLink) -> str:
        if link.revoked_at:
            return gettext("Taken back")
        return gettext("Works") if link.is_open() else gettext("Over")

    @admin.display(description=_("address"))
    def address(self, link: PreviewLink) -> SafeString | str:
        if not link.is_open():
            return ""
        url = settings.SITE_URL + reverse("pages:preview-shared", args=[token_of(link), ""])
        return format_html('<a href="{}">{}</a>', url, url)

    def save_model(self, request: HttpRequest, obj: PreviewLink, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        made = make_link(
            release=obj.release, note=obj.note, by=request.user, days=form.cleaned_data["days"]
        )
        obj.pk = made.pk
        obj.refresh_from_db()

    def response_add(
        self, request: HttpRequest, obj: PreviewLink, post_url_continue: str | None = None
    ) -> HttpResponse:
        text = gettext("Copy this address and send it: {}. It works until {}.")
        until = date_format(obj.expires_at, gettext("F j, Y"))
        messages.success(request, format_html(text, self.address(obj), until))
        return HttpResponseRedirect(reverse("admin:pages_previewlink_changelist"))

    @admin.action(description=_("Take the selected links back"), permissions=["revoke"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[PreviewLink]) -> None:
        assert isinstance(request.user, User)
        closed = sum(revoke_link(link=link, by=request.user) for link in queryset)
        messages.success(
            request,
            gettext("Taken back: %(closed)s. They open nothing any more.") % {"closed": closed},
        )

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("pages.change_previewlink")

    def has_change_permission(self, request: HttpRequest, obj: PreviewLink | None = None) -> bool:
        """A link is made and taken back, never changed; the list itself is for its readers."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PreviewLink | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: PreviewLink | None = None) -> Any:
        return ["note", "release", "days"] if obj is None else ["note", "what", "state", "address"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: PreviewLink | None = None
    ) -> list[str]:
        return [] if obj is None else ["what", "state", "address"]
