"""In a browser: an editor proposes, a reviewer approves, the editor undoes."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from clinic_site.roles import EDITOR, REVIEWER, ensure_roles
from pages.models import Page as SitePage
from pages.publishing import publish_all
from pages.releases import live_content
from tests.browser import Visitor
from tests.pages.factories import make_question, make_section, make_site
from tests.pages.people import make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OLD, NEW = "<p>No. Ask an adult to take you.</p>", "<p>No. Not until the next day.</p>"


def signed_in(browser: Visitor, user: User, **options: Any) -> Page:
    client = Client()
    client.force_login(user)
    page = browser.page(**options)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": browser.origin}]
    )
    page.goto("/admin/")
    return page


def test_an_editor_proposes_a_reviewer_approves_and_the_editor_undoes(browser: Visitor) -> None:
    make_site()
    ensure_roles()
    make_section(
        SitePage.objects.get(slug="safety"), slug="asked", kind="questions", lists="safety"
    )
    question = make_question(topic="safety")
    publish_all(by=None)
    question.answer = NEW
    question.save()
    erin, dana = make_staff("erin", EDITOR), make_staff("dana", REVIEWER)

    editor = signed_in(browser, erin)
    expect(editor.get_by_role("heading", name="Saved, not live yet")).to_be_visible()
    editor.get_by_role("link", name="Look at them side by side").click()
    expect(editor.get_by_text("A second person has to approve this.")).to_be_visible()
    editor.get_by_role("checkbox", name="Can I drive home?").check()
    editor.get_by_role("button", name="Publish what is ticked").click()
    expect(editor.get_by_text("waits for a second person, because")).to_be_visible()
    assert live_content()[question.key]["answer"] == OLD

    reviewer = signed_in(browser, dana)
    reviewer.get_by_role("link", name="Release 2").first.click()
    expect(reviewer.locator("ins", has_text="Not until the next day.")).to_be_visible()
    reviewer.get_by_role("button", name="Approve and put live").click()
    expect(reviewer.get_by_text("Release 2 is live")).to_be_visible()
    assert live_content()[question.key]["answer"] == NEW

    editor.goto("/admin/")
    editor.get_by_role("link", name="Undo it").click()
    editor.get_by_role("button", name="Undo Release 2").click()
    expect(editor.get_by_text("waits for a second person, because")).to_be_visible()
    reviewer.goto("/admin/")
    reviewer.get_by_role("link", name="Release 3").first.click()
    reviewer.get_by_role("button", name="Approve and put live").click()
    expect(reviewer.get_by_text("Release 3 is live")).to_be_visible()

    assert live_content()[question.key]["answer"] == OLD
