"""How a page is found: its one address, how it looks when shared, what it says to machines."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from pages import social, structured
from pages.languages import TAGS, in_language
from pages.nodes import Page
from pages.site import Site

register = template.Library()


@register.simple_tag(takes_context=True)
def found(context: Context) -> SafeString:
    """Tags for the head of a page of the site; nothing on any other page.

    The page is the context's own, or the one at the request's path.
    """
    site = context.get("site")
    page = context.get("page")
    if not isinstance(site, Site):
        return SafeString()
    if not isinstance(page, Page):
        request = context.get("request")
        page = site.pages[request.path] if request else None
    if not isinstance(page, Page):
        return SafeString()
    return SafeString(render_to_string("components/found.html", tags_of(site, page)))


def versions_of(site: Site, path: str) -> list[dict[str, str]]:
    """The addresses of the page at ``path`` in every language of the site, and which to show to
    speakers of others; empty where there is only one language."""
    if len(site.languages) == 1:
        return []
    found = [
        {"language": language, "address": settings.SITE_URL + in_language(path, language)}
        for language in site.languages
    ]
    return [*found, {**found[0], "language": "x-default"}]


def tags_of(site: Site, page: Page) -> dict[str, object]:
    """What ``components/found.html`` takes."""
    picture = social.picture_of(site, page)
    photo = page.social_photo
    own = {"picture": social.address_of(site, page), "kind": "image/png"}
    shown = {"picture": photo.social_address, "kind": "image/jpeg"} if photo else own
    return {
        "address": f"{settings.SITE_URL}{page.path}",
        "versions": versions_of(site, page.path),
        "locale": TAGS[site.language].replace("-", "_"),
        "name": picture.name,
        "title": page.meta_title,
        "description": page.meta_description,
        "picture": f"{settings.SITE_URL}{shown['picture']}",
        "kind": shown["kind"],
        "width": social.WIDTH,
        "height": social.HEIGHT,
        "says": (photo.alt or photo.caption) if photo else f"{page.title}. {picture.line}",
        "data": structured.script(site, page),
    }
