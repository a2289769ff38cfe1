"""What machines that visit the site are told: which pages there are, and where not to go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.conf import settings
from django.template.loader import render_to_string

from pages.packed import Packed
from pages.site import Site
from pages.templatetags.found import versions_of
from pages.usage import keys_on


def sitemap(site: Site, changed: Mapping[str, dt.datetime]) -> Packed:
    """Every page in every language; ``changed`` says when each row last changed."""
    entries = [
        {
            "address": settings.SITE_URL + page.path,
            "versions": versions_of(site, page.path),
            "changed_on": max(
                (changed[key] for key in keys_on(page, version) if key in changed), default=""
            ),
        }
        for version in site.every
        for page in version.pages.values()
    ]
    text = render_to_string("pages/sitemap.xml", {"entries": entries})
    return Packed(text, "application/xml; charset=utf-8")


def robots() -> Packed:
    """Crawlers may read the site, not the doors for staff."""
    text = render_to_string("pages/robots.txt", {"sitemap": f"{settings.SITE_URL}/sitemap.xml"})
    return Packed(text, "text/plain; charset=utf-8")
