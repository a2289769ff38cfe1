"""The notices of the contact form, which have their places there by slug."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from pages import models
from pages.nodes import Notice
from pages.site import Site

register = template.Library()


@register.filter
def notice(site: Site, slug: str) -> Notice | None:
    """The notice of that name; ``None`` where the site has none, and the template speaks itself."""
    return site.notice[slug] or None


@register.filter
def beside_the_form(notices: Iterable[Notice]) -> list[Notice]:
    """Those that have no place of their own in the form."""
    return [notice for notice in notices if notice.slug not in models.Notice.IN_THE_FORM]
