"""The page of one proposal: what it changes, and the buttons to approve, decline or change it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from pages.admin.changes import PublishForm
from pages.admin.live import may_publish, moment, preview_address, tell, user_of, why_it_waits
from pages.admin.problems import findings
from pages.admin.words import describe
from pages.changesets import lay_onto, listed, sides_of
from pages.models import Release
from pages.preflight import run
from pages.proposals import amend, approve, close, what_is_proposed
from pages.releases import title_of
from pages.schedule import base_at, touching
from pages.site import build_site


class AmendForm(PublishForm):
    refresh = forms.BooleanField(label=_("Take its rows as they are saved now"), required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def proposal_view(request: HttpRequest, number: int) -> HttpResponse:
    """A proposal, or an approved release whose moment has not come; others are only read."""
    if not request.user.has_perm("pages.view_release"):
        raise PermissionDenied
    release = get_object_or_404(Release, number=number)
    if not _is_open(release):
        return HttpResponseRedirect(reverse("admin:pages_release_change", args=[release.pk]))
    form = AmendForm(initial=_initial(release))
    if request.method == "POST":
        act = {"approve": _approve, "close": _close, "amend": _amend}.get(
            request.POST.get("do", "")
        )
        if act is _amend:
            form = AmendForm(request.POST)
        if act is None or not _may(request, release)[request.POST["do"]]:
            raise PermissionDenied
        if act is not _amend or form.is_valid():
            act(request, release, form)
            return HttpResponseRedirect(reverse("admin:pages_proposal", args=[number]))
    context = _context(request, release, form)
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/pages/proposal.html", context, status=status)


def _approve(request: HttpRequest, release: Release, form: AmendForm) -> None:
    tell(
        request,
        lambda: approve(
            number=release.number,
            by=user_of(request),
            override_reason=request.POST.get("override_reason", "")[:300],
            seen=request.POST.get("seen", ""),
        ),
    )


def _close(request: HttpRequest, release: Release, form: AmendForm) -> None:
    remark = request.POST.get("remark", "")
    tell(request, lambda: close(number=release.number, by=user_of(request), remark=remark))


def _amend(request: HttpRequest, release: Release, form: AmendForm) -> None:
    tell(
        request,
        lambda: amend(
            number=release.number,
            by=user_of(request),
            note=form.cleaned_data["note"],
            live_from=form.cleaned_data["when"],
            refresh=form.cleaned_data["refresh"],
        ),
    )


def _is_open(release: Release) -> bool:
    if release.closed_at:
        return False
    return release.approved_at is None or release.live_from > timezone.now()


def _is_own(request: HttpRequest, release: Release) -> bool:
    return release.proposed_by_id == request.user.pk


def _may(request: HttpRequest, release: Release) -> dict[str, bool]:
    """Which buttons this person has. Whether two people agree is asked again when one is pressed."""
    user = request.user
    reviews = user.has_perm("pages.change_release")
    alone = _is_own(request, release) and release.needs_second_person
    return {
        "approve": release.approved_at is None
        and reviews
        and (not alone or user.has_perm("pages.override_second_person")),
        "close": reviews or (may_publish(request) and _is_own(request, release)),
        "amend": may_publish(request),
    }


def _initial(release: Release) -> dict[str, Any]:
    coming = release.live_from > timezone.now()
    return {"note": release.note, "when": release.live_from if coming else None}


def _context(request: HttpRequest, release: Release, form: AmendForm) -> dict[str, Any]:
    _, now = base_at(max(release.live_from, timezone.now()))
    content, clashes = lay_onto(now, release.changes)
    before, after = sides_of(release.changes)
    problems = run(build_site(release.number, content))
    own = [p for p in problems if p.key in release.changed_keys]
    warnings = [p for p in problems if not p.is_error]
    may = _may(request, release)
    return {
        **admin.site.each_context(request),
        "title": gettext("%(release)s: what it would change") % {"release": release},
        "opts": Release._meta,
        "release": release,
        "goes_live": moment(release.live_from) if release.live_from > timezone.now() else "",
        "why_it_waits": why_it_waits(release) if release.needs_second_person else "",
        "is_own": _is_own(request, release),
        "alone": _is_own(request, release) and release.needs_second_person,
        "may": may,
        "seen": what_is_proposed(release),
        "changes": describe(
            listed(release.changes), before=now | before, after=now | after, whole=True
        ),
        "clashes": [title_of(now.get(k) or after.get(k) or {}, default=k) for k in clashes],
        "ahead": [r for r in touching(release.changed_keys) if r.pk != release.pk],
        "errors": findings(problems, content, errors=True),
        "warnings": (own_warnings := findings(own, content, errors=False)),
        "other_warnings": len(warnings) - sum(finding.count for finding in own_warnings),
        "preview_address": preview_address(str(release.number)),
        "form": form,
    }
