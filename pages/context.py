"""What every template knows of the content."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from pages.live import live_site


def site(request: HttpRequest) -> dict[str, object]:
    """The live site in the language of the address, asked for only by templates that use it; in a
    preview, the site it shows."""
    shown = getattr(request, "preview_site", None)
    return {"site": shown or SimpleLazyObject(lambda: live_site().at(request.path))}
