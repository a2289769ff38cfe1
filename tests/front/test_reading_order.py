"""What a screen reader reads, in its order: snapshots of the accessibility tree.

After a change that is meant: ``UPDATE_SNAPSHOTS=1 pytest tests/front/test_reading_order.py``, then
read the difference aloud.
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

    tree = browser.page(path).locator(part).first.aria_snapshot() + "\n"

    place = SNAPSHOTS / f"{name}.yml"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        place.write_text(tree)
    assert tree == place.read_text()
