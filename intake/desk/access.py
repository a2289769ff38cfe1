"""Who may come in, what a browser may keep, and how long a name stays uncovered."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Concatenate, Final, ParamSpec, cast

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

USE_DESK: Final = "intake.use_desk"
SUPERVISE: Final = "intake.supervise_desk"
EXPORT: Final = "intake.export_requests"

# A name covers itself again after this long without a key pressed; a reload then asks for R.
UNCOVERED_FOR: Final = timedelta(minutes=15)
_SESSION_KEY: Final = "desk_uncovered"


class StaffRequest(HttpRequest):
    """A request past the door: somebody is signed in."""

    user: User


P = ParamSpec("P")
View = Callable[Concatenate[StaffRequest, P], HttpResponse]


def desk_page(permission: str = USE_DESK) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """Only for signed-in staff with ``permission``; never kept by a browser or a proxy."""

    def decorate(view: View[P]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                # After signing in, a form sent too late must not become a strange GET.
                target = (
                    request.get_full_path() if request.method == "GET" else reverse("desk:list")
                )
                return _sealed(redirect_to_login(target))
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return _sealed(view(cast(StaffRequest, request), *args, **kwargs))

        return guarded

    return decorate


def _sealed(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store, private"
    # With "no-referrer" browsers would send "Origin: null", and CSRF would refuse every form.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def sent_version(request: HttpRequest, name: str = "expected_version") -> int | None:
    """The version of a request that the page showed; nothing when the form names none."""
    sent = request.POST.get(name, "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else None


def is_background(request: HttpRequest) -> bool:
    """Whether the page asked by itself, without anybody touching it."""
    return "X-Desk-Part" in request.headers


def uncover(request: HttpRequest, pk: int, now: datetime) -> None:
    """Let this session see who request ``pk`` is, for a while. The session holds no name."""
    held = {k: until for k, until in _grants(request).items() if _is_ahead(until, now)}
    request.session[_SESSION_KEY] = {**held, str(pk): (now + UNCOVERED_FOR).isoformat()}


def cover(request: HttpRequest, pk: int) -> None:
    """Take the grant back, for example when the request is let go."""
    held = _grants(request)
    if held.pop(str(pk), None):
        request.session[_SESSION_KEY] = held


def is_uncovered(request: HttpRequest, pk: int, now: datetime | None = None) -> bool:
    return _is_ahead(_grants(request).get(str(pk), ""), now or timezone.now())


def _grants(request: HttpRequest) -> dict[str, str]:
    return dict(request.session.get(_SESSION_KEY, {}))


def _is_ahead(until: str, now: datetime) -> bool:
    return bool(until) and datetime.fromisoformat(until) > now
