"""Quick phrases: supervisors write them, one key puts one into a note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Max
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from intake import audit
from intake.callers_words import ADDRESS
from intake.desk.access import SUPERVISE, StaffRequest, desk_page
from intake.desk.page import desk_page_response
from intake.models import QuickPhrase

if TYPE_CHECKING:
    _PhraseForm = forms.ModelForm[QuickPhrase]
else:  # at run time Django's class takes no parameter
    _PhraseForm = forms.ModelForm

KEYS: Final = "adfghimosyz"  # letters that nothing else on the sheet listens to
MOST: Final = len(KEYS)


@dataclass(frozen=True)
class KeyedPhrase:
    key: str
    text: str

    @property
    def cap(self) -> str:
        return self.key.upper()


class PhraseForm(_PhraseForm):
    class Meta:
        model = QuickPhrase
        fields = ["text"]
        labels = {"text": _("Words")}
        help_texts = {"text": _("They must fit anybody: no names, no numbers, nothing medical.")}
        widgets = {"text": forms.TextInput(attrs={"class": "form-control"})}
        error_messages = {"text": {"unique": _("These words are there already.")}}

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"]).strip()
        if ADDRESS.search(text):
            raise forms.ValidationError(
                gettext("Leave out numbers and addresses: a phrase fits anybody.")
            )
        return text

    def clean(self) -> dict[str, Any]:
        if QuickPhrase.objects.count() >= MOST:
            raise forms.ValidationError(
                gettext("There are %(most)s phrases, one for each free key.") % {"most": MOST}
            )
        return super().clean() or self.cleaned_data


def keyed_phrases() -> list[KeyedPhrase]:
    """The phrases in order, each with its key. One query."""
    rows = QuickPhrase.objects.all()[:MOST]
    return [KeyedPhrase(key, row.text) for key, row in zip(KEYS, rows, strict=False)]


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(SUPERVISE)
def phrases(request: StaffRequest) -> HttpResponse:
    form = PhraseForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        with transaction.atomic():
            last = QuickPhrase.objects.aggregate(n=Max("position"))["n"] or 0
            form.instance.position = last + 1
            form.save()
            _record(request, "added", form.instance)
        messages.success(request, gettext("Phrase added."))
        return HttpResponseRedirect(reverse("desk:phrases"))
    rows = list(zip(KEYS.upper(), QuickPhrase.objects.all()[:MOST], strict=False))
    context = {"form": form, "rows": rows}
    status = 422 if form.errors else 200
    return desk_page_response(
        request, "desk/phrases.html", context, now=timezone.now(), status=status
    )


@require_POST
@desk_page(SUPERVISE)
def drop_phrase(request: StaffRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(QuickPhrase, pk=pk)
    with transaction.atomic():
        _record(request, "removed", row)
        row.delete()
    messages.success(request, gettext("Phrase removed."))
    return HttpResponseRedirect(reverse("desk:phrases"))


@require_POST
@desk_page(SUPERVISE)
def raise_phrase(request: StaffRequest, pk: int) -> HttpResponse:
    """One place up: its key is the one of the phrase before it now."""
    row = get_object_or_404(QuickPhrase, pk=pk)
    with transaction.atomic():
        order = list(QuickPhrase.objects.select_for_update())
        at = order.index(row)
        order.insert(max(0, at - 1), order.pop(at))
        for position, one in enumerate(order, start=1):
            one.position = position
        QuickPhrase.objects.bulk_update(order, ["position"])
        _record(request, "moved", row)
    return HttpResponseRedirect(reverse("desk:phrases"))


def _record(request: StaffRequest, deed: str, row: QuickPhrase) -> None:
    audit.record(actor=request.user, action="changed_phrases", detail={deed: row.text})
