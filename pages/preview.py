"""The whole site as it would be: the working copy, a proposal, an old release.

Pages are drawn as for readers; links that lead to pages of the site are then turned so that they
stay in the preview, and a bar says what is shown. Forms are drawn too, but the policy of these
answers (``form-action 'none'``) lets nothing be sent. They alone may stand in a frame, and only in
one of our own: that is how the page with the widths of a phone and a tablet shows them.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import Error as DatabaseAway
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from pages.days import today
from pages.delivery import draw, editable_by, own_context
from pages.languages import speaking
from pages.models import PreviewLink, Release
from pages.preview_links import find_link
from pages.releases import working_content
from pages.site import ContentError, Site, build_site

WORKING: Final = "working"
WIDTHS: Final = {"phone": (360, 740), "tablet": (768, 1024), "desktop": (1280, 800)}

_LINK: Final = re.compile(r'(<a\b[^>]*?\bhref=")(/[^"]*)"')
_BODY: Final = re.compile(r"<body[^>]*>")


@dataclass(frozen=True)
class Preview:
    """What is shown, and where its pages stand: ``base`` takes the place of the first slash."""

    site: Site
    base: str
    title: str
    which: str = ""  # for staff: "working" or a number
    link: PreviewLink | None = None

    def address(self, path: str) -> str:
        return self.base + path.removeprefix("/")


@require_safe
def preview(request: HttpRequest, which: str, path: str) -> HttpResponse:
    """A page of the working copy or of any release, for staff."""
    if refused := _staff_only(request):
        return refused
    if which == WORKING:
        return _show(request, _working(), path, may_edit=editable_by(request))
    release = Release.objects.filter(number=which).first()
    if release is None:
        raise Http404(f"no release {which}")
    base = reverse("pages:preview", args=[which, ""])
    return _show(request, _of_release(release, base, which), path, may_edit=editable_by(request))


@require_safe
def preview_frame(request: HttpRequest, which: str, path: str) -> HttpResponse:
    """The preview in a window of a phone, a tablet or a desktop (``?at=phone``)."""
    if refused := _staff_only(request):
        return refused
    at = request.GET.get("at", "phone")
    width, height = WIDTHS.get(at, WIDTHS["phone"])
    here = reverse("pages:preview-frame", args=[which, path])
    context = {
        **own_context(request),
        "address": reverse("pages:preview", args=[which, path]),
        "width": width,
        "height": height,
        "choices": [
            {"name": name, "address": f"{here}?at={name}", "width": size[0], "is_on": name == at}
            for name, size in WIDTHS.items()
        ],
    }
    return _kept_private(HttpResponse(render_to_string("pages/preview_frame.html", context)))


@require_safe
def shared(request: HttpRequest, token: str, path: str) -> HttpResponse:
    """The preview behind a link, for whoever was given it. Nobody needs to sign in."""
    try:
        link = find_link(token)
        if link is None or not link.is_open():
            return _over(request, 404 if link is None else 410)
        base = reverse("pages:preview-shared", args=[token, ""])
        shown = _of_release(link.release, base) if link.release else _working(base)
    except DatabaseAway:
        page = render_to_string("errors/503.html", own_context(request))
        return _kept_private(HttpResponse(page, status=503))
    return _show(request, Preview(shown.site, base, shown.title, link=link), path)


def _staff_only(request: HttpRequest) -> HttpResponse | None:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if not (request.user.is_staff and request.user.has_perm("pages.view_release")):
        raise PermissionDenied
    return None


def _working(base: str = "") -> Preview:
    base = base or reverse("pages:preview", args=[WORKING, ""])
    moment = date_format(timezone.localtime(), gettext("F j, g:i A"))
    title = gettext("what is saved, as of %(moment)s") % {"moment": moment}
    return Preview(build_site(0, working_content(), today=today()), base, title, WORKING)


def _of_release(release: Release, base: str, which: str = "") -> Preview:
    try:
        day = max(today(), timezone.localdate(release.live_from))
        site = build_site(release.number, release.content, today=day)
    except ContentError as error:
        raise Http404(f"release {release.number} is of another version: {error}") from error
    live = Release.objects.only("pk").live()
    state = release.state(live_pk=live.pk if live else None)
    words = {"number": release.number, "state": state.words.lower()}
    title = gettext("release %(number)s (%(state)s)") % words
    return Preview(site, base, title, which)


def _show(
    request: HttpRequest, shown: Preview, path: str, may_edit: frozenset[str] = frozenset()
) -> HttpResponse:
    path = f"/{path}"
    site = shown.site.at(path)
    if path not in site.pages:
        target = site.redirects[path] or (f"{path}/" in site.pages and f"{path}/")
        if target:
            return _kept_private(HttpResponseRedirect(shown.address(target)))
    with speaking(site.language):
        html, status = _draw(request, site, path, may_edit)
    html = _LINK.sub(lambda match: _turned(match, shown), html)
    html = html.replace("</head>", '<meta name="robots" content="noindex">\n</head>', 1)
    bar = render_to_string("components/preview-bar.html", _bar(shown, path))
    html = _BODY.sub(lambda match: match.group() + bar, html, count=1)
    return _kept_private(HttpResponse(html, status=status))


def _draw(request: HttpRequest, site: Site, path: str, may_edit: frozenset[str]) -> tuple[str, int]:
    """The page as readers would get it. Some pages belong to another view, as the form does:
    that one is asked, with the site of the preview in place of the live one."""
    inner: Any = copy.copy(request)
    inner.path = inner.path_info = path
    inner.preview_site = site
    page = site.pages[path]
    if not page:
        return render_to_string("errors/404.html", own_context(inner)), 404
    found = resolve(path)
    if found.view_name != "pages:page":
        return found.func(inner, *found.args, **found.kwargs).content.decode(), 200
    return draw(inner, site, page, may_edit=may_edit), 200


def _turned(match: re.Match[str], shown: Preview) -> str:
    path = re.split(r"[#?]", match[2])[0]
    there = shown.site.at(path)
    if path in there.pages or path in there.redirects:
        return f'{match[1]}{shown.address(match[2])}"'
    return match[0]


def _bar(shown: Preview, path: str) -> dict[str, object]:
    address = path.removeprefix("/")
    return {
        "title": shown.title,
        "expires_at": shown.link.expires_at if shown.link else None,
        "frame": reverse("pages:preview-frame", args=[shown.which, address]) if shown.which else "",
        "live": path if shown.which else "",
    }


def _over(request: HttpRequest, status: int) -> HttpResponse:
    """The link is past its date, was taken back, or never was one."""
    page = render_to_string("pages/preview_over.html", own_context(request))
    return _kept_private(HttpResponse(page, status=status))


def _kept_private(response: HttpResponse) -> HttpResponse:
    """For these eyes only: not kept, not found, not framed by others, and nothing sent from it."""
    policy = {**settings.SECURE_CSP, "frame-src": ["'self'"], "form-action": ["'none'"]}
    policy["frame-ancestors"] = ["'self'"]
    response["Content-Security-Policy"] = "; ".join(
        " ".join([name, *values]) for name, values in policy.items()
    )
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    # The address of a shared preview opens it.
    response["Referrer-Policy"] = "no-referrer"
    return response
