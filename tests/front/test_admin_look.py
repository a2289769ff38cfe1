"""The admin in the site's own colors and type, by day and by night."""

from __future__ import annotations

from typing import Final

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from clinic_site.roles import create_staff
from pages.models import Question
from tests.browser import Visitor, accessibility_problems, misfits
from tests.pages.factories import make_page, make_question, make_section, make_site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What comes with Django's list of suggestions and with the prose editor, not from us.
THEIRS: Final = ("select2", "tiptap")


@pytest.fixture
def question(settings: object) -> Question:
    settings.REQUIRE_SECOND_FACTOR = False  # type: ignore[attr-defined]
    make_site()
    make_section(make_page(), kind="questions", lists="practical")
    return make_question()


def signed_in(browser: Visitor) -> Page:
    client = Client()
    client.force_login(create_staff(name="erin", role="editor", password="a long pass phrase"))
    page = browser.page()
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": browser.origin}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    return page


def test_no_page_of_the_admin_has_a_barrier_of_ours(browser: Visitor, question: Question) -> None:
    page = signed_in(browser)

    found = []
    for path in ("", "pages/question/", f"pages/question/{question.pk}/change/"):
        page.goto(f"/admin/{path}")
        for width, scheme in ((1280, "light"), (360, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += [f"{path} {scheme} {line}" for line in accessibility_problems(page)]
            assert misfits(page) == [], (path, width)

    assert [line for line in found if not any(name in line for name in THEIRS)] == []


def test_the_colors_are_those_of_the_tokens(browser: Visitor, question: Question) -> None:
    page = signed_in(browser)
    page.goto("/admin/")
    ground = "getComputedStyle(document.body).backgroundColor"

    by_day = page.evaluate(ground)
    page.emulate_media(color_scheme="dark")

    assert (by_day, page.evaluate(ground)) == ("rgb(245, 247, 244)", "rgb(11, 34, 57)")
    assert page.locator(".theme-toggle").count() == 0
