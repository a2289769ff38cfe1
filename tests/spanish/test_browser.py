"""The Spanish site in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser import Visitor, accessibility_problems, misfits
from tests.form.conftest import var_dir  # noqa: F401  keys and a spool of its own
from tests.form.sending import stored_one
from tests.front.conftest import open_clinic  # noqa: F401

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("open_clinic"),
]


@pytest.fixture
def page(browser: Visitor) -> Page:
    """A narrow window without JavaScript, at the Spanish form."""
    page = browser.page("/es/contact/", javascript=False)
    page.set_viewport_size({"width": 360, "height": 740})
    return page


def test_a_person_without_javascript_sends_the_spanish_form(page: Page) -> None:
    page.fill("#id_name", "Ana")
    page.fill("#id_phone", "123")
    page.click("main form button[type=submit]")
    assert "Hay 2 cosas que corregir" in page.inner_text(".error-summary")

    page.fill("#id_phone", "303-555-0142")
    page.check("#id_call_consent")
    page.click("main form button[type=submit]")

    page.wait_for_url("**/es/contact/received/**")
    assert "Tenemos su solicitud" in page.inner_text("h1")
    assert stored_one()["wordings"]["call"] == "call-es-1"
    assert not page.context.cookies()


def test_the_switch_leads_to_the_same_page_and_back(page: Page) -> None:
    page.click("footer a[hreflang=en]")
    assert page.url.endswith("/contact/")
    assert "/es/" not in page.url

    page.click("footer a[hreflang=es]")
    assert page.url.endswith("/es/contact/")


@pytest.mark.parametrize("path", ["/es/", "/es/safety/", "/es/faq/", "/es/contact/"])
def test_spanish_pages_fit_a_phone_and_pass_axe(browser: Visitor, path: str) -> None:
    page = browser.page(path)
    page.set_viewport_size({"width": 360, "height": 740})

    assert misfits(page) == []
    assert accessibility_problems(page) == []
