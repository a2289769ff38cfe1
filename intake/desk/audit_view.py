"""Who did what on the desk, for supervisors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from intake import audit, clock
from intake.desk.access import SUPERVISE, StaffRequest, desk_page
from intake.desk.page import desk_page_response
from intake.models import AuditEvent
from intake.references import parse_reference, show_reference
from intake.schedule import load_schedule

PAGE: Final = 100
# Readings by one person within the hour before that are worth a look.
MANY: Final = {"opened": 20, "searched": 15}

WORDS: Final = {
    "admitted": _("reached the desk"),
    "corrected": _("was sent again with changes"),
    "opened": _("was opened"),
    "searched": _("searched"),
    "exported": _("exported"),
    "assigned": _("assigned"),
    "attempted": _("attempted"),
    "changed_hours": _("changed hours"),
    "changed_phrases": _("changed phrases"),
    "changed_wording": _("changed wording"),
    "checked": _("checked"),
    "claimed": _("claimed"),
    "closed": _("closed"),
    "consent": _("consent"),
    "erased": _("erased"),
    "expired": _("expired"),
    "freed": _("freed"),
    "gave_back": _("gave back"),
    "merged": _("merged"),
    "purged": _("purged"),
    "released": _("released"),
    "reopened": _("reopened"),
    "resealed": _("resealed"),
    "sent_again": _("sent again"),
    "took_in": _("took in"),
    "undone": _("undone"),
    "unmerged": _("unmerged"),
}


def _day() -> forms.DateInput:
    """As browsers want it, whatever the language."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class FilterForm(forms.Form):
    """Which events to show; a field that is not understood is named, not ignored."""

    who = forms.ModelChoiceField(
        label=_("Who"),
        queryset=User.objects.order_by("username"),
        required=False,
        empty_label=_("Anyone"),
    )
    what = forms.ChoiceField(label=_("What"), required=False)
    reference = forms.CharField(label=_("Reference"), required=False, max_length=20)
    since = forms.DateField(label=_("From"), required=False, widget=_day())
    until = forms.DateField(label=_("To"), required=False, widget=_day())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        actions = AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct()
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            ("", gettext("Anything")),
            *((action, in_words(action)) for action in actions),
        ]
        for field in self.fields.values():
            is_choice = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"

    def clean_reference(self) -> str:
        typed = str(self.cleaned_data["reference"])
        if not typed:
            return ""
        found = parse_reference(typed)
        if found is None:
            raise forms.ValidationError(
                gettext("A reference has ten letters and digits, like K7QM4-TXW9R.")
            )
        return found


@dataclass(frozen=True)
class Line:
    sequence: int
    at: datetime
    who: str
    action: str
    reference: str
    detail: str
    unusual: str


@require_safe
@desk_page(SUPERVISE)
def audit_log(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    form = FilterForm(request.GET)
    events = AuditEvent.objects.select_related("actor").order_by("-sequence")
    events = _filtered(events, form.cleaned_data) if form.is_valid() else events.none()
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 15:
        events = events.filter(sequence__lt=int(before))
    shown = list(events[: PAGE + 1])
    context = {
        "form": form,
        "lines": _lines(shown[:PAGE]),
        "older": _older_link(request, shown) if len(shown) > PAGE else "",
        "chain": _chain() if "verify" in request.GET else "",
    }
    status = 422 if form.errors else 200
    return desk_page_response(request, "desk/audit.html", context, now=now, status=status)


def _filtered(events: QuerySet[AuditEvent], wanted: dict[str, Any]) -> QuerySet[AuditEvent]:
    if wanted["who"]:
        events = events.filter(actor=wanted["who"])
    if wanted["what"]:
        events = events.filter(action=wanted["what"])
    if wanted["reference"]:
        events = events.filter(reference=wanted["reference"])
    zone = timezone.get_current_timezone()
    if wanted["since"]:
        start = datetime.combine(wanted["since"], datetime.min.time(), zone)
        events = events.filter(at__gte=start)
    if wanted["until"]:
        end = datetime.combine(wanted["until"] + timedelta(days=1), datetime.min.time(), zone)
        events = events.filter(at__lt=end)
    return events


def _older_link(request: StaffRequest, shown: list[AuditEvent]) -> str:
    query = request.GET.copy()
    query["before"] = str(shown[PAGE - 1].sequence)
    query.pop("verify", None)
    return f"?{query.urlencode()}"


def _lines(events: list[AuditEvent]) -> list[Line]:
    schedule = load_schedule()
    readings = _readings(events)
    return [
        Line(
            sequence=event.sequence,
            at=event.at,
            who=event.actor.get_username() if event.actor else gettext("the machine"),
            action=in_words(event.action),
            reference=show_reference(event.reference) if event.reference else "",
            detail=_detail(event.detail),
            unusual=_unusual(event, schedule, readings),
        )
        for event in events
    ]


def in_words(action: str) -> str:
    """What was done, in words; what has none of its own reads as it is kept."""
    return str(WORDS.get(action, action.replace("_", " ")))


Readings = dict[tuple[int, str], list[datetime]]


def _readings(events: list[AuditEvent]) -> Readings:
    """When each person opened or searched, from an hour before the first event shown. One query."""
    if not events:
        return {}
    found: Readings = {}
    rows = AuditEvent.objects.filter(
        action__in=MANY,
        actor__isnull=False,
        at__gte=events[-1].at - timedelta(hours=1),
        at__lte=events[0].at,
    ).values_list("actor_id", "action", "at")
    for actor, action, at in rows:
        if actor is not None:
            found.setdefault((actor, action), []).append(at)
    return found


def _unusual(event: AuditEvent, schedule: clock.Schedule, readings: Readings) -> str:
    """Why this reading deserves a look, or nothing. A pattern is not a proof."""
    if event.actor_id is None:
        return ""
    if event.action == "exported" and event.detail.get("people"):
        return gettext("names exported")
    if event.action not in MANY:
        return ""
    recent = [
        at
        for at in readings.get((event.actor_id, event.action), [])
        if event.at - timedelta(hours=1) < at <= event.at
    ]
    if len(recent) > MANY[event.action]:
        n = len(recent)
        if event.action == "opened":
            words = ngettext("%(n)s opening in an hour", "%(n)s openings in an hour", n)
        else:
            words = ngettext("%(n)s search in an hour", "%(n)s searches in an hour", n)
        return words % {"n": n}
    if not clock.is_open(schedule, event.at):
        return gettext("outside our hours")
    return ""


def _detail(detail: dict[str, Any]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in sorted(detail.items())
        if value
    )


def _chain() -> str:
    problem = audit.verify()
    if problem is None:
        number, digest = audit.head()
        return gettext("The record is whole: %(number)s events, the newest %(digest)s.") % {
            "number": number,
            "digest": digest[:12],
        }
    return gettext("The record is broken at event %(sequence)s: %(reason)s.") % {
        "sequence": problem.sequence,
        "reason": problem.reason,
    }
