"""A coordinator's path in a real browser: by keyboard alone, without JavaScript, on any screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from clinic_site.roles import create_staff
from intake import queue
from intake.models import CallAttempt, CallbackRequest
from intake.references import show_reference
from intake.schedule import set_up
from tests.browser import NARROWEST, Visitor, accessibility_problems, barriers, misfits
from tests.desk.conftest import MONDAY, PASSWORD
from tests.front.test_reading_order import assert_reads_as
from tests.intake.making import make_request, reload

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LATE = timedelta(hours=23, minutes=30)
POLLING = 8_000  # milliseconds: the list asks every 5 seconds


@pytest.fixture
def monday() -> Iterator[time_machine.Coordinates]:
    """The clock runs, from 10:14 on a Monday."""
    with time_machine.travel(MONDAY, tick=True) as traveller:
        yield traveller


@pytest.fixture
def first(monday: object, transactional_db: None) -> CallbackRequest:
    """Two requests that may be called now; this is the one to call first."""
    set_up()
    create_staff(name="dana", role="coordinator", password=PASSWORD)
    create_staff(name="sue", role="supervisor", password=PASSWORD)
    make_request(name="Second", received_at=MONDAY - timedelta(hours=2), phone="+13035550177")
    return make_request(
        name="Wilhelmina", received_at=MONDAY - LATE, comment="my back hurts", email="w@example.org"
    )


def sign_in(page: Page, name: str = "dana") -> None:
    """By keyboard, as the sign-in page asks."""
    page.goto("/desk/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    wait_for_list(page)


def wait_for_list(page: Page) -> None:
    page.wait_for_url(lambda url: urlsplit(url).path == "/desk/")


def open_list(browser: Visitor, name: str = "dana", **options: Any) -> Page:
    """The list, in the browser of somebody who has just signed in."""
    page = browser.page(**options)
    sign_in(page, name)
    return page


def open_sheet(browser: Visitor, first: CallbackRequest) -> Page:
    """The sheet of the request to call first, taken with the key for the next call."""
    page = open_list(browser)
    take_next(page, first)
    return page


def take_next(page: Page, first: CallbackRequest) -> None:
    page.keyboard.press("n")
    page.wait_for_url(f"**/desk/{first.pk}/")


def reveal(page: Page) -> None:
    """Uncover the name by key, until the script is there that hears the next one."""
    page.keyboard.press("r")
    expect(page.locator("h1")).to_have_text("Wilhelmina")
    page.wait_for_load_state()


def test_a_call_from_the_list_to_the_next_by_keyboard_alone(
    browser: Visitor, first: CallbackRequest
) -> None:
    page = open_list(browser)
    expect(page.locator("tr.next")).to_contain_text(show_reference(first.reference))

    take_next(page, first)
    expect(page.locator("body")).not_to_contain_text("Wilhelmina")
    reveal(page)
    expect(page.locator("[data-key=c]")).to_have_attribute("href", "tel:+13035550142")
    page.keyboard.press("w")
    page.keyboard.type("Ask for 3 minutes, no later")
    page.keyboard.press("Escape")
    page.keyboard.press("3")

    page.wait_for_url(lambda url: not url.endswith(f"/desk/{first.pk}/"))
    expect(page.locator("#desk-news")).to_contain_text("no answer. Next try")
    attempt = CallAttempt.objects.get()
    assert attempt.outcome == "no_answer"
    assert reload(first).notes.count() == 1
    second = CallbackRequest.objects.exclude(pk=first.pk).get()
    assert page.url.endswith(f"/desk/{second.pk}/")
    assert second.owner is not None


def test_a_slip_is_taken_back_by_one_key(browser: Visitor, first: CallbackRequest) -> None:
    page = open_sheet(browser, first)
    page.keyboard.press("8")
    page.wait_for_url(lambda url: not url.endswith(f"/desk/{first.pk}/"))  # and its script is there
    expect(page.locator("#desk-news")).to_contain_text("asked us to stop")
    page.wait_for_load_state()  # the words are there before the script that hears keys

    page.keyboard.press("u")

    page.wait_for_url(f"**/desk/{first.pk}/")
    expect(page.locator("#desk-news")).to_contain_text("yours again")
    assert reload(first).state == "claimed"


def test_moving_opening_finding_and_going_back(browser: Visitor, first: CallbackRequest) -> None:
    page = open_list(browser)

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/{first.pk}/")
    page.keyboard.press("q")
    wait_for_list(page)
    page.keyboard.press("/")
    page.keyboard.type(show_reference(first.reference).lower())
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/desk/{first.pk}/")


def test_typing_is_never_taken_for_a_key(browser: Visitor, first: CallbackRequest) -> None:
    page = open_list(browser)

    page.keyboard.press("/")
    page.keyboard.type("n j k q 1 8 ?")

    expect(page.locator("#find-what")).to_have_value("n j k q 1 8 ?")
    assert reload(first).owner is None


def test_enter_in_a_field_of_the_sheet_records_nothing(
    browser: Visitor, first: CallbackRequest
) -> None:
    page = open_sheet(browser, first)

    page.locator("#slot-1").focus()
    page.keyboard.press("Enter")
    page.locator("#other-at").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)

    assert not CallAttempt.objects.exists()


def test_enter_in_a_field_records_nothing_without_javascript_either(
    browser: Visitor, first: CallbackRequest
) -> None:
    page = open_list(browser, javascript=False)
    page.get_by_role("button", name="Next call").click()
    page.get_by_label("Note for the next caller").fill("Ask for 3 minutes")

    page.locator("#other-at").press("Enter")

    expect(page.locator("#outcome-error")).to_contain_text("Say how the call went")
    expect(page.get_by_label("Note for the next caller")).to_have_value("Ask for 3 minutes")
    assert not CallAttempt.objects.exists()


def test_a_held_key_takes_one_request(browser: Visitor, first: CallbackRequest) -> None:
    page = open_list(browser)

    page.evaluate(
        """() => { for (let i = 0; i < 5; i++)
            document.dispatchEvent(new KeyboardEvent("keydown", {key: "n", bubbles: true})); }"""
    )
    page.wait_for_url(f"**/desk/{first.pk}/")

    assert CallbackRequest.objects.filter(state="claimed").count() == 1


def test_the_keys_are_shown_and_can_be_turned_off(browser: Visitor, first: CallbackRequest) -> None:
    page = open_list(browser)

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert accessibility_problems(page) == []
    page.get_by_label("Turn single keys off").check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("n")
    page.wait_for_timeout(400)

    assert page.url.endswith("/desk/")
    assert reload(first).owner is None


def test_the_list_follows_what_happens_and_keeps_the_readers_place(
    browser: Visitor, first: CallbackRequest
) -> None:
    page = open_list(browser, height=500)
    second = page.locator("[data-row] th a").nth(1)
    second.focus()
    held = second.inner_text()
    page.mouse.wheel(0, 120)
    page.wait_for_timeout(200)
    before = page.evaluate("scrollY")
    page.evaluate("() => { document.activeElement.mark = 'same'; }")

    new = make_request(name="Third", received_at=MONDAY - timedelta(hours=25))

    row = page.locator(f"#request-{new.pk}")
    expect(row).to_be_attached(timeout=POLLING)
    expect(page.locator("tr.next")).to_contain_text(show_reference(new.reference))
    expect(page.locator("#desk-status")).to_contain_text("3 waiting, 1 late")
    assert page.evaluate("document.activeElement.textContent") == held
    assert page.evaluate("document.activeElement.mark") == "same"
    assert abs(page.evaluate("scrollY") - before) < 90  # the browser keeps the row in its place


def test_the_focus_stays_near_when_somebody_takes_the_row(
    browser: Visitor, first: CallbackRequest
) -> None:
    page = open_list(browser)
    page.locator(f"#request-{first.pk} th a").focus()

    queue.record_attempt(
        request_id=first.pk, user=User.objects.get(username="sue"), outcome="booked"
    )

    expect(page.locator(f"#request-{first.pk}")).to_have_count(0, timeout=POLLING)
    assert page.evaluate("document.activeElement.matches('[data-row] th a')")


def test_a_list_left_open_signs_out_by_itself(
    browser: Visitor, first: CallbackRequest, monday: time_machine.Coordinates
) -> None:
    page = open_list(browser)

    monday.shift(timedelta(minutes=16))

    page.wait_for_url("**/sign-in/**", timeout=POLLING)


def test_a_note_survives_being_signed_out_for_idleness(
    browser: Visitor, first: CallbackRequest, monday: time_machine.Coordinates
) -> None:
    page = open_sheet(browser, first)
    reveal(page)
    page.locator("#notes").fill("Ask for 3 minutes")
    page.keyboard.press("Escape")

    monday.shift(timedelta(minutes=16))
    page.keyboard.press("3")

    expect(page.locator("#signed-out")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Wilhelmina")
    expect(page.locator("#notes")).to_have_value("Ask for 3 minutes")
    assert not CallAttempt.objects.exists()
    tab = page.context.new_page()
    sign_in(tab)
    page.bring_to_front()
    page.keyboard.press("3")
    expect(page.locator("#desk-news")).to_contain_text("no answer")
    assert reload(first).notes.count() == 1


def test_a_note_begun_before_the_name_is_uncovered_stays(
    browser: Visitor, first: CallbackRequest
) -> None:
    page = open_sheet(browser, first)
    page.keyboard.press("w")
    page.keyboard.type("Ask for 3 minutes")
    page.keyboard.press("Escape")

    reveal(page)

    expect(page.locator("#notes")).to_have_value("Ask for 3 minutes")
    page.wait_for_url(f"**/desk/{first.pk}/")
    page.on("dialog", lambda dialog: dialog.dismiss())
    with page.expect_event("dialog") as asked:
        page.keyboard.press("q")
    assert asked.value.type == "beforeunload"


def test_closing_the_sheet_frees_the_request_soon(browser: Visitor, first: CallbackRequest) -> None:
    page = open_sheet(browser, first)
    page.keyboard.press("q")
    wait_for_list(page)

    expect(page.locator("#group-taken")).to_contain_text("until 10:16 am", timeout=POLLING)


def test_a_call_is_recorded_without_javascript(browser: Visitor, first: CallbackRequest) -> None:
    page = open_list(browser, javascript=False)
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()

    page.get_by_role("button", name="Next call").click()
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator("h1")).to_have_text("Wilhelmina")
    page.get_by_label("Note for the next caller").fill("Ask for 3 minutes")
    page.get_by_label("Then hand me the next call").uncheck()
    page.get_by_role("button", name="Bad moment, call again").click()

    expect(page.locator("#desk-news")).to_contain_text("bad moment, call again. Next try")
    assert CallAttempt.objects.get().outcome == "call_later"


def test_a_supervisors_morning_by_keyboard_alone(browser: Visitor, first: CallbackRequest) -> None:
    held = make_request(suspicion="filled in 1 second", phone="+13035550188")
    later = make_request(name="Later", phone="+13035550199")
    dana, sue = User.objects.get(username="dana"), User.objects.get(username="sue")
    tuesday = MONDAY + timedelta(days=1)
    queue.record_attempt(request_id=later.pk, user=dana, outcome="no_answer", next_at=tuesday)
    queue.claim(request_id=first.pk, user=dana)
    page = open_list(browser, "sue")

    def follow(name: str) -> None:
        page.get_by_role("navigation", name="Desk").get_by_role("link", name=name).focus()
        page.keyboard.press("Enter")
        expect(page.locator("nav [aria-current=page]")).to_contain_text(name)
        page.wait_for_load_state()

    def press(name: str) -> None:
        page.get_by_role("button", name=name).first.focus()
        page.keyboard.press("Enter")

    follow("Team")
    page.get_by_role("link", name=show_reference(first.reference)).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Who", exact=True).focus()
    page.keyboard.type("sue")
    press("Give")
    expect(page.locator("#desk-news")).to_contain_text("is with sue now")
    assert reload(first).owner == sue
    follow("Held")
    press("A person: to the queue")
    expect(page.locator("#desk-news")).to_contain_text("is on the list now")
    assert reload(held).state == "new"
    follow("Hours")
    page.locator("[name=closure-starts_on]").focus()
    page.keyboard.type("11242026")
    page.locator("[name=closure-ends_on]").focus()
    page.keyboard.type("11272026")
    page.locator("[name=closure-reason]").focus()
    page.keyboard.type("Move")
    page.keyboard.press("Enter")
    expect(page.locator("#would-change")).to_contain_text("another time for the next try")
    assert accessibility_problems(page) == []
    press("Make this change")
    expect(page.locator("#desk-news")).to_contain_text("Closure added.")
    for name in ("Phrases", "Wording", "Not sent"):
        follow(name)
        assert accessibility_problems(page) == [], name
    page.goto("/desk/")
    page.keyboard.press("p")
    page.wait_for_url("**/desk/day/")
    assert accessibility_problems(page) == []
    page.set_viewport_size({"width": 360, "height": 900})
    assert misfits(page) == []


STATES: dict[str, Callable[[Page, CallbackRequest], None]] = {}


Arrange = Callable[[Page, CallbackRequest], None]


def state(name: str) -> Callable[[Arrange], Arrange]:
    def keep(arrange: Arrange) -> Arrange:
        STATES[name] = arrange
        return arrange

    return keep


@state("list")
def _list(page: Page, first: CallbackRequest) -> None:
    page.goto("/desk/")


@state("covered sheet")
def _covered(page: Page, first: CallbackRequest) -> None:
    page.goto("/desk/")
    page.get_by_role("button", name="Next call").click()
    page.wait_for_url(f"**/desk/{first.pk}/")


@state("open sheet")
def _open(page: Page, first: CallbackRequest) -> None:
    _covered(page, first)
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator("h1")).to_have_text("Wilhelmina")


@state("refused sheet")
def _refused(page: Page, first: CallbackRequest) -> None:
    _open(page, first)
    page.get_by_label("Another time").check()
    page.get_by_role("button", name="No answer").click()
    expect(page.locator("#trouble")).to_be_visible()


@state("found nothing")
def _found(page: Page, first: CallbackRequest) -> None:
    page.goto("/desk/find/")
    page.get_by_label("Find by reference").fill("720-555-0199")
    page.get_by_role("button", name="Find").click()


for _name, _path in (
    ("numbers", "/desk/numbers/"),
    ("team", "/desk/team/"),
    ("held", "/desk/held/"),
    ("hours", "/desk/hours/"),
    ("record", "/desk/record/"),
):

    def _visit(page: Page, first: CallbackRequest, path: str = _path) -> None:
        page.goto(path)

    STATES[_name] = _visit


@pytest.mark.parametrize("name", STATES)
def test_every_page_is_accessible_and_fits(
    browser: Visitor, first: CallbackRequest, name: str
) -> None:
    make_request(suspicion="filled in 1 second")
    queue.record_attempt(
        request_id=make_request(received_at=MONDAY - timedelta(days=2)).pk,
        user=User.objects.get(username="sue"),
        outcome="booked",
        now=MONDAY - timedelta(days=1, hours=20),
    )
    page = open_list(browser, "sue")

    STATES[name](page, first)

    page.wait_for_load_state()
    assert barriers(page) == {}


def test_what_is_late_by_hours_is_written_over_nothing(
    browser: Visitor, first: CallbackRequest
) -> None:
    make_request(received_at=MONDAY - timedelta(hours=33, minutes=52))
    page = open_list(browser)

    page.set_viewport_size({"width": NARROWEST, "height": 900})

    expect(page.locator(".due", has_text="late by 9 h 52")).to_be_visible()
    assert misfits(page) == []


def test_no_link_of_the_menu_is_cut_off_on_the_narrowest_phone(
    browser: Visitor, first: CallbackRequest
) -> None:
    page = open_list(browser, "sue")
    page.set_viewport_size({"width": NARROWEST, "height": 600})

    boxes = [link.bounding_box() for link in page.locator(".menu a").all()]

    assert len(boxes) >= 8
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= NARROWEST for box in boxes)


@pytest.mark.parametrize("name", ["list", "covered sheet", "open sheet"])
def test_the_desk_is_read_in_an_order_that_makes_sense(
    browser: Visitor, first: CallbackRequest, name: str
) -> None:
    page = open_list(browser)

    STATES[name](page, first)

    page.wait_for_load_state()
    tree = page.locator("main").aria_snapshot()
    tree = re.sub(r"[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}", "REFERENCE", tree)
    tree = re.sub(r"(?<!level=)\b\d+", "0", tree)  # times, and ages of requests
    assert_reads_as(f"desk-{name.replace(' ', '-')}", tree)


def test_the_sign_in_page_is_accessible(browser: Visitor, first: CallbackRequest) -> None:
    assert barriers(browser.page("/sign-in/")) == {}
