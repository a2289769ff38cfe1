"""Asking again who somebody is, before something that cannot be taken back."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from clinic_site import errors
from clinic_site.staff import standing

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def recently_authenticated(view: View[P]) -> Callable[..., HttpResponseBase]:
    """Only for somebody who signed in or confirmed who they are within the last five minutes.

    The apps do not know the project: for their views, name the URL in ``RECENT_SIGN_IN_FOR`` in
    the settings instead; the middleware then asks the same question.
    """

    @functools.wraps(view)
    def asked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return confirm_first(request) or view(request, *args, **kwargs)

    return asked


def confirm_first(request: HttpRequest) -> HttpResponse | None:
    """Where to go to confirm, or ``None`` when that was done minutes ago.

    What was posted is not kept: it could be a patient's words, and the session is no place for
    them. The page that posted it is shown again and posts again.
    """
    user = request.user
    if not isinstance(user, User):
        return redirect_to_login(request.get_full_path())
    if standing.is_recent(request, user):
        return None
    methods = get_adapter(request).get_reauthentication_methods(user)
    door = methods[0]["url"] if methods else reverse("sign-in")
    return HttpResponseRedirect(f"{door}?{urlencode({'next': request.get_full_path()})}")


def too_many(request: HttpRequest) -> HttpResponse:
    """The answer when somebody signed in asks too often; a minute later it works again."""
    return errors.too_many(request, retry_after=60)
