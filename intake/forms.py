"""The one form a visitor fills in. Rules of input only; it asks no database.

What it asks, and what it must never ask, is laid down in the clinic's content facts, section 6:
the minimum that a call needs. Each consent is a box of its own, never ticked beforehand, and its
label is, letter for letter, the wording that is kept with the answer.
"""

from __future__ import annotations

import functools
from typing import Any, Final

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from intake.choices import STATES, Adult, ForWhom, Topic
from intake.fields import EmailLineField, LineField, OneOfField, ParagraphField, PhoneField
from intake.models import CallbackRequest
from intake.text import read_line
from intake.wordings import WORDINGS, language_now

PICK_ONE: Final = {"invalid_choice": _("Choose one of the answers shown")}
# What is noted as the language of the call when the form was in another one than English.
LANGUAGE_TO_SPEAK: Final = {"es": "Español"}
OPTIONAL: Final = ("adult", "state", "language", "access_needs", "comment")


def _choice(
    label: Any, choices: Any, *, initial: str = "", radio: bool = False, help_text: Any = ""
) -> forms.ChoiceField:
    return OneOfField(
        label=label,
        choices=choices,
        initial=initial,
        required=False,
        help_text=help_text,
        error_messages=PICK_ONE,
        widget=forms.RadioSelect if radio else forms.Select,
    )


def _consent(purpose: str, help_text: Any = "") -> forms.BooleanField:
    """Its label is the wording of the language in which the form is shown."""
    label = lazy(lambda: WORDINGS[language_now()][purpose].text, str)()
    return forms.BooleanField(label=label, required=False, help_text=help_text)


