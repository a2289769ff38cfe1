"""The notices of the form are rows that staff edit, and the form is whole without them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from pages.models import Notice
from pages.publishing import publish_all
from tests.pages.factories import make_site

pytestmark = pytest.mark.django_db

# Each with what stands before it and after it on the page.
PLACES = {
    "form-not-watched": ('id="before"', "I need help now"),
    "form-no-medical-details": ("I need help now", "Who should we ask for?"),
    "form-no-relationship": ("Email is not private.", "Ask for a call"),
    "another": ("<aside", "</aside>"),
}
OWN_WORDS = {
    "form-not-watched": "hours to call.",
    "form-no-medical-details": "We need a name and one way to reach you.",
    "form-no-relationship": "Sending this form does not start treatment",
}


@pytest.fixture(autouse=True)
def small_site() -> None:
    make_site()


def publish(*slugs: str) -> None:
    for slug in slugs:
        body = f"<p>Body of {slug}.</p>"
        Notice.objects.create(slug=slug, kind="form", heading=f"Head of {slug}", body=body)
    publish_all(by=None)


def html_of(client: Client, path: str = "/contact/") -> str:
    return client.get(path).content.decode()


def test_each_notice_stands_in_its_place_and_others_beside_the_form(client: Client) -> None:
    publish(*PLACES)

    html = html_of(client)

    for slug, (before, after) in PLACES.items():
        assert re.search(
            f"{re.escape(before)}.*Body of {slug}\\..*{re.escape(after)}", html, re.DOTALL
        )
        assert html.count(f"Body of {slug}.") == 1
    assert "Head of form-not-watched" in html
    assert "Head of another" in html
    for words in OWN_WORDS.values():
        assert words not in html


@pytest.mark.parametrize("slug", OWN_WORDS)
def test_a_notice_that_is_missing_is_said_by_the_form_itself(client: Client, slug: str) -> None:
    publish(*(other for other in PLACES if other != slug))

    html = html_of(client)

    assert OWN_WORDS[slug] in html
    assert "Body of another." in html


def test_no_notice_takes_the_way_to_help_off_the_form(client: Client) -> None:
    publish("form-not-watched")

    html = html_of(client)

    form = html[html.index('id="callback"') :]
    before = form[: form.index("<input")]
    assert "Body of form-not-watched." in before
    for href in ("tel:988", "tel:911", "/thoughts-of-suicide/"):
        assert f'href="{href}"' in before


def test_a_notice_that_nobody_translated_is_marked_on_the_spanish_form(client: Client) -> None:
    publish("form-not-watched")

    html = html_of(client, "/es/contact/")

    assert '<h2 id="before" lang="en">Head of form-not-watched</h2>' in html
    assert '<div lang="en"><p>Body of form-not-watched.</p></div>' in html
