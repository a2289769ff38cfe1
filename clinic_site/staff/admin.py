"""Staff accounts in the admin. Only superusers see them; passwords belong to their owners alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic_site.staff.invitations import invite
from clinic_site.staff.sessions import end_all

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[User]
    BaseAdmin = UserAdmin[User]
else:
    ModelForm = forms.ModelForm
    BaseAdmin = UserAdmin

# Secrets, addresses of browsers, and a table that nothing here uses: not to be looked at.
for model in (Authenticator, UserSession, EmailAddress, User):
    admin.site.unregister(model)


class NewStaffForm(ModelForm):
    """A name; the password is chosen by its owner, through an invitation."""

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email"]

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        return super().save(commit)


@admin.register(User)
class StaffAdmin(BaseAdmin):
    add_form = NewStaffForm
    add_fieldsets = ((None, {"fields": ("username", "first_name", "last_name", "email")}),)
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        (
            _("Permissions"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        (_("Important dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    list_display = ("username", "first_name", "last_name", "is_active", "is_staff", "last_login")
    actions = ["give_invitation", "give_invitation_anew", "end_sessions"]

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002
        form_url: str = "",
    ) -> HttpResponse:
        """Nobody sets another person's password; invite them instead."""
        raise PermissionDenied

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and {"is_active", "is_staff", "is_superuser"} & set(form.changed_data):
            end_all(user=obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and {"groups", "user_permissions"} & set(form.changed_data):
            end_all(user=form.instance)

    @admin.action(description=_("Invite: a link to choose a new password"), permissions=["invite"])
    def give_invitation(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse:
        return self._show_links(request, queryset, forget_factors=False)

    @admin.action(
        description=_("Invite after a lost phone: forget passkeys, app and codes too"),
        permissions=["invite"],
    )
    def give_invitation_anew(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse:
        return self._show_links(request, queryset, forget_factors=True)

    @admin.action(description=_("Sign out everywhere: end all sessions"), permissions=["invite"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        ended = sum(end_all(user=user) for user in queryset)
        self.message_user(
            request, ngettext("%(n)s session ended.", "%(n)s sessions ended.", ended) % {"n": ended}
        )

    def has_invite_permission(self, request: HttpRequest) -> bool:
        """Whoever invites a superuser again could become one: superusers only."""
        return bool(request.user.is_active and request.user.is_superuser)

    def _show_links(
        self, request: HttpRequest, queryset: QuerySet[User], *, forget_factors: bool
    ) -> HttpResponse:
        actor = request.user
        assert isinstance(actor, User)
        links = [
            (user.get_username(), invite(user=user, actor=actor, forget_factors=forget_factors))
            for user in queryset.filter(is_active=True).order_by("username")
        ]
        response = render(request, "staff/invited.html", {"links": links})
        response["Cache-Control"] = "no-store, private"
        return response
