"""The public site in a real browser, over the seed content, as different people have it."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser import (
    DESKTOP,
    PHONE,
    Visitor,
    accessibility_problems,
    barriers,
    misfits_when_narrow,
)
from tests.content.seed import seeds

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("open_clinic")]

PATHS: Final = tuple(seed.fields["path"] for seed in seeds("page"))
NOWHERE: Final = "/there-is-no-such-page/"

# Whether the element in focus lies in the window, and whether it or a part of it is on top there.
FOCUS_IS_SEEN: Final = """() => {
    const element = document.activeElement;
    const box = [...element.getClientRects()].find(rect => rect.width && rect.height);
    if (!box || box.bottom <= 0 || box.top >= innerHeight) return false;
    const y = Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 1);
    const top = document.elementFromPoint(box.left + Math.min(box.width / 2, 40), y);
    return element.contains(top) || top.contains(element);
}"""
NAMED: Final = "(document.activeElement.innerText || document.activeElement.id).trim()"


def complaints_of(page: Page) -> list[str]:
    """Fills with what the browser complains of from here on: errors, refusals by the policy.

    That a page is not found is what the test of that page asked for.
    """
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console",
        lambda message: (
            found.append(message.text)
            if message.type in {"error", "warning"} and "404 (Not Found)" not in message.text
            else None
        ),
    )
    return found


@pytest.mark.parametrize("path", [*PATHS, NOWHERE])
def test_a_page_has_no_barrier_in_any_light_or_width(browser: Visitor, path: str) -> None:
    page = browser.page()
    complaints = complaints_of(page)
    page.goto(path)

    problems = barriers(page)

    assert problems == {}
    assert complaints == []


def test_the_open_menu_has_no_barrier_in_any_light(browser: Visitor) -> None:
    page = browser.page("/", width=PHONE)
    page.get_by_role("button", name="Menu").click()
    expect(page.locator("#site-nav")).to_be_visible()

    found = []
    for media in ({}, {"color_scheme": "dark"}, {"forced_colors": "active"}):
        page.emulate_media(**media)  # type: ignore[arg-type]
        found += accessibility_problems(page, only_colors=bool(media))

    assert found == []
    expect(page.locator("#site-nav")).to_contain_text("988")


def test_every_page_fits_the_narrowest_window(browser: Visitor) -> None:
    page = browser.page()
    found: dict[str, list[str]] = {}
    for path in (*PATHS, NOWHERE):
        page.goto(path)
        found[path] = misfits_when_narrow(page)

    assert {path: what for path, what in found.items() if what} == {}


def test_the_keyboard_skips_to_the_content(browser: Visitor) -> None:
    page = browser.page("/faq/")

    page.keyboard.press("Tab")
    assert page.evaluate(NAMED) == "Skip to content"
    assert page.evaluate(FOCUS_IS_SEEN)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_keyboard_goes_through_the_menu_to_the_form(browser: Visitor) -> None:
    page = browser.page("/", width=PHONE)

    assert tab_to(page, "Menu")[:4] == ["Skip to content", "Call 988", "Text 988", "Chat"]
    page.keyboard.press("Enter")
    expect(page.locator("#site-nav")).to_be_visible()
    tab_to(page, "Contact")
    page.keyboard.press("Enter")

    page.wait_for_url("**/contact/")
    expect(page.locator("#site-nav")).to_be_hidden()
    expect(page.locator("#id_name")).to_be_visible()


def test_the_keyboard_closes_the_menu_and_is_back_where_it_was(browser: Visitor) -> None:
    page = browser.page("/", width=PHONE)
    tab_to(page, "Menu")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")

    expect(page.locator("#site-nav")).to_be_hidden()
    assert page.evaluate(NAMED) == "Menu"


@pytest.mark.parametrize("path", ["/response-rates/", "/contact/"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_what_has_the_focus_is_never_hidden(browser: Visitor, path: str, width: int) -> None:
    page = browser.page(path, width=width, height=640)
    hidden = []
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        if not page.evaluate(FOCUS_IS_SEEN):
            hidden.append(page.evaluate(NAMED))
    else:
        pytest.fail("the Tab key never comes to an end")

    assert hidden == []


def test_everything_works_without_javascript(browser: Visitor) -> None:
    page = browser.page("/", width=PHONE, javascript=False)

    page.get_by_role("button", name="Menu").click()
    page.locator("#site-nav").get_by_role("link", name="Questions").click()
    page.wait_for_url("**/faq/")
    question = page.locator(".qa details").first
    question.locator("summary").click()

    expect(question.locator(":scope > :not(summary)").first).to_be_visible()
    assert page.locator("script:not([type='application/ld+json'])").count() == 0


def tab_to(page: Page, name: str) -> list[str]:
    """Press Tab until the element of that name has the focus; the names on the way."""
    passed: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate(NAMED)
        if here == name:
            return passed
        assert page.evaluate(FOCUS_IS_SEEN), f"{here} has the focus and is hidden"
        passed.append(here)
    pytest.fail(f"the Tab key does not reach {name}; it passes {passed}")
