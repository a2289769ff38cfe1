"""Every field is classified, and nothing shows a person by accident."""

from django.apps import apps
from django.db import models

from intake.personal import (
    KEYED,
    PERSONAL,
    PERSONAL_CONTENT,
    PLAIN,
    PLAIN_CONTENT,
    SEALED,
)
from tests.intake.making import make_content

FIELDS = {
    f"{model.__name__}.{field.name}": field
    for model in apps.get_app_config("intake").get_models()
    for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
}
CLASSIFIED_PLAIN = {f"{model}.{name}" for model, names in PLAIN.items() for name in names.split()}


def test_every_field_is_personal_or_plain_and_not_both() -> None:
    assert set(FIELDS) == set(PERSONAL) | CLASSIFIED_PLAIN
    assert not set(PERSONAL) & CLASSIFIED_PLAIN


def test_what_is_personal_is_sealed_or_a_keyed_hash() -> None:
    for name, protection in PERSONAL.items():
        if protection == SEALED:
            assert isinstance(FIELDS[name], models.BinaryField), name
        else:
            assert protection == KEYED
            assert FIELDS[name].max_length == 64, name


def test_free_text_in_a_plain_field_is_only_what_staff_publish() -> None:
    free = {
        name
        for name in CLASSIFIED_PLAIN
        if isinstance(FIELDS[name], models.TextField) and FIELDS[name].max_length is None
    }

    assert free == {"ConsentWording.text"}


def test_every_answer_of_the_form_is_classified() -> None:
    assert set(make_content()) == PERSONAL_CONTENT | PLAIN_CONTENT
    assert not PERSONAL_CONTENT & PLAIN_CONTENT


def test_the_form_makes_the_document_that_the_intake_reads() -> None:
    import ast
    import inspect
    import textwrap

    from intake.forms import ContactForm

    tree = ast.parse(textwrap.dedent(inspect.getsource(ContactForm.content)))
    (document,) = [n.value for n in ast.walk(tree) if isinstance(n, ast.Return)]
    assert isinstance(document, ast.Dict)

    assert {ast.literal_eval(key) for key in document.keys if key} == set(make_content())


def test_nothing_that_a_visitor_wrote_is_in_the_admin() -> None:
    from django.contrib import admin

    admin.autodiscover()
    shown = {model.__name__ for model in admin.site._registry}

    assert not shown & {"Submission", "Note", "CallbackRequest", "AuditEvent", "Message", "Consent"}
