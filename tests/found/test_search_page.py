"""The page of the search: what it shows, and that nothing remains of what was typed."""

from __future__ import annotations

import io
import logging
import re
import runpy
import sqlite3
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic_site.log_lines import JsonFormatter, LineFormatter
from pages.live import forget
from pages.models import Question, Release
from pages.publishing import publish_rows

pytestmark = pytest.mark.django_db


def page_of(client: Client, typed: str | None = None) -> str:
    response = client.get("/search/", {} if typed is None else {"q": typed})
    assert response.status_code == 200
    return response.content.decode()


def main_of(html: str) -> str:
    return html.partition("<main")[2].partition("</main>")[0]


def test_the_empty_page_has_the_box_and_the_main_pages(live: None, client: Client) -> None:
    main = main_of(page_of(client))

    assert '<form class="search-form" role="search" action="/search/" method="get">' in main
    assert 'href="/safety/"' in main
    assert "result" not in main
    assert main.count("<h1") == 1


def test_results_lead_to_the_place_and_mark_what_was_found(live: None, client: Client) -> None:
    main = main_of(page_of(client, "cost"))

    assert '<a href="/faq/#cost-answer">What does it <mark>cost</mark>, and does' in main
    assert 'value="cost"' in main


def test_every_result_leads_to_an_id_that_exists(live: None, client: Client) -> None:
    main = "".join(
        main_of(page_of(client, q)) for q in ("depression", "jelovac", "cost", "suicide")
    )
    addresses = set(re.findall(r'<h3><a href="(/[^"]*)"', main))

    assert len(addresses) > 15
    for address in addresses:
        path, _, anchor = address.partition("#")
        html = client.get(path).content.decode()
        assert not anchor or f'id="{anchor}"' in html, address


def test_a_correction_is_said(live: None, client: Client) -> None:
    assert "We looked for <strong>ketamine</strong>." in main_of(page_of(client, "ketmine"))


def test_results_carry_the_off_label_line(live: None, client: Client) -> None:
    assert "<strong>Off-label.</strong>" in main_of(page_of(client, "depression"))


def test_a_crisis_word_is_answered_with_the_crisis_lines_first(live: None, client: Client) -> None:
    main = main_of(page_of(client, "i want to die"))

    assert main.index('href="tel:988"') < main.index("<form")
    assert main.index('href="tel:911"') < main.index("<form")
    assert "<h1" in main.partition('class="doors"')[0]
    assert main.count("<h1") == 1


def test_nothing_found_shows_the_crisis_line_the_phone_and_the_main_pages(
    live: None, client: Client
) -> None:
    main = main_of(page_of(client, "zzqqxx"))

    assert "We found nothing for that" in main
    for link in (
        "tel:988",
        "tel:911",
        f"tel:{settings.CLINIC_PHONE_E164}",
        "/contact/",
        "/safety/",
    ):
        assert f'href="{link}"' in main


def test_too_long_a_search_says_that_it_was_cut(live: None, client: Client) -> None:
    main = main_of(page_of(client, "cost " * 50))

    assert "We looked for the first 100 characters only." in main
    assert 'maxlength="100"' in main
    assert "first 100 characters only" not in main_of(page_of(client, "cost"))


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onfocus=alert(1) autofocus='",
        "{{ settings.SECRET_KEY }}{% debug %}",
        "cost</mark><script>alert(1)</script>",
        "\x02<b>cost\x03",
    ],
)
def test_what_was_typed_is_text_and_nothing_else(live: None, client: Client, typed: str) -> None:
    html = page_of(client, typed)

    assert "<script>" not in html
    assert "<img" not in html
    assert "<b>" not in main_of(html)
    assert "onfocus=alert(1) autofocus='" not in html
    assert settings.SECRET_KEY not in html
    assert all(re.fullmatch(r"[\w -]+", hit) for hit in re.findall(r"<mark>(.*?)</mark>", html))


def test_text_of_the_site_is_escaped_in_results(loaded: None, client: Client) -> None:
    Question.objects.filter(slug="cost").update(
        question="Cost <script>x</script>?", answer="<p>a &lt;script&gt;y&lt;/script&gt; cost</p>"
    )
    publish_rows(keys=["question:cost"], by=None)

    main = main_of(page_of(client, "cost"))

    assert "<script>" not in main
    assert "&lt;script&gt;y&lt;/script&gt;" in main


def test_the_answer_is_kept_nowhere_and_tells_nobody(live: None, client: Client) -> None:
    response = client.get("/search/", {"q": "cost"})

    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex"
    assert not response.has_header("ETag")
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    html = response.content.decode()
    assert '<meta name="robots" content="noindex">' in html
    assert "canonical" not in html
    assert "og:" not in html
    assert "cost" not in html.partition("</head>")[0]
    assert 'autocomplete="off"' in html
    assert 'spellcheck="false"' in html


