"""An editor at a real browser: previews at three widths, a paste from Word, a session that ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from pages.models import Photo, Question, Section
from pages.preview_links import make_link, token_of
from pages.publishing import publish_all
from tests.browser import Visitor, accessibility_problems, misfits
from tests.pages.factories import make_page, make_question, make_section, make_site
from tests.pages.test_photos import picture
from tests.pages.test_rich import FROM_WORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def question() -> Question:
    make_site()
    make_section(make_page(), kind="questions", lists="practical")
    question = make_question()
    publish_all(by=None)
    return question


def sign_in(browser: Visitor, width: int = 1280) -> BrowserPage:
    client = Client()
    client.force_login(
        User.objects.filter(username="sam").first()
        or User.objects.create_superuser("sam", password="x")
    )
    page = browser.page(width=width)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": browser.origin}]
    )
    return page


def test_a_preview_stands_in_the_window_of_a_phone_a_tablet_and_a_desktop(
    browser: Visitor, question: Question
) -> None:
    Question.objects.update(question="Only in the preview?")
    page = sign_in(browser, width=1400)
    stopped: list[str] = []
    page.on("console", lambda said: stopped.append(said.text) if said.type == "error" else None)
    page.goto("/preview-frame/working/faq/")

    for name, width in (("Phone", 360), ("Tablet", 768), ("Desktop", 1280)):
        page.get_by_role("link", name=f"{name}, {width}").click()
        frame = page.frame_locator("iframe")
        expect(frame.locator("summary", has_text="Only in the preview?")).to_be_visible()
        inside = page.frames[1]
        assert inside.evaluate("window.innerWidth") == width
        assert inside.evaluate("document.documentElement.scrollWidth") <= width
    frame.get_by_role("link", name="Safety", exact=True).first.click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Safety")
    assert page.frames[1].url.endswith("/preview/working/safety/")
    assert not stopped


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1280, True)])
def test_a_shared_preview_is_accessible_and_fits(
    browser: Visitor, question: Question, width: int, dark: bool
) -> None:
    link = make_link(release=None, note="Dr. A", by=None)
    page = browser.page(f"/p/{token_of(link)}/faq/", width=width, dark=dark)

    expect(page.get_by_role("complementary", name="Preview")).to_be_visible()
    assert accessibility_problems(page) == []
    assert misfits(page) == []


def test_text_from_word_is_clean_in_the_editor_and_after_saving(
    browser: Visitor, question: Question
) -> None:
    page = sign_in(browser)
    page.goto(f"/admin/pages/question/{question.pk}/change/")
    editor = page.locator(".prose-editor .ProseMirror[contenteditable=true]").first
    editor.click()
    page.keyboard.press("Control+A")
    editor.evaluate(
        """(element, html) => {
            const data = new DataTransfer();
            data.setData("text/html", html);
            element.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
        }""",
        FROM_WORD,
    )
    page.locator("input[name=_save]").first.click()
    page.wait_for_url("**/question/")

    answer = Question.objects.get().answer
    assert "<strong>Rest</strong> for two <em>hours</em>." in answer
    assert "Mso" not in answer
    assert "style" not in answer


def test_typing_outlives_the_session_without_any_script(
    browser: Visitor, question: Question
) -> None:
    page = sign_in(browser)
    page.goto(f"/admin/pages/question/{question.pk}/change/")
    page.locator("input[name=question]").fill("Typed before the end?")
    Session.objects.all().delete()
    page.locator("input[name=_save]").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You were signed out")
    assert accessibility_problems(page) == []

    again = sign_in(browser)
    page.context.add_cookies(again.context.cookies())
    page.get_by_role("button", name="Send what I typed").click()
    page.wait_for_url("**/question/")

    assert Question.objects.get().question == "Typed before the end?"


def test_a_photo_is_uploaded_and_shown_without_moving_what_is_below_it(
    browser: Visitor, question: Question, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    page = sign_in(browser)
    page.goto("/admin/pages/photo/add/")
    page.locator("input[name=upload]").set_input_files(
        {"name": "room.jpg", "mimeType": "image/jpeg", "buffer": picture(width=1800, height=1200)}
    )
    page.locator("input[name=label]").fill("The room")
    page.locator("input[name=alt]").fill("A chair by a window.")
    page.locator("input[name=_save]").first.click()
    page.wait_for_url("**/photo/")
    Section.objects.filter(slug="faq-text").update(photo=Photo.objects.get())
    publish_all(by=None)

    reader = browser.page(width=360)
    reader.add_init_script(
        "window.shifted = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())"
        " window.shifted += entry.value; }).observe({type: 'layout-shift', buffered: true});"
    )
    reader.goto("/faq/")
    image = reader.get_by_role("img", name="A chair by a window.")
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("complete", True)

    assert image.evaluate("image => image.currentSrc").endswith("-480.avif")
    assert image.evaluate("image => image.naturalWidth") > 0
    assert reader.evaluate("window.shifted") == 0
    assert misfits(reader) == []
    assert accessibility_problems(reader) == []
