"""Form fields that read what people type, and say in one sentence how to put it right."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber

from intake.phone import BadPhone, read_phone
from intake.text import BadText, fold, read_line, read_paragraph

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


def _read(reader: Callable[[str], str], value: Any, noun: str | StrPromise, longest: int) -> str:
    """``value`` by ``reader``, at most ``longest`` characters. Raises :exc:`ValidationError`."""
    try:
        text = reader(str(value or ""))
    except BadText as error:
        raise ValidationError(f"{noun} {error}", code="text") from error
    if len(text) > longest:
        raise ValidationError(
            gettext(
                "%(noun)s has %(count)s characters and %(longest)s is the most; take out %(excess)s"
            )
            % {"noun": noun, "count": len(text), "longest": longest, "excess": len(text) - longest},
            code="too_long",
        )
    return text


class LineField(forms.CharField):
    """One line. ``noun`` begins its error messages: "The name".

    The limit is not an HTML attribute: a browser would cut a pasted text off without a word.
    """

    reader = staticmethod(read_line)

    def __init__(self, *, noun: str | StrPromise, longest: int, **options: Any) -> None:
        self.noun = noun
        self.longest = longest
        super().__init__(**options)
        self.widget.attrs.setdefault("dir", "auto")

    def to_python(self, value: Any) -> str:
        return _read(self.reader, value, self.noun, self.longest)


class ParagraphField(LineField):
    """Several lines; the limit counts a line break as one character."""

    widget = forms.Textarea
    reader = staticmethod(read_paragraph)


class EmailLineField(forms.EmailField):
    """An e-mail address, without the invisible characters that copying brings along."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=None, **options)

    def to_python(self, value: Any) -> str:
        return fold(_read(read_line, value, _("The email address"), 254))


class PhoneField(PhoneNumberField):  # type: ignore[misc]
    """A phone number in any form; a :class:`PhoneNumber` with its extension, or ``""``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(region="US", widget=forms.TextInput(attrs={"type": "tel"}), **options)

    def to_python(self, value: Any) -> PhoneNumber | str:
        line = _read(read_line, value, _("The phone number"), 60)
        if not line:
            return ""
        try:
            return read_phone(line)
        except BadPhone as error:
            raise ValidationError(str(error), code="phone") from error

    def clean(self, value: Any) -> PhoneNumber | str:
        """Read, and then not checked: comparing a number with others reads each anew."""
        return self.to_python(value)


class OneOfField(forms.ChoiceField):
    """One of a few answers, looked up: Django's goes through the list for each form that is read."""

    def __init__(self, *, choices: list[tuple[str, Any]], **options: Any) -> None:
        # Each form copies its fields, but not what a function returns.
        super().__init__(choices=lambda: choices, **options)
        self.values = frozenset(value for value, _ in choices)

    def valid_value(self, value: str) -> bool:
        return value in self.values
