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

from intake.choices import STATES, Adult, ForWhom, Topic
from intake.fields import EmailLineField, LineField, ParagraphField, PhoneField
from intake.models import CallbackRequest
from intake.text import read_line
from intake.wordings import WORDINGS

PICK_ONE: Final = {"invalid_choice": "Choose one of the answers shown"}
PURPOSES: Final = {
    "call_consent": "call",
    "voicemail": "voicemail",
    "text_consent": "text",
    "email_receipt": "email",
}
OPTIONAL: Final = ("adult", "state", "language", "access_needs", "comment")


def _choice(
    label: str, choices: Any, *, initial: str = "", radio: bool = False, help_text: str = ""
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=lambda: choices,  # each form copies its fields, but not what a function returns
        initial=initial,
        required=False,
        help_text=help_text,
        error_messages=PICK_ONE,
        widget=forms.RadioSelect if radio else forms.Select,
    )


def _consent(purpose: str, help_text: str = "") -> forms.BooleanField:
    return forms.BooleanField(label=WORDINGS[purpose].text, required=False, help_text=help_text)


class ContactForm(forms.Form):
    """Valid when somebody could be reached and has said how."""

    use_required_attribute = False

    name = LineField(
        label="The name you like to be called",
        noun="The name",
        longest=80,
        help_text="A first name, a nickname or initials will do.",
        error_messages={"required": "Tell us what to call you"},
    )
    for_whom = _choice(
        "You are asking for",
        ForWhom.choices,
        initial=ForWhom.SELF,
        radio=True,
        help_text="If someone else, give only your own name and number here.",
    )
    adult = _choice("Is the person who would be treated 18 or older?", Adult.choices, radio=True)
    phone = PhoneField(
        label="Phone number",
        required=False,
        help_text="Any way you like to write it. Give a phone number or an email address, or both.",
    )
    email = EmailLineField(
        label="Email address",
        required=False,
        help_text="We write only to arrange a call. Email is not private.",
        error_messages={"invalid": "Write the email address in full, such as name@example.com"},
    )
    window = _choice(
        "Best time to call",
        CallbackRequest.Window.choices,
        initial=CallbackRequest.Window.ANY,
    )
    state = _choice(
        "State you live in",
        [("", "Rather not say"), *STATES],
        help_text="So that we call at a decent hour where you are.",
    )
    topic = _choice("What is it about?", Topic.choices, initial=Topic.PHONE)
    language = LineField(
        label="Language, or interpreter", noun="The language", longest=40, required=False
    )
    access_needs = LineField(
        label="Anything that makes a call easier for you",
        noun="This answer",
        longest=80,
        required=False,
        help_text="Relay service, speak slowly, text first. No medical details, please.",
    )
    comment = ParagraphField(
        label="Anything else? Please don\u2019t include medical details",
        noun="This note",
        longest=300,
        required=False,
        help_text="Up to 300 characters. Leave out diagnoses, symptoms and medicines: "
        "a clinician will ask in private.",
    )
    call_consent = _consent("call", "Needed when you give a phone number.")
    voicemail = _consent("voicemail")
    text_consent = _consent("text")
    email_receipt = _consent("email")
    # A trap for programs that fill in everything. Any content is caught, so it has no rules.
    website = forms.Field(label="Leave this empty", required=False, widget=forms.TextInput)
    token = forms.Field(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, attributes in _ATTRIBUTES.items():
            self.fields[name].widget.attrs.update(attributes)
        for name in OPTIONAL:
            self.fields[name].is_optional = True  # type: ignore[attr-defined]

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
            self.add_error("phone", "You ticked a box about calls or texts: give us the number")
        elif not has_phone and not has_email:
            self.add_error(
                "phone", "Give a phone number or an email address so that we can reach you"
            )
        if given.get("email_receipt") and not has_email:
            self.add_error("email", "Give the address for your receipt, or untick its box")
        if has_phone and not given.get("call_consent"):
            self.add_error("call_consent", "Tick the box so that we may call you")
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
            "language": given["language"],
            "access_needs": given["access_needs"],
            "comment": given["comment"],
            "wordings": {purpose: WORDINGS[purpose].wording_id for purpose in PURPOSES.values()},
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


def _helper() -> FormHelper:
    """The parts of the form. The form element itself and its notice are in the template."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True  # see intake.views.contact
    helper.layout = Layout(
        Fieldset("<h2>Who should we ask for?</h2>", "name", "for_whom", "adult", css_class="part"),
        Fieldset(
            "<h2>How can we reach you?</h2>", "phone", "email", "window", "state", css_class="part"
        ),
        Fieldset(
            "<h2>Anything that helps us help you</h2>",
            "topic",
            "language",
            "access_needs",
            "comment",
            css_class="part",
        ),
        Fieldset(
            "<h2>Your say-so</h2>",
            "call_consent",
            HTML('{% include "intake/optional_boxes.html" only %}'),
            "voicemail",
            "text_consent",
            "email_receipt",
            HTML('{% include "intake/send.html" only %}'),
            css_class="part",
        ),
        Div("website", css_class="visually-hidden", aria_hidden="true"),
        "token",
    )
    return helper
