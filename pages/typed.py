"""What was typed, shown again with a button to send it: for a form that came too late.

A session ends, or somebody signs in again in another tab and the page holds an old token. The
fields come back in a page of their own, so nothing is kept on the server and nothing depends on
a script.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

NOT_SHOWN = {"csrfmiddlewaretoken"}


def is_our_form(request: HttpRequest) -> bool:
    """Whether a form of the content's admin sent this, by the word of the browser.

    Only then may it be shown with a token that works: a page of somebody else could have put
    its own words into the fields.
    """
    origin = request.headers.get("Origin")
    if origin is None or not request.path.startswith(f"/{settings.ADMIN_PATH}/pages/"):
        return False
    return origin == f"{request.scheme}://{request.get_host()}"


def shown_again(
    request: HttpRequest, *, heading: str, text: str, may_send: bool = True, sign_in: bool = False
) -> HttpResponse:
    """The fields of this request: hidden beside a button, or to be read when they cannot be sent."""
    fields = [
        {"name": name, "value": value}
        for name, values in request.POST.lists()
        if name not in NOT_SHOWN
        for value in values
    ]
    context = {
        "heading": heading,
        "text": text,
        "action": request.get_full_path() if may_send else "",
        "sign_in": reverse("sign-in") if sign_in else "",
        "fields": fields if may_send else [field for field in fields if _is_text(field["value"])],
        "had_files": bool(request.FILES),
    }
    html = render_to_string("pages/typed.html", context, request)
    response = HttpResponse(html, status=403)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def after_signing_out(request: HttpRequest) -> HttpResponse:
    return shown_again(
        request,
        heading=gettext("You were signed out"),
        text=gettext("What you typed is kept on this page. Sign in, come back here, and send it."),
        sign_in=True,
    )


def after_signing_in(request: HttpRequest) -> HttpResponse:
    return shown_again(
        request,
        heading=gettext("One more click"),
        text=gettext(
            "You have signed in again since this form was opened. What you typed is kept on this page."
        ),
    )


def after_deletion(request: HttpRequest) -> HttpResponse:
    return shown_again(
        request,
        heading=gettext("Somebody has deleted this"),
        text=gettext(
            "What you typed cannot be saved any more. Here it is, to copy into a new one."
        ),
        may_send=False,
    )


def _is_text(value: str) -> bool:
    return " " in value and not value.startswith("{")
