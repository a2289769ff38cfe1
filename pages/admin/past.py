"""Looking at releases side by side, and taking one back."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from pages.admin.live import may_publish, tell, user_of
from pages.admin.words import describe
from pages.changesets import inverse_of, listed, sides_of
from pages.models import Release
from pages.publishing import restore, undo
from pages.releases import Content, diff, in_todays_shape, live_content

LIST = "admin:pages_release_changelist"


@require_safe
def compare_view(request: HttpRequest) -> HttpResponse:
    """Any two releases, field by field: ``?before=3&after=5``."""
    if not request.user.has_perm("pages.view_release"):
        raise PermissionDenied
    asked = {name: request.GET.get(name, "") for name in ("before", "after")}
    numbers = {
        name: int(text) for name, text in asked.items() if text.isdecimal() and len(text) < 9
    }
    found = Release.objects.in_bulk(numbers.values(), field_name="number")
    context = {
        **admin.site.each_context(request),
        "title": gettext("Compare two releases"),
        "opts": Release._meta,
        "numbers": Release.objects.values_list("number", flat=True),
        "before": numbers.get("before"),
        "after": numbers.get("after"),
        "changes": None,
    }
    if len(numbers) == 2 and set(numbers.values()) == found.keys():
        before = in_todays_shape(found[numbers["before"]].content)
        after = in_todays_shape(found[numbers["after"]].content)
        context["changes"] = describe(diff(before, after), before=before, after=after, whole=True)
    return TemplateResponse(request, "admin/pages/compare.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def restore_view(request: HttpRequest, number: int) -> HttpResponse:
    """Go back to an older release: a page that asks, then a new release."""
    old = _release_that_was_live(request, number)
    if request.method == "POST":
        tell(request, lambda: restore(number=number, by=user_of(request)))
        return HttpResponseRedirect(reverse(LIST))
    return _ask(request, old, "restore", live_content(), in_todays_shape(old.content))


@require_http_methods(["GET", "HEAD", "POST"])
def undo_view(request: HttpRequest, number: int) -> HttpResponse:
    """Take back what one release changed: a page that asks, then a new release."""
    undone = _release_that_was_live(request, number)
    if request.method == "POST":
        tell(request, lambda: undo(number=number, by=user_of(request)))
        return HttpResponseRedirect(reverse(LIST))
    return _ask(request, undone, "undo", *sides_of(inverse_of(undone.changes)))


def _release_that_was_live(request: HttpRequest, number: int) -> Release:
    if not may_publish(request):
        raise PermissionDenied
    return get_object_or_404(Release.objects.been_live(), number=number)


def _ask(
    request: HttpRequest, release: Release, what: str, before: Content, after: Content
) -> HttpResponse:
    titles = {
        "restore": gettext("Go back to %(release)s?") % {"release": release},
        "undo": gettext("Undo %(release)s?") % {"release": release},
    }
    context = {
        **admin.site.each_context(request),
        "title": titles[what],
        "opts": Release._meta,
        "release": release,
        "what": what,
        "changes": describe(diff(before, after), before=before, after=after),
    }
    return TemplateResponse(request, "admin/pages/restore.html", context)


def undo_address(release: Release) -> str:
    """Where to undo it; empty for the first one, and for what was never live."""
    been_live = release.approved_at and release.live_from <= timezone.now()
    if release.base_id is None or not been_live:
        return ""
    return reverse("admin:pages_undo", args=[release.number])


def described_changes(release: Release) -> list[object]:
    """What the release changed, in words. The rows around them only lend their titles."""
    before, after = sides_of(release.changes)
    around = in_todays_shape(release.content)
    return list(describe(listed(release.changes), before=around | before, after=around | after))
