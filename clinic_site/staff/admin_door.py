"""Addresses of the admin that lead to the staff's own door instead."""

from __future__ import annotations

from allauth.account import views as account_views
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods
from django.views.generic import RedirectView


@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """The admin's own form would ask for no second factor and count no guesses."""
    target = request.GET.get("next") or reverse("admin:index")
    if not request.user.is_authenticated:
        return redirect_to_login(target)
    if not request.user.is_staff:
        raise PermissionDenied
    return redirect("admin:index")


urlpatterns: list[URLPattern] = [
    path("login/", login),
    path("logout/", account_views.logout),
    path("password_change/", RedirectView.as_view(pattern_name="account_change_password")),
]
