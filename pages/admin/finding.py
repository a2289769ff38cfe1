"""One page that searches every kind of row."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from pages.admin.words import address_of
from pages.finding import find
from pages.models import CONTENT_MODELS

LONGEST = 100  # characters


def find_view(request: HttpRequest) -> HttpResponse:
    """Rows with all the words of ``?q=``, of the kinds that this person may see."""
    may_see = [
        model
        for model in CONTENT_MODELS
        if request.user.has_perm(f"pages.view_{model._meta.model_name}")
    ]
    if not may_see:
        raise PermissionDenied
    words = request.GET.get("q", "")[:LONGEST]
    hits = [
        {
            "hit": hit,
            "kind": hit.row._meta.verbose_name,
            "address": address_of(hit.row.key),
        }
        for hit in find(words, may_see)
    ]
    context = {
        **admin.site.each_context(request),
        "title": gettext("Find"),
        "words": words,
        "longest": LONGEST,
        "hits": hits,
    }
    return TemplateResponse(request, "admin/pages/find.html", context)
