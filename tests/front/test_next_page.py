"""The next page at once: browsers that can may draw it while a pointer rests on its link."""

from __future__ import annotations

import pytest
from django.test import Client

from pages.packed import SPECULATION_RULES
from tests.browser import Visitor
from tests.content.seed import seeds

pytestmark = pytest.mark.usefixtures("open_clinic")


def test_every_page_but_the_form_may_be_drawn_ahead(client: Client) -> None:
    response = client.get(SPECULATION_RULES)

    assert response["Content-Type"] == "application/speculationrules+json"
    (rule,) = response.json()["prerender"]
    paths = {seed.fields["path"] for seed in seeds("page")}
    drawn = set(rule["where"]["href_matches"])
    assert paths - {"/contact/"} <= drawn  # beside them their translations
    assert [path for path in drawn if "contact" in path] == []
    assert rule["eagerness"] == "moderate"


@pytest.mark.parametrize(
    ("path", "says_so"),
    [("/faq/", True), ("/search/?q=cost", True), ("/contact/", False), ("/nowhere/", False)],
)
def test_pages_say_where_the_rules_are(client: Client, path: str, says_so: bool) -> None:
    header = client.get(path).headers.get("Speculation-Rules")

    assert header == (f'"{SPECULATION_RULES}"' if says_so else None)


@pytest.mark.browser
def test_the_policy_lets_a_browser_read_the_rules(browser: Visitor) -> None:
    page = browser.page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    with page.expect_response(f"**{SPECULATION_RULES}") as read:
        page.goto("/faq/")

    assert read.value.status == 200
    assert complaints == []