class ContactForm(forms.Form):
    """Valid when somebody could be reached and has said how."""

    use_required_attribute = False

    name = LineField(
        label=_("The name you like to be called"),
        noun=_("The name"),
        longest=80,
        help_text=_("A first name, a nickname or initials will do."),
        error_messages={"required": _("Tell us what to call you")},
    )
    for_whom = _choice(
        _("You are asking for"),
        ForWhom.choices,
        initial=ForWhom.SELF,
        radio=True,
        help_text=_("If someone else, give only your own name and number here."),
    )
    adult = _choice(_("Is the person who would be treated 18 or older?"), Adult.choices, radio=True)
    phone = PhoneField(
        label=_("Phone number"),
        required=False,
        help_text=_(
            "Any way you like to write it. Give a phone number or an email address, or both."
        ),
    )
    email = EmailLineField(
        label=_("Email address"),
        required=False,
        help_text=_("We write only to arrange a call. Email is not private."),
        error_messages={"invalid": _("Write the email address in full, such as name@example.com")},
    )
    window = _choice(
        _("Best time to call"),
        CallbackRequest.Window.choices,
        initial=CallbackRequest.Window.ANY,
    )
    state = _choice(
        _("State you live in"),
        [("", _("Rather not say")), *STATES],
        help_text=_("So that we call at a decent hour where you are."),
    )
    topic = _choice(_("What is it about?"), Topic.choices, initial=Topic.PHONE)
    language = LineField(
        label=_("Language, or interpreter"), noun=_("The language"), longest=40, required=False
    )
    access_needs = LineField(
        label=_("Anything that makes a call easier for you"),
        noun=_("This answer"),
        longest=80,
        required=False,
        help_text=_("Relay service, speak slowly, text first. No medical details, please."),
    )
    comment = ParagraphField(
        label=_("Anything else? Please don\u2019t include medical details"),
        noun=_("This note"),
        longest=300,
        required=False,
        help_text=_(
            "Up to 300 characters. Leave out diagnoses, symptoms and medicines: "
            "a clinician will ask in private."
        ),
    )
    call_consent = _consent("call", _("Needed when you give a phone number."))
    voicemail = _consent("voicemail")
    text_consent = _consent("text")
    email_receipt = _consent("email")
    # A trap for programs that fill in everything. Any content is caught, so it has no rules.
    website = forms.Field(label=_("Leave this empty"), required=False, widget=forms.TextInput)
    token = forms.Field(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spoken = language_now()
        self.wordings = WORDINGS[self.spoken]

    @functools.cached_property
    def helper(self) -> FormHelper:
        """The layout, for a page that shows the form."""
        return _helper()

    def clean(self) -> dict[str, Any]:
        """The rules between fields: one way to reach the person, and leave to use it."""
        given = self.cleaned_data
        has_phone = given.get("phone", "") != "" or "phone" in self.errors
        has_email = bool(given.get("email")) or "email" in self.errors
        if not has_phone and any(
            given[box] for box in ("call_consent", "voicemail", "text_consent")
        ):
            self.add_error("phone", _("You ticked a box about calls or texts: give us the number"))
        elif not has_phone and not has_email:
            self.add_error(
                "phone", _("Give a phone number or an email address so that we can reach you")
            )
        if given.get("email_receipt") and not has_email:
            self.add_error("email", _("Give the address for your receipt, or untick its box"))
        if has_phone and not given.get("call_consent"):
            self.add_error("call_consent", _("Tick the box so that we may call you"))
        return given

    def problems(self) -> list[tuple[str, str]]:
        """What to put right, in the order of the page: (id of the input, sentence)."""
        found: list[tuple[str, str]] = []
        for name in self.fields:
            bound = self[name]
            target = bound.id_for_label or bound.subwidgets[0].id_for_label
            found += [(target, str(message)) for message in bound.errors]
        return found

    def content(self) -> dict[str, Any]:
        """The document that is sealed. Only for a valid form."""
        given = self.cleaned_data
        phone = given["phone"]
        has_phone = phone != ""  # to ask whether it is true would check the number again
        return {
            "name": given["name"],
            "phone": phone.as_e164 if has_phone else "",
            "phone_extension": (phone.extension or "") if has_phone else "",
            "phone_as_typed": read_line(str(self.data.get("phone", ""))),
            "email": given["email"],
            "window": given["window"] or CallbackRequest.Window.ANY.value,
            "voicemail": given["voicemail"],
            "call_consent": given["call_consent"],
            "text_consent": given["text_consent"],
            "email_receipt": given["email_receipt"],
            "adult": {Adult.YES: True, Adult.NO: False}.get(given["adult"]),
            "for_whom": given["for_whom"] or ForWhom.SELF.value,
            "state": given["state"],
            "time_zone": "",
            "topic": given["topic"] or Topic.PHONE.value,
            # Who fills in the Spanish form is called back in Spanish, unless they say otherwise.
            "language": given["language"] or LANGUAGE_TO_SPEAK.get(self.spoken, ""),
            "form_language": self.spoken,
            "access_needs": given["access_needs"],
            "comment": given["comment"],
            "wordings": {purpose: known.wording_id for purpose, known in self.wordings.items()},
        }


_ATTRIBUTES: Final[dict[str, dict[str, Any]]] = {
    "name": {"autocomplete": "given-name", "spellcheck": "false"},
    "phone": {"autocomplete": "tel", "inputmode": "tel"},
    "email": {"autocomplete": "email", "inputmode": "email", "spellcheck": "false"},
    "state": {"autocomplete": "address-level1"},
    "comment": {"rows": 4, "cols": False},
    "website": {"autocomplete": "off", "tabindex": "-1"},
    "token": {"autocomplete": "off"},
}
for _name, _attributes in _ATTRIBUTES.items():
    ContactForm.base_fields[_name].widget.attrs.update(_attributes)
for _name in OPTIONAL:
    ContactForm.base_fields[_name].is_optional = True  # type: ignore[attr-defined]


class _InCommon(dict[str, forms.Field]):
    """Fields that all forms of a class have in common, where Django copies them for each."""

    def __deepcopy__(self, memo: object) -> _InCommon:
        return self


class SentForm(ContactForm):
    """A form that is read and never shown: nothing changes its fields, so it needs no copies,
    which were a tenth of the cost of taking it. Showing does change them (crispy-forms)."""

    def _clean_fields(self) -> None:
        """As Django's, without an object for each answer that could show it."""
        for name, field in self.fields.items():
            value = field.widget.value_from_datadict(self.data, self.files, name)
            try:
                self.cleaned_data[name] = field.clean(value)
            except ValidationError as error:
                self.add_error(name, error)


SentForm.base_fields = _InCommon(ContactForm.base_fields)


def _part(heading: Any, *parts: Any) -> Fieldset:
    return Fieldset(format_html("<h2>{}</h2>", heading), *parts, css_class="part")


def _helper() -> FormHelper:
    """The parts of the form. The form element itself and its notice are in the template."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True  # see intake.views.contact
    helper.layout = Layout(
        _part(_("Who should we ask for?"), "name", "for_whom", "adult"),
        _part(_("How can we reach you?"), "phone", "email", "window", "state"),
        _part(
            _("Anything that helps us help you"),
            "topic",
            "language",
            "access_needs",
            "comment",
        ),
        _part(
            _("Your say-so"),
            "call_consent",
            HTML('{% include "intake/optional_boxes.html" only %}'),
            "voicemail",
            "text_consent",
            "email_receipt",
            HTML('{% include "intake/send.html" with site=site only %}'),
        ),
        Div("website", css_class="visually-hidden", aria_hidden="true"),
        "token",
    )
    return helper
