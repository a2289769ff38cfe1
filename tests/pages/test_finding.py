"""Finding a row, where it is used, what became of it, and the way from the page to its form."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pages.history import CannotRestore, restore_field, steps_of
from pages.models import Notice, Page, Question, Redirect, Section, Study
from pages.publishing import publish_all, publish_rows
from pages.releases import live_content, working_content
from pages.site import build_site
from pages.usage import is_everywhere, naming, places_of
from tests.pages.factories import make_figure, make_page, make_question, make_section, make_study
from tests.pages.test_admin import address, said, save

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]


@pytest.fixture
def admin(client: Client, chief: User) -> Client:
    client.force_login(chief)
    return client


def found(admin: Client, words: str) -> list[str]:
    html = admin.get(reverse("admin:pages_find"), {"q": words}).content.decode()
    return re.findall(r'<li><a href="/admin/pages/release/row/([^"]+)/">', html)


def test_any_words_find_the_rows_that_hold_them_all(admin: Client) -> None:
    make_question(answer="<p>Ask an <strong>adult</strong> &amp; a friend.</p>")
    make_question(slug="other", question="Who is an adult?", is_ready=False)
    make_study()

    assert found(admin, "ADULT") == ["question:driving-home", "question:other"]
    assert found(admin, "friend drive") == ["question:driving-home"]
    assert found(admin, "adult & a") == ["question:driving-home"]
    assert found(admin, "cappiello 2000") == ["study:berman-2000"]
    assert found(admin, "strong") == []
    assert found(admin, "practical driving-home") == ["question:driving-home"]
    assert found(admin, "zebra") == []
    assert found(admin, "  ") == []


def test_what_was_asked_is_escaped(admin: Client) -> None:
    html = admin.get(reverse("admin:pages_find"), {"q": '"><script>x'}).content.decode()

    assert "<script>x" not in html


def test_only_rows_that_a_person_may_see_are_found(client: Client, editor: User) -> None:
    make_question()
    client.force_login(editor)
    assert client.get(reverse("admin:pages_find"), {"q": "drive"}).status_code == 403

    editor.user_permissions.add(Permission.objects.get(codename="view_study"))
    reader = Client()
    reader.force_login(User.objects.get(pk=editor.pk))

    assert found(reader, "drive") == []


def test_finding_costs_the_same_for_one_row_and_for_many(admin: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            found(admin, "drive")
        return len(seen)

    make_question()
    queries()
    few = queries()
    for n in range(20):
        make_question(slug=f"q{n}")

    assert queries() == few


def test_where_a_row_shows_and_who_names_it() -> None:
    page = make_page()
    make_section(page, kind="questions", lists="practical")
    study = make_study()
    make_question(answer='<p>See <a href="/safety/#x">risks</a>.</p>').cites.add(study)
    figure = make_figure(study)
    Notice.objects.create(slug="closed", kind="legal", heading="Closed", body="<p>In May.</p>")
    Notice.objects.create(slug="asked", kind="form", heading="Asked", body="<p>Little.</p>")
    make_section(make_page(slug="rates"), slug="rates-list", kind="figures", lists="mood")
    content = working_content()
    site = build_site(0, content)

    assert [a for _, a in places_of("question:driving-home", site)] == ["/faq/#faq-text"]
    assert [a for _, a in places_of(figure.key, site)] == ["/rates/#rates-list"]
    assert [a for _, a in places_of(study.key, site)] == ["/rates/#rates-list"]
    assert [a for _, a in places_of("page:faq", site)] == ["/faq/"]
    assert [a for _, a in places_of("notice:asked", site)] == ["/contact/"]
    assert naming(study.key, content) == [figure.key, "question:driving-home"]
    assert set(naming("page:safety", content)) >= {"question:driving-home", "navlink:to-safety"}
    assert is_everywhere("clinicprofile:clinic", site)
    assert is_everywhere("crisisline:line-0", site)
    assert is_everywhere("notice:off-label", site)
    assert not is_everywhere("notice:closed", site)
    assert not is_everywhere("question:driving-home", site)
    assert not is_everywhere("question:gone", site)


def test_the_form_says_where_a_row_is_used(admin: Client) -> None:
    study = make_study()
    make_question().cites.add(study)

    html = admin.get(address(study)).content.decode()

    assert "No page shows it." in html
    assert "Can I drive home?" in html


def test_staff_get_links_to_edit_what_a_page_shows(admin: Client) -> None:
    make_section(make_page(), kind="questions", lists="practical")
    make_question()
    publish_all(by=None)

    response = admin.get("/faq/")
    html = response.content.decode()

    for key in ("page:faq", "section:faq-text", "question:driving-home"):
        assert f'href="/admin/pages/release/row/{key}/"' in html
    assert "no-store" in response["Cache-Control"]


def test_readers_never_get_them_whoever_asked_before(admin: Client) -> None:
    make_section(make_page())
    publish_all(by=None)
    admin.get("/faq/")

    for path in ("/faq/", "/"):
        html = Client().get(path).content.decode()
        assert "/admin/" not in html
        assert "edit-this" not in html


def test_a_service_without_an_admin_links_to_none(admin: Client, settings: Any) -> None:
    make_section(make_page())
    publish_all(by=None)
    settings.ROLE = "public"

    response = admin.get("/faq/")

    assert response.status_code == 200
    assert "edit-this" not in response.content.decode()


def test_staff_get_links_only_to_what_they_may_edit(client: Client, editor: User) -> None:
    make_section(make_page())
    publish_all(by=None)
    editor.user_permissions.add(Permission.objects.get(codename="change_page"))
    client.force_login(editor)

    html = client.get("/faq/").content.decode()

    assert "/admin/pages/release/row/page:faq/" in html
    assert "/admin/pages/release/row/section:faq-text/" not in html


def test_the_history_says_who_changed_what_in_which_release(admin: Client, chief: User) -> None:
    question = make_question()
    publish_all(by=None)
    make_question(slug="another")
    publish_rows(keys=["question:another"], by=chief)
    Question.objects.filter(pk=question.pk).update(answer="<p>Not for a day.</p>")
    publish_rows(keys=[question.key], by=chief, note="Longer wait")

    steps = steps_of(question.key)
    html = admin.get(address(question, "change").replace("change", "history")).content.decode()

    assert [(step.number, step.change.kind, step.by) for step in steps] == [
        (3, "changed", "sam"),
        (1, "added", ""),
    ]
    assert [f.name for f in steps[0].change.fields] == ["answer"]
    assert "Release 3" in html
    assert "changed by sam (Longer wait)" in html
    assert '<td data-side="After">Not for a day.</td>' in html
    assert "Release 2" not in html


def test_one_field_of_an_old_release_is_brought_back(admin: Client, chief: User) -> None:
    study = make_study()
    question = make_question()
    cited = make_question(slug="cited")
    cited.cites.add(study)
    publish_all(by=None)
    save(admin, question, answer="<p>New.</p>", question="New?", _publish="")
    cited.cites.clear()
    history = address(question, "change").replace("change", "history")

    response = admin.post(history, {"number": "1", "field": "answer"}, follow=True)

    assert "says again what it said in release 1" in said(response)
    question.refresh_from_db()
    assert (question.answer, question.question) == ("<p>No. Ask an adult to take you.</p>", "New?")
    assert live_content()[question.key]["answer"] == "<p>New.</p>"
    restore_field(row=cited, name="cites", number=1, by=chief)
    assert list(cited.cites.all()) == [study]


def test_bringing_back_an_address_keeps_the_readers(chief: User) -> None:
    page = make_section(make_page()).page
    publish_all(by=None)
    Page.objects.filter(pk=page.pk).update(path="/questions/")
    page.refresh_from_db()

    restore_field(row=page, name="path", number=1, by=chief)

    assert Page.objects.get(pk=page.pk).path == "/faq/"
    assert Redirect.objects.get().from_path == "/questions/"


def test_what_cannot_be_brought_back_is_refused_and_nothing_changes(
    admin: Client, chief: User
) -> None:
    study = make_study()
    question = make_question()
    question.cites.add(study)
    section = make_section(make_page())
    publish_all(by=None)
    question.cites.clear()
    Study.objects.all().delete()
    Page.objects.filter(slug="faq").update(path="/b/")
    make_page(slug="new", path="/faq/")

    with pytest.raises(CannotRestore, match="has been deleted"):
        restore_field(row=question, name="cites", number=1, by=chief)
    with pytest.raises(CannotRestore, match="already exists"):
        restore_field(row=Page.objects.get(slug="faq"), name="path", number=1, by=chief)
    for name, number in (("slug", 1), ("mood", 1), ("answer", 9)):
        with pytest.raises(CannotRestore, match="nothing to bring back"):
            restore_field(row=question, name=name, number=number, by=chief)
    history = address(section, "change").replace("change", "history")
    assert "Nothing was changed" in said(
        admin.post(history, {"number": "x", "field": "body"}, follow=True)
    )
    assert Section.objects.get(pk=section.pk).body == section.body


def test_who_may_only_look_brings_nothing_back(client: Client, editor: User) -> None:
    question = make_question()
    publish_all(by=None)
    history = address(question, "change").replace("change", "history")
    client.force_login(editor)
    assert client.get(history).status_code == 403

    editor.user_permissions.add(Permission.objects.get(codename="view_question"))
    reader = Client()
    reader.force_login(User.objects.get(pk=editor.pk))

    assert b"Bring back" not in reader.get(history).content
    assert reader.post(history, {"number": "1", "field": "answer"}).status_code == 403