def test_a_search_costs_one_query_whatever_is_typed(live: None, client: Client) -> None:
    page_of(client)

    for typed in ("", "cost", "ketmine infuson", "zzqqxx", "i want to die", "a " * 500):
        with CaptureQueriesContext(connection) as queries:
            page_of(client, typed)
        assert len(queries) == 1
        assert "zzqqxx" not in queries[0]["sql"]


def test_nothing_that_is_typed_reaches_a_log_or_the_database(
    live: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = io.StringIO()
    handlers = [logging.StreamHandler(lines), logging.StreamHandler(lines)]
    handlers[0].setFormatter(LineFormatter())
    handlers[1].setFormatter(JsonFormatter())
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in root.manager.loggerDict)]
    before = {logger: logger.level for logger in loggers}
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        for handler in handlers:
            logger.addHandler(handler)
    try:
        with CaptureQueriesContext(connection) as queries:
            for typed in ("canaryword", "canaryword suicide", "canaryword " * 40):
                client.get("/search/", {"q": typed})
            monkeypatch.setattr("pages.search.build_index", _broken)
            monkeypatch.setattr("pages.search._memory.indexes", {})
            client.get("/search/", {"q": "canaryword"})
            monkeypatch.setattr("pages.views.searching.search", _away)
            client.raise_request_exception = False
            assert client.get("/search/", {"q": "canaryword"}).status_code == 500
    finally:
        for logger in loggers:
            logger.setLevel(before[logger])
            for handler in handlers:
                logger.removeHandler(handler)

    assert "Internal Server Error: /search/" in lines.getvalue()
    assert "canaryword" not in lines.getvalue()
    assert "canaryword" not in str(queries.captured_queries)
    assert not [
        path
        for path in Path(settings.VAR_DIR).rglob("*")
        if path.is_file() and b"canaryword" in path.read_bytes()
    ]


def _broken(*args: object) -> None:
    raise sqlite3.OperationalError(f"cannot search for canaryword {args}")


def _away(*args: object) -> None:
    raise OperationalError(f"cannot search for {args}")


def test_our_log_lines_strike_out_a_query_that_something_else_logs() -> None:
    record = logging.LogRecord(
        "django.server", logging.INFO, "", 0, '"GET /search/?q=canaryword HTTP/1.1" 200', (), None
    )

    for formatter in (LineFormatter(), JsonFormatter()):
        assert "canaryword" not in formatter.format(record)


def test_gunicorn_writes_no_access_log() -> None:
    config = runpy.run_path(str(Path(settings.BASE_DIR) / "deploy" / "gunicorn.conf.py"))

    assert config["accesslog"] is None


def test_a_new_release_is_searched_at_once(loaded: None, client: Client) -> None:
    assert "aardvark" not in main_of(page_of(client, "aardvarks")).partition("</form>")[2]
    Question.objects.filter(slug="cost").update(question="Do you treat aardvarks?")
    publish_rows(keys=["question:cost"], by=None)

    assert "<mark>aardvarks</mark>" in main_of(page_of(client, "aardvarks"))


def test_what_is_not_live_is_not_found(loaded: None, client: Client) -> None:
    Question.objects.filter(slug="cost").update(question="Do you treat aardvarks?")

    assert "<mark>" not in main_of(page_of(client, "aardvarks"))


def test_it_works_while_the_database_is_away(live: None, client: Client) -> None:
    page_of(client)

    def refuse(execute: object, sql: str, *args: object) -> None:
        raise OperationalError("the database is away")

    with connection.execute_wrapper(refuse):
        main = main_of(page_of(client, "cost"))

    assert "/faq/#cost-answer" in main


def test_before_the_first_release_there_is_the_phone_and_the_crisis_line(
    live: None, client: Client
) -> None:
    Release.objects.all().delete()
    forget()
    (Path(settings.VAR_DIR) / "last_release.json").unlink(missing_ok=True)

    response = client.get("/search/", {"q": "cost"})

    assert response.status_code == 503
    assert b"tel:988" in response.content


def test_searching_is_for_reading_only(live: None, client: Client) -> None:
    assert client.post("/search/", {"q": "cost"}).status_code == 405
    assert client.head("/search/", {"q": "cost"}).status_code == 200


def test_every_page_leads_to_the_search(live: None, client: Client) -> None:
    for path in ("/", "/safety/", "/contact/"):
        html = client.get(path).content.decode()
        assert html.count('href="/search/"') == 2
    assert '<a href="/search/" aria-current="page">Search</a>' in page_of(client)
