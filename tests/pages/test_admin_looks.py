"""The admin at a real browser: what an editor sees fits, can be read, and says what it is."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from clinic_site.roles import EDITOR
from pages.models import Question, Section
from pages.publishing import propose_rows, publish_all, publish_rows
from tests.browser import Visitor, accessibility_problems, misfits
from tests.pages.factories import make_figure, make_part, make_question, make_study
from tests.pages.people import make_staff
from tests.pages.test_journey_approval import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "/admin/",
    "/admin/pages/release/changes/",
    "/admin/pages/release/2/look/",
    "/admin/pages/release/calendar/",
    "/admin/pages/release/compare/?before=1&after=2",
    "/admin/pages/release/",
    "/admin/pages/question/",
    "/admin/pages/page/find/?q=adult",
    "/admin/pages/release/row/question:driving-home/",  # leads to its form
)


@pytest.fixture
def _something_to_see(site_rows: None) -> None:
    make_figure(make_study(cite_verified="partly"), review_due_on=timezone.localdate())
    question = make_question(topic="safety")
    make_question(slug="plain", topic="practical")
    publish_all(by=None)
    Question.objects.update(answer="<p>No. Not for a day.</p>")
    propose_rows(keys=[question.key], by=None)
    in_two_days = timezone.now() + dt.timedelta(days=2)
    publish_rows(keys=["question:plain"], by=None, live_from=in_two_days)
    Question.objects.filter(slug="plain").update(answer="<p>A miracle.</p>")


@pytest.mark.usefixtures("_something_to_see")
@pytest.mark.parametrize(("width", "dark"), [(360, True), (1280, False)])
def test_the_pages_of_an_editor_fit_and_are_accessible(
    browser: Visitor, width: int, dark: bool
) -> None:
    page = signed_in(browser, make_staff("erin", EDITOR), width=width, dark=dark)
    problems = []

    for path in PAGES:
        page.goto(path)
        problems += [(path, problem) for problem in accessibility_problems(page, only_colors=dark)]
        problems += [(path, misfit) for misfit in misfits(page)]

    expect(page.get_by_role("textbox", name="Answer")).to_be_editable()
    assert problems == []


def test_fields_that_scripts_draw_have_the_names_that_stand_beside_them(
    browser: Visitor, site_rows: None
) -> None:
    study = make_study()
    figure = make_figure(study)
    make_part(figure)
    question = make_question()
    question.cites.add(study)
    section = Section.objects.filter(kind="prose").first()
    page = signed_in(browser, make_staff("erin", EDITOR))
    problems = []

    for row in (figure, question, section, section.page):
        page.goto(f"/admin/pages/release/row/{row.key}/")
        page.locator(".prose-editor [contenteditable]").first.wait_for(state="attached")
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        problems += [(row.key, problem) for problem in accessibility_problems(page)]
    page.goto(f"/admin/pages/release/row/{figure.key}/")
    expect(page.get_by_role("combobox", name="Study")).to_contain_text("Berman")
    expect(page.get_by_role("spinbutton", name="Of 100 people").first).to_have_value("47")
    page.get_by_role("button", name="Add another Figure part").click()
    problems += [("a row that was added", problem) for problem in accessibility_problems(page)]
    page.get_by_role("combobox", name="Study").click()
    expect(page.get_by_role("searchbox", name="Study")).to_be_focused()
    problems += [("an open chooser", problem) for problem in accessibility_problems(page)]

    assert problems == []
