"""The page of unpublished changes: publish some, propose some, put some back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from pages.admin.live import (
    asks_second_person,
    changes_address,
    may_publish,
    preview_address,
    publish,
    user_of,
)
from pages.admin.problems import findings, of_rows
from pages.admin.words import ChangeInWords, describe
from pages.changesets import changes_between, fingerprint
from pages.discard import CannotDiscard, discard
from pages.models import Release
from pages.preflight import run
from pages.releases import Content, diff, live_content, model_of, title_of, working_content
from pages.schedule import touching
from pages.site import build_site


class ClinicMoment(forms.DateTimeField):
    """A day and a time on the clinic's clock."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> Any:
        with timezone.override(timezone.get_default_timezone()):
            try:
                return super().to_python(value)
            except ValidationError as error:
                if error.code != "ambiguous_timezone":
                    raise
                raise ValidationError(
                    gettext(
                        "The clocks change in that night, so this time comes twice or not at all. "
                        "Choose another one."
                    )
                ) from error


class PublishForm(forms.Form):
    note = forms.CharField(
        label=_("Note for the list of releases (may stay empty)"), max_length=200, required=False
    )
    when = ClinicMoment(label=_("When (empty: at once)"), required=False)

    def clean_when(self) -> Any:
        when = self.cleaned_data["when"]
        if when is not None and when <= timezone.now():
            raise ValidationError(gettext("That moment has passed. Choose a later one, or none."))
        return when


@require_http_methods(["GET", "HEAD", "POST"])
def changes_view(request: HttpRequest) -> HttpResponse:
    """Everything that is not live yet, field by field, with a box for each row."""
    if not request.user.has_perm("pages.view_release"):
        raise PermissionDenied
    form = PublishForm(request.POST or None)
    if request.method == "POST":
        if not may_publish(request):
            raise PermissionDenied
        response = _act(request, form)
        if response is not None:
            return response
    return TemplateResponse(
        request,
        "admin/pages/changes.html",
        _context(request, form),
        status=422 if form.errors else 200,
    )


def _act(request: HttpRequest, form: PublishForm) -> HttpResponse | None:
    """Do what the pressed button says; nothing when the form has to be shown again."""
    keys = request.POST.getlist("row")
    back = HttpResponseRedirect(reverse("admin:pages_changes"))
    if not keys:
        messages.error(request, gettext("Nothing was ticked, so nothing was published."))
        return back
    if changed := _changed_since_seen(request, keys):
        names = ", ".join(f"“{name}”" for name in changed)
        messages.error(
            request,
            gettext("Nothing was done: %(names)s changed after you opened this page. Look again.")
            % {"names": names},
        )
        return HttpResponseRedirect(changes_address(keys))
    if request.POST.get("do") == "discard":
        return _discard(request, keys)
    if not form.is_valid():
        return None
    publish(
        request,
        keys,
        form.cleaned_data["note"],
        live_from=form.cleaned_data["when"],
        only_propose=request.POST.get("do") == "propose",
    )
    return back


def _discard(request: HttpRequest, keys: list[str]) -> HttpResponse:
    """Ask first: what was typed is lost by it. Rows never published need a tick of their own."""
    live, working = live_content(), working_content()
    _check_may_discard(request, keys, live, working)
    if "confirmed" not in request.POST:
        changes = [change for change in diff(live, working) if change.key in keys]
        described = describe(changes, before=live, after=working, whole=True)
        context = {
            **admin.site.each_context(request),
            "title": gettext("Put back what the site says?"),
            "back": [change for change in described if change.key in live],
            "new": [change for change in described if change.key not in live],
            "seen": request.POST.getlist("seen"),
        }
        return TemplateResponse(request, "admin/pages/discard.html", context)
    try:
        back, gone = discard(keys=keys, by=user_of(request))
    except CannotDiscard as refusal:
        messages.error(request, gettext("Nothing was put back. %(refusal)s") % {"refusal": refusal})
    else:
        messages.success(
            request,
            gettext("Put back: %(back)s. Deleted: %(gone)s.")
            % {"back": len(back), "gone": len(gone)},
        )
    return HttpResponseRedirect(reverse("admin:pages_changes"))


def _check_may_discard(
    request: HttpRequest, keys: list[str], live: Content, working: Content
) -> None:
    """Putting back changes a row, or makes one again that was deleted, or deletes a new one."""
    for key in keys:
        verb = "delete" if key not in live else "change" if key in working else "add"
        try:
            name = model_of(key)._meta.model_name
        except KeyError as error:
            raise PermissionDenied from error
        if not request.user.has_perm(f"pages.{verb}_{name}"):
            raise PermissionDenied


def _changed_since_seen(request: HttpRequest, keys: list[str]) -> list[str]:
    """The titles of ticked rows that are not as the page showed them."""
    seen = dict(text.rsplit(" ", 1) for text in request.POST.getlist("seen") if " " in text)
    live, working = live_content(), working_content()
    now = _fingerprints(live, working)
    return [
        title_of(working.get(key) or live.get(key) or {}, default=key)
        for key in keys
        if key in seen and now.get(key) != seen[key]
    ]


def _fingerprints(live: Content, working: Content) -> dict[str, str]:
    return {key: fingerprint(pair) for key, pair in changes_between(live, working).items()}


def _context(request: HttpRequest, form: PublishForm) -> dict[str, Any]:
    live, working = live_content(), working_content()
    described = describe(diff(live, working), before=live, after=working, whole=True)
    prints = _fingerprints(live, working)
    problems = run(build_site(0, working))
    ahead = touching([change.key for change in described])
    elsewhere = [p for p in problems if p.key not in prints]
    return {
        **admin.site.each_context(request),
        "title": gettext("Not live yet"),
        "opts": Release._meta,
        "form": form,
        "may_publish": may_publish(request),
        "preview_address": preview_address("working"),
        "changes": [
            {
                "change": change,
                "seen": f"{change.key} {prints[change.key]}",
                "asks": asks_second_person(change.key, live, working),
                "ahead": _naming(ahead, change),
                "problems": of_rows(problems, {change.key}),
            }
            for change in described
        ],
        "ticked": request.POST.getlist("row") or request.GET.getlist("row"),
        "errors": findings(elsewhere, working, errors=True),
        "warnings": findings(elsewhere, working, errors=False),
    }


def _naming(ahead: list[Release], change: ChangeInWords) -> list[Release]:
    return [release for release in ahead if change.key in release.changed_keys]
