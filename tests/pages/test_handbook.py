"""In a browser, what the table at the top of the editors' handbook says, by the words in which it says it."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic_site.roles import EDITOR, REVIEWER
from pages.models import Notice, Release, Study
from pages.models import Page as SitePage
from pages.publishing import publish_all
from pages.releases import Content, live_content
from tests.browser import Visitor
from tests.pages.factories import (
    make_figure,
    make_page,
    make_question,
    make_section,
    make_site,
    make_study,
)
from tests.pages.people import make_staff
from tests.pages.test_journey_approval import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HANDBOOK = (Path(settings.BASE_DIR) / "docs" / "editing.md").read_text()
NAMED = set(re.findall(r"\*\*(.+?)\*\*", HANDBOOK))


def press(page: Page, name: str, role: Any = "button") -> None:
    """Press what the handbook names, by the name that it gives."""
    assert name in NAMED, f"the handbook does not say {name}"
    page.get_by_role(role, name=name, exact=True).first.click()


def open_row(page: Page, kind: str, title: str) -> None:
    """From the front page, the kind, then the row."""
    page.goto("/admin/")
    page.get_by_role("link", name=kind, exact=True).click()
    page.get_by_role("link", name=title).click()


def write(page: Page, words: str) -> None:
    """At the end of the first text of the form."""
    page.locator(".prose-editor .ProseMirror[contenteditable=true]").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def approve(reviewer: Page, number: int) -> Content:
    reviewer.goto("/admin/")
    reviewer.get_by_role("link", name=f"Release {number}").first.click()
    press(reviewer, "Approve and put live")
    expect(reviewer.get_by_text(f"Release {number} is live")).to_be_visible()
    return live_content()


@pytest.fixture
def _clinic() -> None:
    make_site()
    make_section(make_page(), kind="questions", lists="practical")
    make_question()
    make_figure(make_study())
    safety = SitePage.objects.get(slug="safety")
    make_section(safety, slug="safety-notices", kind="notices", lists="legal")
    Notice.objects.create(slug="closed", kind="legal", heading="Holidays", body="<p>We close.</p>")
    publish_all(by=None)


@pytest.mark.usefixtures("_clinic")
def test_an_editor_does_all_of_it_by_the_words_of_the_handbook(browser: Visitor) -> None:
    editor = signed_in(browser, make_staff("erin", EDITOR))
    reviewer = signed_in(browser, make_staff("dana", REVIEWER))

    # Correct a sentence.
    press(editor, "Find", "link")
    editor.get_by_label("Any words of").fill("drive home")
    press(editor, "Find")
    editor.get_by_role("link", name="Can I drive home?").click()
    write(editor, " A taxi will do.")
    press(editor, "Save and publish")
    expect(editor.get_by_text("Release 2 is live")).to_be_visible()
    assert "take you. A taxi will do." in live_content()["question:driving-home"]["answer"]

    # Add a study: first without what it needs, which is named, then with it.
    editor.goto("/admin/")
    assert "Add" in NAMED
    editor.get_by_role("link", name="Add: studies").click()
    expect(editor.get_by_role("textbox", name="Finding")).to_be_focused()
    editor.keyboard.type("Pain fell a little.")
    press(editor, "Save and propose")
    expect(editor.get_by_role("link", name="Authors")).to_be_visible()
    expect(editor.get_by_role("textbox", name="Finding")).to_have_value("Pain fell a little.")
    for box, words in (("Design", "randomized"), ("Authors", "Doe J"), ("Title", "Ketamine")):
        editor.get_by_role("textbox", name=box).fill(words)
    editor.get_by_role("textbox", name="Journal").fill("Pain")
    editor.get_by_role("spinbutton", name="Year").fill("2026")
    editor.get_by_role("textbox", name="DOI", exact=False).first.fill("10.1000/xyz")
    editor.get_by_label("Direction").select_option("mixed")
    editor.get_by_label("Group").select_option("pain")
    press(editor, "Save and propose")
    expect(editor.get_by_text("Release 3 waits for a second person")).to_be_visible()
    assert Study.objects.get(year=2026).key in approve(reviewer, 3)

    # Change a figure.
    open_row(editor, "Outcome figures", "47 in 100")
    editor.get_by_role("textbox", name="Measured when").fill("after a day")
    press(editor, "Save and propose")
    assert live_content()["outcomefigure:trial-response"]["time_point"] == "end of the course"
    assert approve(reviewer, 4)["outcomefigure:trial-response"]["time_point"] == "after a day"

    # See it on a phone first, then put it live next week.
    open_row(editor, "Notices", "Holidays")
    write(editor, " In May.")
    press(editor, "Save and preview")
    press(editor, "Phone, tablet, desktop", "link")
    phone = editor.frame_locator("iframe")
    expect(phone.get_by_text("We close. In May.")).to_be_visible()
    assert editor.frames[1].evaluate("window.innerWidth") == 360
    editor.goto("/admin/")
    press(editor, "Not live yet", "link")
    editor.get_by_role("checkbox", name="Holidays").check()
    moment = timezone.localtime() + dt.timedelta(days=7)
    assert "When" in NAMED
    editor.get_by_label("When").fill(f"{moment:%Y-%m-%dT%H:%M}")
    press(editor, "Publish what is ticked")
    expect(editor.get_by_text("Release 5 goes live on")).to_be_visible()
    assert live_content()["notice:closed"]["body"] == "<p>We close.</p>"
    assert (
        Release.objects.get(number=5).content["notice:closed"]["body"] == "<p>We close. In May.</p>"
    )

    # Take the last one back.
    editor.goto("/admin/")
    press(editor, "Undo it", "link")
    editor.get_by_role("button", name="Undo Release 4").click()
    expect(editor.get_by_text("Release 6 waits for a second person")).to_be_visible()
    assert approve(reviewer, 6)["outcomefigure:trial-response"]["time_point"] == "end of the course"
