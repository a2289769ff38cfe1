"""Two people at one row: nothing is overwritten unseen, nothing typed is lost."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.models import OutcomeFigure, Page, Question, Section
from tests.pages.factories import (
    make_figure,
    make_page,
    make_part,
    make_question,
    make_section,
    make_study,
)
from tests.pages.test_admin import address, form_of, save

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]


@pytest.fixture
def admin(client: Client, chief: User) -> Client:
    client.force_login(chief)
    return client


@pytest.fixture
def other(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("robin.w", password="x"))
    return client


def opened(client: Client, row: Any) -> dict[str, Any]:
    return form_of(client.get(address(row)))


def send(client: Client, row: Any, form: dict[str, Any], **typed: Any) -> Any:
    return client.post(address(row), form | typed)


def carried(response: Any) -> dict[str, Any]:
    """The hidden fields as they come back with the choice."""
    return form_of(response)


def test_the_second_to_save_sees_what_the_first_one_changed(admin: Client, other: Client) -> None:
    question = make_question()
    mine = opened(admin, question)
    save(other, question, answer="<p>Theirs.</p>")

    response = send(admin, question, mine, answer="<p>Mine.</p>")

    html = response.content.decode()
    assert response.status_code == 200
    assert "robin.w saved this at" in html
    assert re.search(r"Keep theirs</label></p>Theirs\.", html)
    assert re.search(r'value="mine" checked> Keep yours</label></p>Mine\.', html)
    assert "&lt;p&gt;Mine.&lt;/p&gt;" in html  # what was typed still stands in the form
    assert Question.objects.get().answer == "<p>Theirs.</p>"


@pytest.mark.parametrize(
    ("choice", "kept"), [("mine", "<p>Mine.</p>"), ("theirs", "<p>Theirs.</p>")]
)
def test_each_field_is_kept_as_chosen(admin: Client, other: Client, choice: str, kept: str) -> None:
    question = make_question()
    mine = opened(admin, question)
    save(other, question, answer="<p>Theirs.</p>")
    asked = send(admin, question, mine, answer="<p>Mine.</p>", question="My words?")

    response = send(admin, question, carried(asked), **{"keep-answer": choice})

    assert response.status_code == 302
    question.refresh_from_db()
    assert question.answer == kept
    assert question.question == "My words?"


def test_saving_again_without_a_choice_asks_again(admin: Client, other: Client) -> None:
    question = make_question()
    mine = opened(admin, question)
    save(other, question, answer="<p>Theirs.</p>")
    asked = send(admin, question, mine, answer="<p>Mine.</p>")

    again = send(admin, question, carried(asked))

    assert again.status_code == 200
    assert Question.objects.get().answer == "<p>Theirs.</p>"


def test_a_choice_counts_only_for_what_was_shown(admin: Client, other: Client) -> None:
    question = make_question()
    mine = opened(admin, question)
    save(other, question, answer="<p>Theirs.</p>")
    asked = send(admin, question, mine, answer="<p>Mine.</p>")
    save(other, question, answer="<p>Theirs, once more.</p>")

    response = send(admin, question, carried(asked), **{"keep-answer": "mine"})

    assert response.status_code == 200
    assert "Theirs, once more." in response.content.decode()
    assert Question.objects.get().answer == "<p>Theirs, once more.</p>"


def test_a_field_that_only_they_changed_is_kept_and_shown(admin: Client, other: Client) -> None:
    question = make_question()
    mine = opened(admin, question)
    save(other, question, answer="<p>Theirs.</p>")

    asked = send(admin, question, mine, question="My words?")

    assert re.search(r'value="theirs" checked> Keep theirs', asked.content.decode())
    send(admin, question, carried(asked), **{"keep-answer": "theirs"})
    question.refresh_from_db()
    assert (question.question, question.answer) == ("My words?", "<p>Theirs.</p>")


def test_the_same_change_by_both_is_no_question(admin: Client, other: Client) -> None:
    question = make_question()
    mine = opened(admin, question)
    save(other, question, answer="<p>Same.</p>")

    assert send(admin, question, mine, answer="<p>Same.</p>").status_code == 302


def test_who_changed_nothing_overwrites_nothing(admin: Client, other: Client) -> None:
    question = make_question()
    mine = opened(admin, question)
    save(other, question, answer="<p>Theirs.</p>")

    assert send(admin, question, mine).status_code == 302

    question.refresh_from_db()
    assert question.answer == "<p>Theirs.</p>"
    assert str(question.edited_by) == "robin.w"


def test_studies_and_numbers_are_compared_by_what_they_say(admin: Client, other: Client) -> None:
    study = make_study()
    figure = make_figure(study)
    question = make_question()
    mine, about_figure = opened(admin, question), opened(admin, figure)
    save(other, question, cites=[study.pk])
    save(other, figure, low="47.0")

    asked = send(admin, question, mine, question="My words?")
    same = send(admin, figure, about_figure, low="47")

    assert "berman-2000" in asked.content.decode()
    assert same.status_code == 302
    send(admin, question, carried(asked), **{"keep-cites": "theirs"})
    assert list(question.cites.all()) == [study]
    assert str(OutcomeFigure.objects.get().low) == "47.0"


def test_a_form_that_says_nothing_of_how_it_was_opened_overwrites_nothing(
    admin: Client,
) -> None:
    question = make_question()
    form = opened(admin, question)

    for broken in ("", "{", "[]"):
        response = send(admin, question, form, as_opened=broken, answer="<p>Mine.</p>")
        assert response.status_code == 200
    assert Question.objects.get().answer == "<p>No. Ask an adult to take you.</p>"


def test_a_section_that_somebody_else_changed_is_left_alone_in_the_form_of_its_page(
    admin: Client, other: Client
) -> None:
    page = make_page()
    section = make_section(page)
    mine = opened(admin, page)
    save(other, section, body="<p>Theirs.</p>")

    assert send(admin, page, mine, title="My title").status_code == 302

    assert Section.objects.get(pk=section.pk).body == "<p>Theirs.</p>"
    assert Page.objects.get(pk=page.pk).title == "My title"


def test_both_at_one_section_meet_in_the_form_of_its_page(admin: Client, other: Client) -> None:
    page = make_page()
    section = make_section(page)
    mine = opened(admin, page)
    save(other, section, body="<p>Theirs.</p>")

    asked = send(admin, page, mine, **{"sections-0-body": "<p>Mine.</p>"})

    html = asked.content.decode()
    assert "Changed by somebody else meanwhile: Faq: What we know" in html
    assert Section.objects.get(pk=section.pk).body == "<p>Theirs.</p>"
    send(admin, page, carried(asked), **{"sections-0-keep-body": "mine"})
    assert Section.objects.get(pk=section.pk).body == "<p>Mine.</p>"


def test_shares_of_a_figure_meet_too(admin: Client, other: Client) -> None:
    figure = make_figure(make_study())
    part = make_part(figure)
    mine = opened(admin, figure)
    save(other, part, people="40")

    asked = send(admin, figure, mine, **{"parts-0-people": "41"})

    part.refresh_from_db()
    assert part.people == 40
    assert 'name="parts-0-keep-people"' in asked.content.decode()


def test_a_row_that_was_deleted_meanwhile_gives_the_typing_back(admin: Client) -> None:
    question = make_question()
    form = opened(admin, question)
    Question.objects.all().delete()

    response = send(admin, question, form, answer="<p>An hour of work.</p>")

    html = response.content.decode()
    assert "Somebody has deleted this" in html
    assert "An hour of work." in html
    assert "as_opened" not in html


WORDS = st.sampled_from(["a", "b", "c"])


@given(was=WORDS, theirs=WORDS, mine=WORDS, choice=st.sampled_from(["mine", "theirs"]))
@settings(max_examples=25, deadline=None)
def test_for_any_three_versions_nothing_is_lost_unseen(
    was: str, theirs: str, mine: str, choice: str
) -> None:
    from django.db import transaction
    from django.forms import modelform_factory

    from pages.admin.base import RowForm
    from pages.admin.rows import QuestionAdmin  # noqa: F401  registers its form
    from pages.releases import serialise

    form_class = modelform_factory(Question, form=RowForm, fields=["question"])
    with transaction.atomic():
        row = make_question(slug="x", question=was)
        opened_as = json.dumps(serialise(Question.objects.get(pk=row.pk)))
        Question.objects.filter(pk=row.pk).update(question=theirs)

        def form(**more: str) -> Any:
            data = {"question": mine, "as_opened": opened_as, **more}
            from urllib.parse import urlencode

            from django.http import QueryDict

            return form_class(QueryDict(urlencode(data)), instance=Question.objects.get(pk=row.pk))

        first = form()
        if first.is_valid():
            saved = first.save().question
            # Only one of the two wrote something new.
            assert saved == (theirs if mine == was else mine)
            assert saved == mine or mine == was
            assert theirs in {was, saved}
        else:
            assert theirs not in {was, mine}
            assert mine != was
            again = form(**{"as_shown": first.data["as_shown"], "keep-question": choice})
            assert again.is_valid()
            assert again.save().question == (mine if choice == "mine" else theirs)
        transaction.set_rollback(True)


class TestTypingIsKept:
    def test_after_the_session_ended(self, admin: Client, chief: User) -> None:
        question = make_question()
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(chief)
        page = browser.get(address(question))
        form = form_of(page) | {"csrfmiddlewaretoken": _token(page)}
        browser.session.flush()

        response = browser.post(address(question), form | {"answer": "<p>Typed.</p>", "_save": ""})

        html = response.content.decode()
        assert response.status_code == 403
        assert "You were signed out" in html
        assert "Typed." in html
        assert 'name="_save"' in html
        assert response["Cache-Control"] == "no-store, private"
        browser.force_login(chief)
        sent = browser.post(address(question), _fields(html))
        assert sent.status_code == 302
        assert Question.objects.get().answer == "<p>Typed.</p>"

    def test_after_signing_in_again_in_another_tab(self, admin: Client, chief: User) -> None:
        question = make_question()
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(chief)
        form = form_of(browser.get(address(question))) | {"csrfmiddlewaretoken": "a" * 64}

        response = browser.post(
            address(question),
            form | {"answer": "<p>Typed.</p>"},
            headers={"origin": "http://testserver"},
        )

        html = response.content.decode()
        assert response.status_code == 403
        assert "One more click" in html
        assert browser.post(address(question), _fields(html)).status_code == 302
        assert Question.objects.get().answer == "<p>Typed.</p>"

    @pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
    def test_but_not_for_a_form_of_another_site(
        self, admin: Client, chief: User, origin: str | None
    ) -> None:
        question = make_question()
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(chief)

        response = browser.post(
            address(question),
            {"answer": "<p>Smuggled.</p>"},
            headers={"origin": origin} if origin else {},
        )

        assert response.status_code == 403
        assert "Smuggled." not in response.content.decode()

    def test_a_reader_of_the_form_is_still_sent_to_sign_in(self, client: Client) -> None:
        assert client.get(address(make_question())).status_code == 302


def _token(response: Any) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', response.content.decode())
    assert found is not None
    return found.group(1)


def _fields(html: str) -> dict[str, str]:
    """What a browser sends of the page that keeps the typing."""
    from html import unescape

    found = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', html, re.DOTALL)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
    assert token is not None
    return {unescape(n): unescape(v) for n, v in found} | {"csrfmiddlewaretoken": token.group(1)}
