"""What a coordinator sends: how a call went, when to try again, whom to find.

Rules of input only; whether a time may be called at is :func:`intake.queue.check_next`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake import queue
from intake.models import CallAttempt, CallbackRequest

NOTE_LENGTH: Final = 300
MINUTE: Final = "%Y-%m-%dT%H:%M"

Outcome = CallAttempt.Outcome


class AttemptForm(forms.Form):
    """One recorded call about ``request``."""

    outcome = forms.ChoiceField(
        choices=Outcome.choices,
        error_messages={"required": _("Say how the call went: press 1 to 8.")},
    )
    next = forms.CharField(required=False, max_length=40)
    other_at = forms.CharField(required=False, max_length=20)
    note = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        error_messages={"max_length": _("Keep the note to %(limit_value)s characters.")},
    )
    expected_version = forms.IntegerField(min_value=1)
    then_next = forms.BooleanField(required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        request: CallbackRequest,
        may_leave_voicemail: bool,
        now: datetime,
    ) -> None:
        super().__init__(data)
        self.request, self.may_leave_voicemail, self.now = request, may_leave_voicemail, now

    def clean_outcome(self) -> str:
        outcome = str(self.cleaned_data["outcome"])
        if outcome == Outcome.VOICEMAIL and not self.may_leave_voicemail:
            raise ValidationError(
                gettext("They did not agree to voicemail. Choose “No answer” instead.")
            )
        return outcome

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["next_at"] = None
        if cleaned.get("outcome") and cleaned["outcome"] not in queue.CLOSES:
            field = "other_at" if cleaned.get("next") == "other" else "next"
            try:
                cleaned["next_at"] = self._next_at(cleaned)
            except ValidationError as error:
                self.add_error(field, error)
        return cleaned

    def _next_at(self, cleaned: dict[str, Any]) -> datetime:
        chosen = cleaned.get("next") or ""
        if not chosen:
            raise ValidationError(gettext("Choose when to try again."))
        moment = _read_other(cleaned) if chosen == "other" else _read_slot(chosen)
        try:
            return queue.check_next(self.request, moment, self.now)
        except queue.NotAllowed as error:
            raise ValidationError(str(error)) from None


def _read_other(cleaned: dict[str, Any]) -> datetime:
    """A naive time on the person's own clock."""
    try:
        return datetime.strptime(cleaned.get("other_at") or "", MINUTE)  # noqa: DTZ007
    except ValueError:
        raise ValidationError(gettext("Give the day and the time to try again.")) from None


def _read_slot(chosen: str) -> datetime:
    try:
        moment = datetime.fromisoformat(chosen)
    except ValueError:
        raise ValidationError(gettext("Choose one of the times.")) from None
    if timezone.is_naive(moment):
        raise ValidationError(gettext("Choose one of the times."))
    return moment


class FindForm(forms.Form):
    what = forms.CharField(
        max_length=254,
        error_messages={"required": _("Type a reference, a phone number or an email address.")},
    )
