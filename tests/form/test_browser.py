"""The form in a real browser, as people with different means use it."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from intake.models import Submission
from intake.tokens import Receipt, seal_receipt
from tests.browser import Visitor, barriers, is_in_view
from tests.form.sending import stored_one

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REFERENCE = re.compile(r"[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}")


def fill(page: Page, **changes: str) -> None:
    answers = {"#id_name": "Ana", "#id_phone": "(303) 555-0142", **changes}
    for field, answer in answers.items():
        page.fill(field, answer)
    page.check("#id_call_consent")


def confirmation_path(**changes: Any) -> str:
    receipt = Receipt("R4TXNW7KQC", uuid4(), timezone.now(), False, False)
    for name, value in changes.items():
        object.__setattr__(receipt, name, value)
    return f"/contact/received/?r={seal_receipt(receipt)}"


def reference_on(page: Page) -> str:
    page.wait_for_url("**/contact/received/**")
    found = REFERENCE.search(page.inner_text(".receipt .ref"))
    assert found
    return found[0]


def test_a_person_without_javascript_sends_the_form(browser: Visitor) -> None:
    page = browser.page("/contact/", javascript=False)
    fill(page)
    page.click("main button[type=submit]")

    assert reference_on(page)
    assert "We will call by" in page.inner_text("main")
    assert stored_one()["phone"] == "+13035550142"
    assert not page.context.cookies()


def test_a_person_with_a_keyboard_only_sends_the_form(browser: Visitor) -> None:
    page = browser.page("/contact/")

    tab_to(page, "id_name")
    page.keyboard.type("Ana")
    tab_to(page, "id_phone")
    page.keyboard.type("866-951-HEAL")
    tab_to(page, "id_call_consent")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")

    assert reference_on(page)
    assert stored_one()["phone"] == "+18669514325"


def tab_to(page: Page, field: str) -> None:
    for _ in range(60):
        if page.evaluate("document.activeElement.id") == field:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the Tab key does not reach {field}")


def test_the_keyboard_never_meets_the_trap(browser: Visitor) -> None:
    page = browser.page("/contact/")
    tab_to(page, "id_email_receipt")

    met = []
    for _ in range(6):
        page.keyboard.press("Tab")
        met.append(page.evaluate("document.activeElement.name || ''"))

    assert "website" not in met


def test_a_double_click_sends_once(browser: Visitor) -> None:
    page = browser.page("/contact/")
    fill(page)
    page.dblclick("main button[type=submit]")

    assert reference_on(page)
    assert Submission.objects.count() == 1


def test_back_and_correct_keeps_the_reference_and_the_typing(browser: Visitor) -> None:
    page = browser.page("/contact/")
    fill(page)
    page.click("main button[type=submit]")
    first = reference_on(page)

    page.go_back()
    expect(page.locator("#id_name")).to_have_value("Ana")
    page.fill("#id_phone", "303-555-0143")
    page.click("main button[type=submit]")

    assert reference_on(page) == first
    assert Submission.objects.count() == 2


@pytest.mark.parametrize("javascript", [True, False])
def test_errors_get_the_focus_and_lead_to_the_field_with_its_label_in_view(
    browser: Visitor, javascript: bool
) -> None:
    page = browser.page("/contact/", javascript=javascript, width=360, height=640)
    page.fill("#id_phone", "303-555-014")
    page.click("main button[type=submit]")

    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator(".error-summary")).to_be_focused()
    for field in ("name", "phone", "call_consent"):
        page.click(f'.error-summary a[href="#id_{field}"]')
        expect(page.locator(f"#id_{field}")).to_be_focused()
        assert is_in_view(page, f'label[for="id_{field}"]')
        assert is_in_view(page, f"#id_{field}_error strong")
    expect(page.locator("#id_phone")).to_have_value("303-555-014")


def test_a_form_that_came_back_has_its_one_button_in_view_and_sends_everything(
    browser: Visitor,
) -> None:
    page = browser.page("/contact/", javascript=False, width=360, height=640)
    page.evaluate("document.getElementById('id_token').value = 'torn'")
    fill(page, **{"#id_comment": "Evenings\nare best"})
    page.click("main button[type=submit]")

    expect(page.locator(".back")).to_be_focused()
    assert is_in_view(page, ".back button")
    page.click(".back button")

    assert reference_on(page)
    assert stored_one()["comment"] == "Evenings\nare best"


STATES = ("empty", "errors", "came back", "confirmation", "crisis", "closed")


def show(browser: Visitor, state: str, **options: Any) -> Page:
    """The page in one of its states."""
    if state == "confirmation":
        return browser.page(confirmation_path(), **options)
    if state == "crisis":
        return browser.page(confirmation_path(has_crisis_wording=True), **options)
    if state == "closed":
        return browser.page("/contact/received/?r=x", **options)
    page = browser.page("/contact/", **options)
    if state == "came back":
        page.evaluate("document.getElementById('id_token').value = 'torn'")
        fill(page)
    elif state == "errors":
        page.fill("#id_phone", "303-555-014")
        page.fill("#id_comment", "a" * 301)
        page.check("#id_email_receipt")
    if state != "empty":
        page.click("main button[type=submit]")
        page.wait_for_selector("[role=alert]")
    return page


@pytest.mark.parametrize("state", STATES)
def test_no_state_has_a_barrier_in_any_light_or_width(browser: Visitor, state: str) -> None:
    assert barriers(show(browser, state)) == {}


def test_the_confirmation_prints_on_one_page(browser: Visitor) -> None:
    page = browser.page(confirmation_path())

    pdf = page.pdf(
        format="Letter", margin=dict.fromkeys(("top", "bottom", "left", "right"), "15mm")
    )

    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


def test_the_boxes_can_be_hit_with_a_finger(browser: Visitor) -> None:
    page = browser.page("/contact/", width=360)

    for box in page.locator("main form :is(input:not([type=hidden], [tabindex]), select)").all():
        size = box.bounding_box()
        assert size
        assert min(size["width"], size["height"]) >= 24
