"""Whatever comes in the fields: an answer, never a crash, and nothing that was valid is changed."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.envelope import open_submission
from intake.forms import ContactForm, SentForm
from intake.models import Submission
from intake.personal import PERSONAL_CONTENT, PLAIN_CONTENT
from intake.wordings import WORDINGS
from tests.form.sending import URL, fields, key_of, make_token

anything = st.text(max_size=400)
as_people_write = st.sampled_from(
    [
        "303-555-0142",
        "(303) 555 0142 x9",
        "٣٠٣٥٥٥٠١٤٢",
        "a@b.example",
        "",
        "on",
        "self",
        "CO",
        "911",
    ]
)
answers = st.fixed_dictionaries(
    {},
    optional={
        name: st.one_of(as_people_write, anything)
        for name in (*fields(), "voicemail", "text_consent", "email_receipt")
        if name != "token"
    },
)
TOO_LONG = "This note has 302 characters and 300 is the most; take out 2"
examples = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def post_of(given_answers: dict[str, str]) -> QueryDict:
    post = QueryDict(mutable=True)
    post.update(fields(**given_answers))
    return post


@examples
@given(answers)
def test_a_form_is_right_or_says_what_to_put_right(given_answers: dict[str, str]) -> None:
    form, shown = SentForm(post_of(given_answers)), ContactForm(post_of(given_answers))

    assert form.is_valid() == shown.is_valid()
    assert form.errors == shown.errors
    if not form.is_valid():
        assert shown.problems()
        return
    content = form.content()
    assert set(content) == PERSONAL_CONTENT | PLAIN_CONTENT
    assert content["phone"] or content["email"]
    assert content["call_consent"] or not content["phone"]
    for name in ("name", "phone", "email", "language", "access_needs"):
        assert not set(content[name]) & set("\r\n\0"), name


@pytest.mark.django_db
@examples
@given(answers)
def test_every_post_is_answered_and_what_is_confirmed_is_stored_as_it_was_valid(
    client: Client, given_answers: dict[str, str]
) -> None:
    client.defaults["REMOTE_ADDR"] = ""  # no limits in the way
    token = make_token()
    expected = ContactForm(post_of(given_answers))

    response = client.post(URL, fields(**given_answers) | {"token": token})

    if not expected.is_valid():
        assert response.status_code == 422
        return
    assert response.status_code == 303
    row = Submission.objects.get(submission_key=key_of(token))
    assert open_submission(row, actor=None, purpose="test") == expected.content()


def test_forms_that_are_read_at_once_keep_to_themselves() -> None:
    """They have their fields in common, so nothing of one form may stay in a field."""
    long = {"comment": "x" * 302}
    with override("en-us"):
        english = SentForm(post_of({"name": "Ana", **long}))
    with override("es"):
        spanish = SentForm(post_of({"name": "Bea"}))
        assert spanish.is_valid()

    with override("en-us"):
        assert english.errors == {"comment": [TOO_LONG]}
        assert str(english.fields["call_consent"].label) == WORDINGS["en"]["call"].text
    with override("es"):
        assert str(spanish.fields["call_consent"].label) == WORDINGS["es"]["call"].text
    assert (english.cleaned_data["name"], spanish.cleaned_data["name"]) == ("Ana", "Bea")
    assert (english.spoken, spanish.spoken) == ("en", "es")
