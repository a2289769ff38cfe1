"""Addresses: pages, missing slashes, unknown paths, sitemap and robots."""

from __future__ import annotations

import datetime as dt
from xml.etree import ElementTree

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pages.models import Page, Section
from pages.preflight.structure import NEEDED_PATHS
from pages.publishing import publish_all, publish_rows
from tests.pages.factories import make_page, make_question, make_section

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]


def days(client: Client) -> dict[str, str | None]:
    """The sitemap: path to day of the last change."""
    tree = ElementTree.fromstring(client.get("/sitemap.xml").content)
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    return {
        str(url.findtext(f"{space}loc")).removeprefix(settings.SITE_URL): url.findtext(
            f"{space}lastmod"
        )
        for url in tree
    }


def test_a_page_is_served_at_its_address(client: Client) -> None:
    publish_all(by=None)

    response = client.get("/safety/")

    assert response.status_code == 200
    assert b"Some people feel better." in response.content


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("/safety", "/safety/"),
        ("/safety?from=ad&x=1", "/safety/?from=ad&x=1"),
        ("/contact", "/contact/"),
    ],
)
def test_a_missing_last_slash_is_put_right(client: Client, asked: str, target: str) -> None:
    publish_all(by=None)

    response = client.get(asked)

    assert response.status_code == 301
    assert response["Location"] == target


@pytest.mark.parametrize(
    "path", ["/nowhere/", "/nowhere", "/safety/more/", "/SAFETY/", "/safety%00/", "/é/"]
)
def test_an_unknown_address_is_not_found(client: Client, path: str) -> None:
    publish_all(by=None)

    assert client.get(path).status_code == 404


def test_a_page_that_is_not_ready_is_not_found(client: Client) -> None:
    make_section(make_page(is_ready=False))
    publish_all(by=None)

    assert client.get("/faq/").status_code == 404


def test_pages_are_for_reading_only(client: Client) -> None:
    publish_all(by=None)

    assert client.post("/safety/").status_code == 405


def test_the_sitemap_lists_every_page_contact_included(client: Client) -> None:
    publish_all(by=None)

    assert days(client).keys() == set(NEEDED_PATHS)


def test_the_sitemap_tells_on_which_day_something_on_a_page_changed(client: Client) -> None:
    section = make_section(make_page(), kind="questions", lists="practical")
    question = make_question()
    with time_machine.travel(dt.datetime(2026, 3, 1, 18, tzinfo=dt.UTC)):
        publish_all(by=None)
    question.question = "May I drive home?"
    question.save()
    with time_machine.travel(dt.datetime(2026, 4, 2, 18, tzinfo=dt.UTC)):
        publish_rows(keys=[question.key], by=None)
        assert days(client)["/faq/"] == "2026-04-02"
        assert days(client)["/safety/"] == "2026-03-01"
    Section.objects.filter(pk=section.pk).update(heading="Asked")
    with time_machine.travel(dt.datetime(2026, 5, 3, 18, tzinfo=dt.UTC)):
        publish_rows(keys=[section.key], by=None)
        assert days(client)["/faq/"] == "2026-05-03"


def test_the_sitemap_costs_the_same_for_any_number_of_releases(client: Client) -> None:
    publish_all(by=None)
    days(client)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            days(client)
        return len(seen)

    assert queries() == 1  # which release is live; the rest is kept
    for n in range(5):
        Page.objects.filter(slug="safety").update(title=f"Safety {n}")
        publish_all(by=None)
    client.get("/")
    assert queries() == 2


def test_robots_keeps_crawlers_from_the_staff_doors(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()

    assert "Disallow: /admin/" in text
    assert "Disallow: /desk/" in text
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in text
