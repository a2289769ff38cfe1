"""The site on paper: what is there to be kept fits on few pages, and says where it leads."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from tests.browser import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("open_clinic")]


def pages_on_paper(browser: Visitor, path: str) -> int:
    """Sheets of US Letter that the page at ``path`` prints on."""
    document = browser.page(path).pdf(format="Letter")
    return len(re.findall(rb"/Type /Page\b", document))


def test_the_safety_information_prints_on_one_page(browser: Visitor) -> None:
    assert pages_on_paper(browser, "/safety/") == 1


@pytest.mark.parametrize("name", ["received", "received-by-email", "received-crisis"])
def test_the_confirmation_prints_on_one_page(
    browser: Visitor, settings: Settings, name: str
) -> None:
    settings.DEBUG = True

    assert pages_on_paper(browser, f"/components/whole/{name}/") == 1


def test_questions_print_with_their_answers_and_without_the_menu(browser: Visitor) -> None:
    page = browser.page("/faq/")
    answer = page.locator(".qa details > .flow").first
    assert not page.locator(".qa details[open]").count()

    page.emulate_media(media="print")

    assert answer.evaluate("element => element.getBoundingClientRect().height") > 10
    expect(page.locator("#site-nav")).to_be_hidden()
    expect(page.locator(".footer")).to_contain_text("866-951-4325")


def test_a_link_to_another_site_prints_its_address(browser: Visitor) -> None:
    page = browser.page("/research/")
    page.emulate_media(media="print")

    written = page.locator("main .cite a").first.evaluate(
        "link => getComputedStyle(link, '::after').content"
    )

    assert "https://doi.org/" in written
