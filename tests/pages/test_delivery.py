"""How a page reaches a reader: from memory, with validators, without a session."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pages.models import Question, Release
from pages.publishing import publish_all, publish_rows
from tests.pages.factories import make_page, make_question, make_section

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _published(site_rows: None) -> None:
    make_section(make_page(), kind="questions", lists="practical")
    make_question()
    publish_all(by=None)


def queries_of(client: Client, path: str = "/faq/") -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_a_hit_costs_one_query(client: Client) -> None:
    client.get("/faq/")

    assert queries_of(client) == 1


def test_drawing_a_page_costs_two_queries_however_many_rows_there_are(client: Client) -> None:
    assert queries_of(client) == 2
    for n in range(50):
        make_question(slug=f"q{n}")
    publish_all(by=None)

    assert queries_of(client) == 2
    assert client.get("/faq/").content.decode().count("Can I drive home?") >= 51


def test_the_answer_may_be_kept_only_with_asking_again(client: Client) -> None:
    response = client.get("/faq/")

    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert response["ETag"].startswith('"')
    assert response["Content-Type"] == "text/html; charset=utf-8"


def test_a_page_sets_no_cookie_and_does_not_vary_by_one(client: Client) -> None:
    response = client.get("/faq/")

    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


def test_a_page_is_drawn_without_knowing_who_asks(client: Client) -> None:
    context = client.get("/faq/").context

    assert context["page"].slug == "faq"
    assert not {"user", "perms", "messages", "request"} & context.keys()


def test_a_reader_who_has_the_page_is_told_so(client: Client) -> None:
    etag = client.get("/faq/")["ETag"]

    response = client.get("/faq/", headers={"if-none-match": etag})

    assert response.status_code == 304
    assert response.content == b""
    assert response["ETag"] == etag
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_a_reader_with_an_older_page_gets_the_new_one(client: Client) -> None:
    etag = client.get("/faq/")["ETag"]
    Question.objects.update(answer="<p>Not for a day.</p>")
    publish_rows(keys=["question:driving-home"], by=None)

    response = client.get("/faq/", headers={"if-none-match": etag})

    assert response.status_code == 200
    assert b"Not for a day." in response.content


def test_head_answers_as_get_without_a_body(client: Client) -> None:
    get, head = client.get("/faq/"), client.head("/faq/")

    assert head.status_code == 200
    assert head.content == b""
    assert head["ETag"] == get["ETag"]


def test_a_saved_row_is_not_served_until_it_is_published(client: Client) -> None:
    Question.objects.update(question="Is this saved only?")
    assert b"saved only" not in client.get("/faq/").content

    publish_rows(keys=["question:driving-home"], by=None)

    assert b"saved only" in client.get("/faq/").content


def test_a_release_of_another_database_under_the_same_number_is_seen(client: Client) -> None:
    client.get("/faq/")
    Release.objects.all().delete()
    Question.objects.update(question="After the backup?")
    publish_all(by=None)

    assert b"After the backup?" in client.get("/faq/").content


def test_staff_get_a_page_of_their_own_that_nothing_keeps(client: Client, editor: User) -> None:
    client.force_login(editor)

    response = client.get("/faq/")

    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert not response.has_header("ETag")


def test_a_session_cookie_of_nobody_gets_the_public_page(client: Client) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "made-up"

    response = client.get("/faq/")

    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_a_release_that_cannot_be_read_leaves_the_last_one_standing(client: Client) -> None:
    client.get("/faq/")
    broken = Release.objects.get()
    broken.pk, broken.number = None, 2
    broken.content = {"poem:x": {}}
    broken.save()

    assert b"Can I drive home?" in client.get("/faq/").content


def test_before_the_first_release_there_is_the_phone_and_the_crisis_line(client: Client) -> None:
    Release.objects.all().delete()

    response = client.get("/")

    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert response["Cache-Control"] == "no-store"
    for words in ("866-951-4325", "tel:988", "tel:911"):
        assert words in response.content.decode()
