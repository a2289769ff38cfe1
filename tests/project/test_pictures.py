"""The handbooks show pictures that exist, and each can be made anew."""

from __future__ import annotations

import re

from django.conf import settings

from docs.pictures.make import PICTURES

DOCS = settings.BASE_DIR / "docs"


def test_each_picture_is_made_by_the_command_and_shown_in_a_handbook_with_words_for_it() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in sorted(DOCS.glob("*.md")))
    shown = {name for words, name in re.findall(r"!\[(.+?)\]\(pictures/([\w-]+)\.png\)", text)}
    drawn = {path.stem for path in (DOCS / "pictures").glob("*.png")}

    assert shown == drawn == set(PICTURES)


def test_no_picture_is_heavy() -> None:
    heavy = {p.name for p in (DOCS / "pictures").glob("*.png") if p.stat().st_size > 100_000}

    assert heavy == set()
