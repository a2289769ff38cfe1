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
MANY_WORDS: Final = {"opened": "openings", "searched": "searches"}

WORDS: Final = {
    "admitted": "reached the desk",
    "corrected": "was sent again with changes",
    "opened": "was opened",
    "searched": "searched",
    "exported": "exported",
}


class FilterForm(forms.Form):
    """Which events to show; a field that is not understood is named, not ignored."""

    who = forms.ModelChoiceField(
        label="Who",
        queryset=User.objects.order_by("username"),
        required=False,
        empty_label="Anyone",
    )
    what = forms.ChoiceField(label="What", required=False)
    reference = forms.CharField(label="Reference", required=False, max_length=20)
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="To", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        actions = AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct()
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            ("", "Anything"),
            *((action, action.replace("_", " ")) for action in actions),
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
            raise forms.ValidationError("A reference has ten letters and digits, like K7QM4-TXW9R.")
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
            who=event.actor.get_username() if event.actor else "the machine",
            action=WORDS.get(event.action, event.action.replace("_", " ")),
            reference=show_reference(event.reference) if event.reference else "",
            detail=_detail(event.detail),
            unusual=_unusual(event, schedule, readings),
        )
        for event in events
    ]


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
        return "names exported"
    if event.action not in MANY:
        return ""
    recent = [
        at
        for at in readings.get((event.actor_id, event.action), [])
        if event.at - timedelta(hours=1) < at <= event.at
    ]
    if len(recent) > MANY[event.action]:
        return f"{len(recent)} {MANY_WORDS[event.action]} in an hour"
    if not clock.is_open(schedule, event.at):
        return "outside our hours"
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
        return f"The record is whole: {number} events, the newest {digest[:12]}."
    return f"The record is broken at event {problem.sequence}: {problem.reason}."
