"""Translating in the admin: beside the English, and awaiting a qualified translator."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from pages.models import Translation
from pages.releases import working_content
from pages.translations import State, state_of
from tests.pages.factories import make_question

pytestmark = pytest.mark.django_db

KEY = "question:driving-home"


@pytest.fixture
def chief() -> User:
    return User.objects.create_superuser("chief")


@pytest.fixture
def admin(chief: User) -> Client:
    client = Client()
    client.force_login(chief)
    return client


def add(admin: Client, **changes: str) -> None:
    url = f"{reverse('admin:pages_translation_add')}?of={KEY}&language=es"
    form = admin.get(url).context["adminform"].form
    data = {
        "of": KEY,
        "language": "es",
        "seen": form.initial["seen"],
        "words-question": "¿Puedo manejar a casa?",
        "words-answer": "<p>No.</p><script>x</script>",
        "is_ready": "on",
    }
    response = admin.post(url, data | changes)
    assert response.status_code == 302, response.context["adminform"].form.errors


def test_a_translation_is_made_beside_the_english_and_awaits_review(admin: Client) -> None:
    make_question()

    page = admin.get(f"{reverse('admin:pages_translation_add')}?of={KEY}&language=es")
    add(admin)

    assert "Can I drive home?" in page.content.decode()
    translation = Translation.objects.get()
    assert translation.slug == "es-question-driving-home"
    assert translation.words["answer"] == "<p>No.</p>"
    assert state_of(KEY, working_content(), "es") is State.AWAITING


def test_the_form_of_the_row_says_how_its_translation_stands(admin: Client) -> None:
    question = make_question()
    address = reverse("admin:pages_question_change", args=[question.pk])

    before = admin.get(address).content.decode()
    add(admin)
    after = admin.get(address).content.decode()

    assert "Only in English" in before
    assert "Awaiting a qualified translator" in after
    assert reverse("admin:pages_row", args=["translation:es-question-driving-home"]) in after


def test_the_list_names_what_is_missing_and_what_awaits(admin: Client) -> None:
    make_question()
    make_question(slug="other", question="Another one?")
    add(admin)

    page = admin.get(reverse("admin:pages_untranslated")).content.decode()

    assert "Another one?" in page.split("Only in English")[1]
    assert "Can I drive home?" in page.split("Awaiting a qualified")[1].split("Only in English")[0]


def test_changed_words_lose_the_name_of_who_checked_the_old_ones(admin: Client) -> None:
    make_question()
    add(admin, reviewed_on="2026-01-02", reviewed_by="Ana Ruiz, certified translator")
    translation = Translation.objects.get()
    assert translation.reviewed_by

    url = reverse("admin:pages_translation_change", args=[translation.pk])
    form = admin.get(url).context["adminform"].form
    data = {
        "of": KEY,
        "language": "es",
        "seen": form.initial["seen"],
        "as_opened": form.initial["as_opened"],
        "words-question": "¿Puedo conducir a casa?",
        "words-answer": "<p>No.</p>",
        "reviewed_on": "2026-01-02",
        "reviewed_by": "Ana Ruiz, certified translator",
        "is_ready": "on",
    }
    assert admin.post(url, data).status_code == 302

    translation.refresh_from_db()
    assert translation.words["question"] == "¿Puedo conducir a casa?"
    assert (translation.reviewed_on, translation.reviewed_by) == (None, "")
