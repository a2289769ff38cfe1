"""The content that the project ships: complete, publishable, and without the wrong number."""

from __future__ import annotations

import json
import re
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from pages import live
from pages.models import CrisisLine, Release
from pages.preflight import run
from pages.releases import Content
from pages.site import build_site

pytestmark = pytest.mark.django_db

WRONG_NUMBER = re.compile(r"237\W{0,3}8255|237\W{0,3}TALK|2378255", re.IGNORECASE)
PATHS = (
    "/",
    "/how-it-works/",
    "/mood-conditions/",
    "/pain-conditions/",
    "/what-to-expect/",
    "/response-rates/",
    "/thoughts-of-suicide/",
    "/research/",
    "/faq/",
    "/safety/",
    "/contact/",
    "/privacy/",
    "/accessibility/",
)


@pytest.fixture
def _loaded(db: None) -> None:
    """As a fresh installation has it, with its working rows."""
    call_command("load_content", stdout=StringIO())


@pytest.fixture
def _live(seed_content: Content, db: None) -> None:
    """The same release without working rows, which takes a hundredth of the time."""
    now = timezone.now()
    Release.objects.create(number=1, content=seed_content, live_from=now, approved_at=now)


@pytest.mark.usefixtures("_loaded")
def test_it_is_published_as_release_1_with_all_its_pages() -> None:
    site = live.live_site()

    assert site.number == 1
    assert set(site.pages) == set(PATHS)
    assert len(site.mechanisms) == 4
    assert sum(len(questions) for questions in site.questions.values()) >= 20
    assert sum(len(studies) for studies in site.studies.values()) >= 30


@pytest.mark.usefixtures("_live")
def test_studies_point_in_every_direction() -> None:
    site = live.live_site()

    directions = {study.direction for studies in site.studies.values() for study in studies}

    assert {"positive", "mixed", "negative"} <= directions


@pytest.mark.usefixtures("_live")
def test_preflight_has_no_error() -> None:
    problems = run(build_site(1, Release.objects.get().content))

    assert [str(problem) for problem in problems if problem.is_error] == []


@pytest.mark.usefixtures("_loaded")
def test_the_preflight_command_fails_on_an_error_only() -> None:
    out = StringIO()
    call_command("preflight", stdout=out)
    assert "0 errors" in out.getvalue()

    CrisisLine.objects.filter(href="tel:988").delete()

    with pytest.raises(CommandError, match="have to be put right"):
        call_command("preflight", stdout=out)
    assert "pages.E012" in out.getvalue()
    call_command("preflight", live=True, stdout=out)


@pytest.mark.usefixtures("_loaded")
def test_the_wrong_hotline_number_is_in_no_column_of_the_database() -> None:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [
                table
                for row in cursor.fetchall()
                if WRONG_NUMBER.search(json.dumps(row, default=str))
            ]

    assert found == []


@pytest.mark.usefixtures("_live")
@pytest.mark.parametrize("path", [path for path in PATHS if path != "/contact/"])
def test_each_page_is_drawn_with_help_in_a_crisis_and_without_the_wrong_number(
    client: Client, path: str
) -> None:
    response = client.get(path)

    text = response.content.decode()
    page = live.live_site().pages[path]
    assert response.status_code == 200
    assert f"<title>{page.meta_title}" in text.replace("&#x27;", "'")
    assert page.meta_description in text.replace("&#x27;", "'")
    assert text.count("<h1") == 1
    assert 'href="tel:988"' in text
    assert 'href="tel:911"' in text
    assert not WRONG_NUMBER.search(text)
    assert settings.CLINIC_PHONE_DIGITS in text


@pytest.mark.usefixtures("_live")
def test_drawing_any_page_of_the_seed_stays_within_three_queries(
    client: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for path in PATHS:
        if path != "/contact/":
            live.forget()
            with django_assert_max_num_queries(3):  # type: ignore[operator]
                client.get(path)
