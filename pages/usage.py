"""Where a row shows, and which rows name it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pages import models
from pages.languages import ENGLISH
from pages.models.translation import key_of
from pages.nodes import CrisisLine, NavLink, Node, Notice, OutcomeFigure, Page, Section
from pages.releases import Content, named_by
from pages.site import Site

FORM = "contact"  # the slug of the page that has the form
_HREF = re.compile(r'href="(/[^"#?]*)')


def rows_of(section: Section) -> list[Node]:
    """The section and every row that it shows."""
    shown: list[Node] = [section, *section.entries, *section.listed, *section.cites]
    if section.photo:
        shown.append(section.photo)
    for row in section.listed:
        if isinstance(row, OutcomeFigure):
            shown += [*row.parts, *row.studies_cited, *row.context]
    return shown


def _in_the_form(page: Page, site: Site) -> tuple[Notice, ...]:
    return site.notices[models.Notice.Kind.FORM] if page.slug == FORM else ()


def keys_on(page: Page, site: Site) -> set[str]:
    """The keys of every row that the page shows, its frame apart, and of their translations."""
    sections = (row for section in page.sections for row in rows_of(section))
    rows: list[Node] = [page, *sections, *_in_the_form(page, site)]
    translations = {key_of(row.key, row.language) for row in rows if row.language != ENGLISH}
    return {row.key for row in rows} | translations


def places_of(key: str, site: Site) -> Iterator[tuple[Page, str]]:
    """Each page that shows the row, with its address down to the section."""
    for page in site.pages.values():
        if page.key == key or any(row.key == key for row in _in_the_form(page, site)):
            yield page, page.path
            continue
        for section in page.sections:
            if any(row.key == key for row in rows_of(section)):
                yield page, f"{page.path}#{section.slug}"
                break


def is_everywhere(key: str, site: Site) -> bool:
    """Whether the row stands in the frame of the pages or travels with many of them."""
    row = site.rows.get(key)
    if isinstance(row, Notice):
        return row.kind in models.Notice.TRAVELLING
    return isinstance(row, (CrisisLine, NavLink)) or row is site.profile is not None


def naming(key: str, content: Content) -> list[str]:
    """The rows that refer to this one, or link to it when it is a page."""
    path = content.get(key, {}).get("path")
    found = []
    for other, fields in content.items():
        if other == key:
            continue
        texts = [value for value in fields.values() if isinstance(value, str)]
        links = path is not None and any(
            text.split("#")[0] == path or path in _HREF.findall(text) for text in texts
        )
        if links or key in named_by(other, fields):
            found.append(other)
    return found
