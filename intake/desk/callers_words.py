"""What callers say and leave as a message: supervisors write it, each change on record.

It moves no time, so it needs no preview.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from intake import audit
from intake.desk.access import SUPERVISE, StaffRequest, desk_page
from intake.desk.page import desk_page_response
from intake.models import CallPolicy
from intake.schedule import load_policy

if TYPE_CHECKING:
    _WordingForm = forms.ModelForm[CallPolicy]
else:  # at run time Django's class takes no parameter
    _WordingForm = forms.ModelForm

_BOX: Final = {"class": "form-control", "rows": 4}


class WordingForm(_WordingForm):
    class Meta:
        model = CallPolicy
        fields = ["opening_words", "voicemail_words"]
        labels = {
            "opening_words": _("When somebody answers"),
            "voicemail_words": _("As a message, where the person allowed one"),
        }
        help_texts = {
            "opening_words": _("Shown beside the number to whoever makes the call."),
            "voicemail_words": _(
                "A first name and our number. Somebody else may hear it: "
                "no treatment and no clinic."
            ),
        }
        widgets = {
            "opening_words": forms.Textarea(attrs=_BOX),
            "voicemail_words": forms.Textarea(attrs=_BOX),
        }


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(SUPERVISE)
def wording(request: StaffRequest) -> HttpResponse:
    form = WordingForm(request.POST if request.method == "POST" else None, instance=load_policy())
    if form.is_bound and form.is_valid():
        _save(request, form)
        messages.success(request, gettext("The wording is saved."))
        return HttpResponseRedirect(reverse("desk:wording"))
    status = 422 if form.errors else 200
    return desk_page_response(
        request, "desk/wording.html", {"form": form}, now=timezone.now(), status=status
    )


@transaction.atomic
def _save(request: StaffRequest, form: WordingForm) -> None:
    """Saving what was there already leaves no event."""
    form.save()
    if form.changed_data:
        detail = {name: form.cleaned_data[name] for name in form.changed_data}
        audit.record(actor=request.user, action="changed_wording", detail=detail)
