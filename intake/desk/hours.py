"""Hours, closures and the call policy: what supervisors set, each change on record.

The promise is elapsed time, so none of this moves a due time; it moves when people may be
called. A change that touches a request is shown first (``intake.desk.previewing``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from intake import audit
from intake.desk.access import SUPERVISE, StaffRequest, desk_page
from intake.desk.page import desk_page_response
from intake.desk.previewing import change_or_ask
from intake.models import CallbackRequest, CallPolicy, Closure, OpeningHours
from intake.schedule import load_policy

if TYPE_CHECKING:
    _OpeningHoursForm = forms.ModelForm[OpeningHours]
    _ClosureForm = forms.ModelForm[Closure]
    _CallPolicyForm = forms.ModelForm[CallPolicy]
else:  # at run time Django's class takes no parameter
    _OpeningHoursForm = _ClosureForm = _CallPolicyForm = forms.ModelForm

LONGEST_CLOSURE: Final = 60  # days; the clock looks no further ahead


def _dress(form: forms.BaseForm) -> None:
    for field in form.fields.values():
        if isinstance(field.widget, forms.CheckboxInput):
            css = "form-check-input"
        else:
            css = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
        field.widget.attrs["class"] = css


class HoursForm(_OpeningHoursForm):
    class Meta:
        model = OpeningHours
        fields = ["weekday", "opens_at", "closes_at"]
        labels = {"weekday": _("Day"), "opens_at": _("From"), "closes_at": _("Until")}
        widgets = {
            "opens_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "closes_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    prefix = "hours"

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        _dress(self)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"weekday", "opens_at", "closes_at"} <= cleaned.keys():
            overlapping = OpeningHours.objects.filter(
                weekday=cleaned["weekday"],
                opens_at__lt=cleaned["closes_at"],
                closes_at__gt=cleaned["opens_at"],
            ).first()
            if overlapping:
                raise forms.ValidationError(
                    gettext("That overlaps with %(hours)s. Remove that first.")
                    % {"hours": overlapping}
                )
        return cleaned


class ClosureForm(_ClosureForm):
    """Days off. A closure of today stops calls at once, so it must be meant."""

    even_today = forms.BooleanField(required=False, label=_("Yes, stop calls today too"))

    class Meta:
        model = Closure
        fields = ["starts_on", "ends_on", "reason"]
        labels = {"starts_on": _("First day"), "ends_on": _("Last day"), "reason": _("Reason")}
        widgets = {
            "starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    prefix = "closure"

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        _dress(self)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if not first or not last:
            return cleaned
        today = timezone.localdate()
        if last < today:
            raise forms.ValidationError(gettext("Those days are over. Choose days from today on."))
        if (last - first).days >= LONGEST_CLOSURE:
            raise forms.ValidationError(
                gettext("A closure can last %(days)s days at most. Add a second one after it.")
                % {"days": LONGEST_CLOSURE}
            )
        if first <= today <= last and not cleaned["even_today"]:
            waiting = CallbackRequest.objects.filter(state__in=CallbackRequest.WAITING).count()
            raise forms.ValidationError(
                gettext(
                    "That includes today: nobody of the %(waiting)s waiting could be called today, and promises do not wait. Tick the box if you mean it."
                )
                % {"waiting": waiting}
            )
        return cleaned


class PolicyForm(_CallPolicyForm):
    waits = forms.CharField(
        label=_("Minutes to wait before each new try"),
        max_length=120,
        help_text=_("After the first, second, … try, with commas. The last one repeats."),
    )

    class Meta:
        model = CallPolicy
        fields = ["max_attempts", "lease_minutes"]
        labels = {
            "max_attempts": _("Tries before a person decides"),
            "lease_minutes": _("Minutes a request stays with whoever took it"),
        }

    field_order = ["max_attempts", "waits", "lease_minutes"]

    prefix = "policy"

    def __init__(self, data: Any = None, *, instance: CallPolicy) -> None:
        super().__init__(data, instance=instance)
        self.fields["waits"].initial = ", ".join(str(wait) for wait in self.instance.retry_minutes)
        for name, low, high in (("max_attempts", 1, 20), ("lease_minutes", 5, 240)):
            field = self.fields[name]
            assert isinstance(field, forms.IntegerField)
            field.min_value, field.max_value = low, high
            field.widget.attrs |= {"min": low, "max": high}
            field.validators += [
                MinValueValidator(low),
                MaxValueValidator(high),
            ]
        _dress(self)

    def clean_waits(self) -> list[int]:
        parts = [part.strip() for part in self.cleaned_data["waits"].split(",")]
        if not all(part.isdecimal() and 5 <= int(part) <= 20160 for part in parts):
            raise forms.ValidationError(
                gettext(
                    "Give whole minutes from 5 to 20160 with commas between, such as 120, 240, 1140."
                )
            )
        return [int(part) for part in parts]

    def save(self, commit: bool = True) -> CallPolicy:
        self.instance.retry_minutes = self.cleaned_data["waits"]
        return super().save(commit)


_NAMES: Final = ("hours", "closure", "policy")
_DONE: Final = {
    "hours": _("Hours added."),
    "closure": _("Closure added."),
    "policy": _("The policy is saved."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(SUPERVISE)
def hours(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    sent = request.POST.get("form", "") if request.method == "POST" else ""
    bound = {name: _form(name, request.POST if name == sent else None) for name in _NAMES}
    form = bound.get(sent)
    if form is not None and form.is_valid():
        return _save(request, sent)
    context = {
        "hours_form": bound["hours"],
        "closure_form": bound["closure"],
        "policy_form": bound["policy"],
        "hours": OpeningHours.objects.all(),
        "closures": Closure.objects.filter(ends_on__gte=timezone.localdate()),
    }
    status = 422 if request.method == "POST" else 200
    return desk_page_response(request, "desk/hours.html", context, now=now, status=status)


def _form(name: str, data: Any) -> forms.ModelForm[Any]:
    if name == "policy":
        return PolicyForm(data, instance=load_policy())
    return HoursForm(data) if name == "hours" else ClosureForm(data)


def _save(request: StaffRequest, name: str) -> HttpResponse:
    """``form.save`` runs for the preview and again for good, each time from a form of its own."""

    def change() -> None:
        form = _form(name, request.POST)
        form.full_clean()
        saved = form.save()
        with audit.english():
            what["now"] = _policy_words(saved) if isinstance(saved, CallPolicy) else str(saved)

    what: dict[str, str | int | bool | list[str] | None] = {"what": name}
    return change_or_ask(request, change, what=what, done=str(_DONE[name]))


def _policy_words(policy: CallPolicy) -> str:
    waits = ", ".join(map(str, policy.retry_minutes))
    return f"{policy.max_attempts} tries, waits {waits}, lease {policy.lease_minutes}"


@require_POST
@desk_page(SUPERVISE)
def drop_hours(request: StaffRequest, pk: int) -> HttpResponse:
    return _drop(request, get_object_or_404(OpeningHours, pk=pk))


@require_POST
@desk_page(SUPERVISE)
def drop_closure(request: StaffRequest, pk: int) -> HttpResponse:
    return _drop(request, get_object_or_404(Closure, pk=pk))


def _drop(request: StaffRequest, row: OpeningHours | Closure) -> HttpResponse:
    words = str(row)
    with audit.english():
        kept = str(row)

    def change() -> None:
        type(row)._default_manager.filter(pk=row.pk).delete()

    response = change_or_ask(
        request,
        change,
        what={"removed": kept},
        done=gettext("Removed: %(words)s.") % {"words": words},
    )
    if isinstance(row, OpeningHours) and not OpeningHours.objects.exists():
        messages.warning(
            request, gettext("There are no hours left, so the list takes us as open all day.")
        )
    return response
