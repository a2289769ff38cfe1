"""What a screen reader reads, in its order: snapshots of the accessibility tree.

After a change that is meant: ``UPDATE_SNAPSHOTS=1 pytest -k order_that_makes_sense``, then read the
difference aloud. Those of the desk are taken in ``tests/desk/test_browser.py``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest
from pytest_django import Settings

from tests.browser import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("open_clinic")]

SNAPSHOTS: Final = Path(__file__).parent / "snapshots"


def assert_reads_as(name: str, tree: str) -> None:
    place = SNAPSHOTS / f"{name}.yml"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        place.write_text(tree + "\n")
    assert tree + "\n" == place.read_text()


@pytest.mark.parametrize(
    ("name", "path", "part"),
    [
        ("frame", "/components/whole/section-prose/", "body"),
        ("form", "/components/whole/form/", "main"),
        ("form-with-errors", "/components/whole/form-errors/", "main"),
        ("confirmation", "/components/whole/received-crisis/", "main"),
        ("figures", "/components/whole/section-figures/", ".matter"),
        ("ballast", "/components/whole/section-figures/", ".ballast"),
    ],
)
def test_a_page_is_read_in_an_order_that_makes_sense(
    browser: Visitor, settings: Settings, name: str, path: str, part: str
) -> None:
    settings.DEBUG = True

    assert_reads_as(name, browser.page(path).locator(part).first.aria_snapshot())
