"""The public site. Each view asks delivery and answers."""

from __future__ import annotations

import json
from urllib.parse import quote

from django.db import Error as DatabaseAway
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.template.loader import render_to_string
from django.urls import resolve
from django.views.decorators.http import require_safe

from pages import crawlers, photos, social
from pages import search as searching
from pages.delivery import answer, keep, own_context, respond
from pages.languages import speaking
from pages.live import live, live_site
from pages.packed import SPECULATION_RULES, Packed
from pages.releases import last_changed
from pages.site import Site


@require_safe
def page(request: HttpRequest, path: str) -> HttpResponseBase:
    """Any page of the live release; a missing last slash is put right."""
    path = f"/{path}"
    if not path.endswith("/") and f"{path}/" in live_site().at(path).pages:
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(quote(f"{path}/") + (f"?{query}" if query else ""))
    return respond(request, path)


@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """Every page in every language, with the day on which something on it last changed."""
    now = live()
    try:
        packed = keep(now, "/sitemap.xml", lambda: crawlers.sitemap(now.site, last_changed()))
    except DatabaseAway:
        packed = crawlers.sitemap(now.site, {})
    return answer(request, packed)


@require_safe
def robots(request: HttpRequest) -> HttpResponseBase:
    return answer(request, keep(live(), "/robots.txt", crawlers.robots))


@require_safe
def speculation_rules(request: HttpRequest) -> HttpResponseBase:
    """Which pages a browser may draw while a pointer rests on their link: those that this app
    answers and nothing else, so that no form is begun and no door for staff is tried."""
    now = live()
    response = answer(request, keep(now, SPECULATION_RULES, lambda: _rules(now.site)))
    response["Cache-Control"] = "public, max-age=3600"
    return response


def _rules(site: Site) -> Packed:
    ours = []
    for version in site.every:
        with speaking(version.language):  # the form's address depends on it
            ours += [path for path in version.pages if resolve(path).func is page]
    rule = {"where": {"href_matches": ours}, "eagerness": "moderate"}
    return Packed(json.dumps({"prerender": [rule]}), "application/speculationrules+json")


@require_safe
def search(request: HttpRequest) -> HttpResponseBase:
    """What the live site says about ``?q=``. Nothing of it is kept: not here, not on the way."""
    site = live_site().at(request.path)
    if not site.pages:
        return respond(request, request.path)
    context = {
        **own_context(request),
        "site": site,
        "request": request,
        "answer": searching.search(site, request.GET.get("q", "")),
        "longest": searching.LONGEST,
    }
    response = HttpResponse(render_to_string("pages/search.html", context))
    response["Speculation-Rules"] = f'"{SPECULATION_RULES}"'
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def photo(request: HttpRequest, name: str) -> HttpResponseBase:
    """A file of a photograph. Its name says what is in it, so it is asked for once."""
    try:
        data = (photos.folder() / name).read_bytes()
    except FileNotFoundError as error:
        raise Http404(f"no photo {name}") from error
    response = HttpResponse(data, content_type=photos.TYPES[name.rpartition(".")[2]])
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    if "-social-" in name:  # made to be shown by others
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def picture(request: HttpRequest, slug: str, digest: str) -> HttpResponseBase:
    """The social image of a page; an older address leads to the one of today."""
    drawn = [
        (site, page, social.picture_of(site, page))
        for site in live_site().every
        if (page := site.page[slug])
    ]
    if not drawn:
        raise Http404(f"no page called {slug}")
    wanted = next((picture for _, _, picture in drawn if picture.digest == digest), None)
    if wanted is None:
        site, page, _ = drawn[0]
        return HttpResponseRedirect(social.address_of(site, page))
    response = HttpResponse(social.png(wanted), content_type="image/png")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    # Made to be shown by others.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
