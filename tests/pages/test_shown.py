"""What somebody sees of rich text who may look at rows and change none."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from pages.models import Question
from tests.pages.factories import make_item, make_page, make_question, make_section
from tests.pages.people import make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]

RICH = "<p>Two <strong>words</strong>.</p><ul><li>A point</li></ul>"


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make_staff("odette", "operator"))
    return client


def page_of(client: Client, kind: str, pk: object) -> str:
    response = client.get(reverse(f"admin:pages_{kind}_change", args=[pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_whoever_may_only_look_reads_the_words_and_not_the_markup(operator: Client) -> None:
    question = make_question(answer=RICH)

    page = page_of(operator, "question", question.pk)

    assert f'<div class="readonly">{RICH}</div>' in page
    assert '<div class="readonly">&lt;' not in page
    assert "Answer:" in page


def test_so_in_the_rows_within_a_row(operator: Client) -> None:
    section = make_section(make_page(), body=RICH)
    make_item(section, body="<p>An <em>entry</em>.</p>")

    assert RICH in page_of(operator, "page", section.page.pk)
    within = page_of(operator, "section", section.pk)
    assert RICH in within
    assert "<p>An <em>entry</em>.</p>" in within


def test_what_no_editor_wrote_is_cleaned_here_too(operator: Client) -> None:
    question = make_question()
    harm = "<p>Good</p><script>alert(1)</script><img src=x onerror=alert(1)>"
    Question.objects.filter(pk=question.pk).update(answer=harm)

    page = page_of(operator, "question", question.pk)

    assert '<div class="readonly"><p>Good</p></div>' in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_where_nothing_was_written_stands_a_dash(operator: Client) -> None:
    section = make_section(make_page(), body="", aside="")

    page = page_of(operator, "section", section.pk)

    for name in ("body", "aside"):
        shown = rf'field-{name}\b.*?<div class="readonly">(.*?)</div>'
        assert re.findall(shown, page, re.DOTALL)[:1] == ["-"]


def test_an_editor_edits_as_before(client: Client, chief: User) -> None:
    section = make_section(make_page(), body=RICH)
    make_item(section)
    client.force_login(chief)

    page = page_of(client, "section", section.pk)

    assert '<textarea name="body"' in page
