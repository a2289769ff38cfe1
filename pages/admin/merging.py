"""Two people at one row: the second one to save sees what the first one changed, and chooses.

The form carries the row as it was when it was opened. On saving, three versions are known: how
it was, how it is now in the database, and what was typed. Only fields that somebody else changed
meanwhile need a word; the rest is saved as it is.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.admin.words import in_words
from pages.models import Row
from pages.releases import Fields, fields_of, many_to_many_of, serialise

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Row]
else:
    ModelForm = forms.ModelForm

MESSAGE = _(
    "{who} saved this at {when}, after you had opened it. Nothing is lost, and nothing is saved "
    "yet: choose for each field below, then save again."
)


class Carried(forms.CharField):
    """A hidden field that comes back as it was sent. It is no change of the row."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


@dataclass(frozen=True)
class Clash:
    """One field that somebody else changed while it was being edited here."""

    html_name: str
    label: str
    theirs: str
    mine: str
    chosen: str  # "mine" or "theirs": what is ticked at first


class MergeForm(ModelForm):
    """A row's form that never overwrites what somebody else saved meanwhile."""

    as_opened = Carried(required=False, label="")
    as_shown = Carried(required=False, label="")
    CARRIED = ("as_opened", "as_shown")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clashes: list[Clash] = []
        if self.instance.pk and not self.is_bound:
            self.initial["as_opened"] = json.dumps(serialise(self.instance), ensure_ascii=False)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.instance.pk:
            self._meet_others()

    def _meet_others(self) -> None:
        # Locked until this form is saved: two who save at the same moment meet here too.
        rows = type(self.instance)._default_manager.select_for_update()
        current = rows.filter(pk=self.instance.pk).first()
        if current is None:
            return
        was, theirs = self._was(), serialise(current)
        mine = {name: self._mine(name) for name in theirs if name in self.cleaned_data}
        touched = [name for name in mine if not _same(mine[name], was.get(name, ...))]
        moved = [name for name in mine if not _same(theirs[name], was.get(name, ...))]
        for name in moved:
            if name not in touched and len(touched) == 0:
                self._take(name, current)
            elif not _same(mine[name], theirs[name]):
                self._ask(name, current, mine[name], theirs, is_mine=name in touched)
        if not touched:
            self.changed_data = [name for name in self.changed_data if name not in mine]
        if self.clashes:
            self._show(current, theirs)

    def _was(self) -> Fields:
        """The row as it was opened; unreadable means that nothing about it is known."""
        try:
            was = json.loads(self.cleaned_data.get("as_opened") or "{}")
        except ValueError:
            return {}
        return was if isinstance(was, dict) else {}

    def _mine(self, name: str) -> Any:
        """What was typed, in the form in which a release carries it."""
        if name in many_to_many_of(type(self.instance)):
            return sorted(other.key for other in self.cleaned_data[name])
        value = getattr(self.instance, name)
        if isinstance(value, Row):
            return value.key
        if isinstance(value, Decimal):
            (field,) = (f for f in fields_of(type(self.instance)) if f.name == name)
            return f"{value:.{field.decimal_places}f}"  # type: ignore[attr-defined]
        return value if isinstance(value, (bool, int, dict)) or value is None else str(value)

    def _ask(self, name: str, current: Row, mine: Any, theirs: Fields, *, is_mine: bool) -> None:
        html_name = self.add_prefix(f"keep-{name}")
        answer = self.data.get(html_name)
        if self.cleaned_data.get("as_shown") == _digest(theirs) and answer in {"mine", "theirs"}:
            if answer == "theirs":
                self._take(name, current)
            return
        label = str(self.fields[name].label or name)
        chosen = "mine" if is_mine else "theirs"
        self.clashes.append(Clash(html_name, label, in_words(theirs[name]), in_words(mine), chosen))

    def _take(self, name: str, current: Row) -> None:
        value = getattr(current, name)
        if name in many_to_many_of(type(self.instance)):
            self.cleaned_data[name] = list(value.all())
        else:
            self.cleaned_data[name] = value
            setattr(self.instance, name, value)

    def _show(self, current: Row, theirs: Fields) -> None:
        """Refuse to save, and carry what the reader is shown, so that the answer is to that."""
        data = cast("QueryDict", self.data).copy()
        data[self.add_prefix("as_shown")] = _digest(theirs)
        self.data = data
        when = timezone.localtime(current.edited_at).strftime("%-I:%M %p")
        who = str(current.edited_by or gettext("Somebody else"))
        self.add_error(None, MESSAGE.format(who=who, when=when))


def _same(one: Any, other: Any) -> bool:
    """Browsers send line ends of their own."""
    if isinstance(one, str) and isinstance(other, str):
        return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
    return bool(one == other)


def _digest(fields: Fields) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:16]
