"""Search and the heads of pages in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Visitor, barriers, is_in_view

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("live"),
]

STATES = {
    "empty": "/search/",
    "results": "/search/?q=ketmine+for+sad+people",
    "crisis": "/search/?q=i+want+to+die",
    "nothing": "/search/?q=zzqqxx",
    "cut": "/search/?q=" + "cost+" * 40,
}


def tab_to(page: Page, selector: str) -> None:
    for _ in range(60):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the Tab key does not reach {selector}")


@pytest.mark.parametrize("state", STATES)
def test_no_state_has_a_barrier_in_any_light_or_width(browser: Visitor, state: str) -> None:
    assert barriers(browser.page(STATES[state])) == {}


@pytest.mark.parametrize("width", [1000, 1119, 1121, 1280])
def test_the_name_of_the_clinic_is_not_broken_by_the_menu(browser: Visitor, width: int) -> None:
    page = browser.page("/search/", width=width)

    name, word = page.evaluate(
        """() => {
            const name = document.querySelector('.brand span');
            const range = document.createRange();
            range.setStart(name.firstChild, 0);
            range.setEnd(name.firstChild, 8);  // Ketamine
            return [name.getBoundingClientRect().height, range.getClientRects().length];
        }"""
    )

    assert word == 1
    assert name < 60  # two lines


def test_a_person_with_a_keyboard_and_no_javascript_finds_an_answer(browser: Visitor) -> None:
    page = browser.page("/", javascript=False)

    tab_to(page, "a[href='/search/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/")
    tab_to(page, "#q")
    page.keyboard.type("can i drvie home")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=**")
    expect(page.locator("#q")).to_have_value("can i drvie home")
    tab_to(page, ".search-results a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/faq/**")

    expect(page.locator("#driving-home")).to_have_attribute("open", "")
    assert is_in_view(page, "#driving-home summary")
    assert "A responsible adult must take you." in page.inner_text("#driving-home-answer")


def test_in_a_crisis_the_lines_are_in_view_without_scrolling(browser: Visitor) -> None:
    page = browser.page(STATES["crisis"], width=360, height=740)

    assert is_in_view(page, ".doors a[href='tel:988']")
    assert is_in_view(page, ".doors a[href='sms:988']")


def test_the_targets_are_large_enough_for_a_finger(browser: Visitor) -> None:
    page = browser.page(STATES["empty"], width=360)

    for target in page.locator("main :is(input, button, a)").all():
        size = target.bounding_box()
        assert size
        assert size["height"] >= 24


def test_the_next_page_is_not_told_what_was_searched_for(browser: Visitor) -> None:
    page = browser.page("/search/?q=cost")

    page.click(".search-results a")
    page.wait_for_url("**/faq/**")

    assert page.evaluate("document.referrer") == ""


@pytest.mark.parametrize("path", ["/safety/", "/faq/"])
def test_the_policy_stops_nothing_and_the_data_block_is_there(browser: Visitor, path: str) -> None:
    page = browser.page()
    stopped: list[Any] = []
    page.expose_function("note", lambda directive: stopped.append(directive))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', e => note(e.violatedDirective))"
    )
    page.on("console", lambda message: stopped.append(message.text))

    response = page.goto(path)

    assert response
    assert "script-src 'self'" in response.headers["content-security-policy"]
    assert page.evaluate(
        "JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').text)['@graph'].length"
    )
    assert stopped == []
    page.evaluate(  # the same listener notices what the policy does stop
        "document.head.append(Object.assign(document.createElement('script'), {text: '1'}))"
    )
    page.wait_for_function("true")
    assert stopped
