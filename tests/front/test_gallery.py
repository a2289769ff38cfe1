"""The gallery of components: complete, closed to visitors, without a barrier."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from clinic_site import gallery
from tests.browser import BY_DAY, PHONE, Visitor, accessibility_problems, misfits

TEMPLATES = Path(settings.BASE_DIR) / "templates"
# For the head of a page, for staff who look at one, and what is nothing without uploaded files.
# The last one is part of the masthead and the footer, which are.
NOT_SHOWN = {"found", "edit-this", "preview-bar", "photo", "languages"}

FRAME = [".crisis", ".masthead", ".footer"]


@pytest.fixture
def _debug(settings: Settings) -> None:
    settings.DEBUG = True


@pytest.mark.usefixtures("_debug")
def test_every_component_is_in_the_gallery() -> None:
    components = {path.stem for path in (TEMPLATES / "components").glob("*.html")}

    assert components - set(gallery.components()) == NOT_SHOWN


def test_every_error_page_is_in_the_gallery() -> None:
    errors = {f"error-{path.stem}" for path in (TEMPLATES / "errors").glob("*.html")}

    assert errors <= set(gallery.whole())


@pytest.mark.django_db
@pytest.mark.usefixtures("_debug")
@pytest.mark.parametrize("name", gallery.components())
def test_a_component_comes_out_in_each_state(client: Client, name: str) -> None:
    html = client.get(f"/components/{name}/").content.decode()

    assert html.count('id="state-') == len(gallery.components()[name])
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.django_db
@pytest.mark.usefixtures("_debug")
@pytest.mark.parametrize("name", gallery.whole())
def test_a_whole_page_comes_out(client: Client, name: str) -> None:
    response = client.get(f"/components/whole/{name}/")

    assert response.status_code == gallery.ERRORS.get(
        name.removeprefix("error-"), 403 if name == "error-csrf" else 200
    )
    assert 'href="tel:988"' in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/components/", "/components/qa/", "/components/whole/form-errors/"]
)
def test_the_gallery_is_closed_without_debug(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("_debug")
@pytest.mark.parametrize("path", ["/components/none/", "/components/whole/none/"])
def test_what_is_not_in_the_gallery_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_debug")
def test_no_component_has_a_barrier(browser: Visitor) -> None:
    page = browser.page(width=PHONE)
    found = {}
    for name in gallery.components():
        page.goto(f"/components/{name}/")
        found[name] = misfits(page)
        for media in ({}, {"color_scheme": "dark"}, {"forced_colors": "active"}):
            page.emulate_media(**{**BY_DAY, **media})
            found[name] += accessibility_problems(page, only_colors=bool(media), part="main")

    assert {name: problems for name, problems in found.items() if problems} == {}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_debug")
def test_no_whole_page_has_a_barrier(browser: Visitor) -> None:
    """But for bar, menu and foot, which every page has, and which are looked at there."""
    page = browser.page(width=PHONE)
    found = {}
    for name in gallery.whole():
        page.goto(f"/components/whole/{name}/")
        found[name] = accessibility_problems(page, part={"exclude": FRAME})

    assert {name: problems for name, problems in found.items() if problems} == {}
