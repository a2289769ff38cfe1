"""Watches the sessions of staff; leaves every request without a session cookie alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser, User
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic_site import errors
from clinic_site.staff import access, standing
from intake.limits import client_address

logger = logging.getLogger("clinic_site.staff")

# Where somebody without a second factor may be: setting one up, or leaving.
ENROLMENT: Final = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
        "account_reauthenticate",
        "sign-out",
        "account_logout",
    }
)
WHY: Final = {
    "idle": _("You were signed out because nothing was touched for {minutes} minutes."),
    "age": _("You were signed out because a session lasts 12 hours at most."),
    "role": _("You were signed out because what you may do has changed. Sign in again."),
}


def doors_open_to_staff_networks(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """With ``STAFF_NETWORKS`` set, the doors of staff are not there for anybody from elsewhere.

    Outside the sessions, so that a stolen cookie is not even looked at. Links that show a preview
    to somebody without an account (``/p/``) stay open.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        is_door = request.path.startswith(settings.STAFF_PATHS)
        if is_door and settings.STAFF_NETWORKS and not _is_from_staff(request):
            return errors.error_page("404", 404)
        return get_response(request)

    return middleware


def _is_from_staff(request: HttpRequest) -> bool:
    address = client_address(request)
    return bool(address) and any(ip_address(address) in net for net in settings.STAFF_NETWORKS)


class StaffSessions:
    """Ends sessions that are over; sends staff without a second factor to set one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            try:
                _check(request)
            except DatabaseError:
                # Nobody can be recognised now; who only reads must not suffer from a cookie.
                if request.path.startswith(settings.STAFF_PATHS):
                    return errors.unavailable(request)
                request.user = AnonymousUser()
        response = self.get_response(request)
        # Signing in happens inside the view. Without this look a public page would be private.
        if request.session.accessed:
            user = request.user
            if isinstance(user, User) and not standing.has_begun(request):
                standing.begin(request, user)
        if request.path.startswith(settings.STAFF_PATHS):
            response["Cache-Control"] = "no-store, private"
            if response.status_code == 403 and request.user.is_authenticated:
                match = request.resolver_match
                view = match.view_name if match else "?"
                logger.warning("refused user=%s view=%s", request.user.pk, view)
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        user, match = request.user, request.resolver_match
        if not isinstance(user, User) or match is None:
            return None
        if settings.REQUIRE_SECOND_FACTOR and not standing.is_proven(request, user):
            refused = _unproven(request, user, match.view_name)
            if refused:
                return refused
        if match.view_name in settings.RECENT_SIGN_IN_FOR:
            return access.confirm_first(request)
        return None


def _check(request: HttpRequest) -> None:
    """Start, go on with, or end the session that came with ``request``."""
    user = request.user
    if not isinstance(user, User):
        return
    if not standing.has_begun(request):
        standing.begin(request, user)
        return
    reason = standing.why_over(request, user)
    if reason:
        logger.info("session over user=%s reason=%s", user.pk, reason)
        logout(request)
        if request.path.startswith(settings.STAFF_PATHS):
            messages.info(request, str(WHY[reason]).format(minutes=settings.IDLE_MINUTES))
    elif "X-Desk-Part" not in request.headers:  # a page that refreshes itself is not a person
        standing.note_use(request)


def _unproven(request: HttpRequest, user: User, view_name: str) -> HttpResponse | None:
    if standing.has_factor(user):
        logger.warning("session without its second factor ended user=%s", user.pk)
        logout(request)
        return HttpResponseRedirect(reverse("sign-in"))
    if view_name in ENROLMENT:
        return None
    return HttpResponseRedirect(reverse("mfa_index"))
