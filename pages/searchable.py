"""What the search reads: one document for each page, section, question and study of a site."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from pages.nodes import (
    CrisisLine,
    Mechanism,
    Node,
    Notice,
    OutcomeFigure,
    Page,
    Question,
    Section,
    Study,
    TreatmentStep,
)
from pages.site import Site

Kind = Literal["page", "section", "question", "study"]

_BLOCK: Final = re.compile(r"</?(?:p|br|ul|ol|li|h3|h4|blockquote)\b[^>]*>")
# A link that stands by itself or after a full stop leads on to another page; it states nothing.
_ONWARD: Final = re.compile(
    r'(?:(?<=<p>)|(?<=<li>)|(?<=[.?!] )|(?<=[.?!]</strong> ))<a href="/[^>]*>.*?</a>', re.DOTALL
)
_TAG: Final = re.compile(r"<[^>]*>")
_SPACE: Final = re.compile(r"[\s\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Document:
    """One thing that a search can find. ``place`` says where it stands, in a few words;
    ``more`` is searched but not shown."""

    kind: Kind
    address: str
    title: str
    place: str
    text: str
    more: str = ""
    direction: str = ""  # of a study: what it found, in the words of the site
    is_crisis: bool = False


def text_of(rich: str) -> str:
    """The words of sanitised rich text, in one line."""
    return _SPACE.sub(" ", html.unescape(_TAG.sub("", _BLOCK.sub(" ", rich)))).strip()


def statement_of(rich: str) -> str:
    """The same without links that only lead on."""
    return text_of(_ONWARD.sub("", rich))


def documents_of(site: Site) -> Iterator[Document]:
    """Every document, in the order of the site; it decides between equally good results."""
    for page in site.pages.values():
        opening = [section for section in page.sections if section.kind == "hero"]
        yield Document(
            "page",
            page.path,
            page.title,
            "",
            _joined(page.lead, *(section.body for section in opening)),
            more=page.meta_description,
            is_crisis=page.is_calm,
        )
        for section in page.sections:
            if section.kind != "hero":
                yield from _documents_in(page, section)


def _documents_in(page: Page, section: Section) -> Iterator[Document]:
    parts = [section.aside, section.body]
    for entry in section.entries:
        parts += [entry.heading, entry.body]
    for row in section.listed:
        if isinstance(row, Question):
            if section.kind == "questions":
                yield _question(page, row)
        elif isinstance(row, Study):
            yield _study(page, row)
        elif section.kind == "mechanism_teaser" and isinstance(row, Mechanism):
            parts += [row.heading, row.summary]
        else:
            parts += _parts_of(row)
    if text := _joined(*parts):
        address = f"{page.path}#{section.slug}"
        yield Document("section", address, section.heading, page.title, text)


def _question(page: Page, row: Question) -> Document:
    # The answer has an id of its own: browsers open the question around it.
    address = f"{page.path}#{row.slug}-answer"
    return Document("question", address, row.question, page.title, statement_of(row.answer))


def _study(page: Page, row: Study) -> Document:
    return Document(
        "study",
        f"{page.path}#study-{row.slug}",
        row.title,
        f"{row.journal} {row.year}",
        row.finding,
        more=_joined(row.design, row.authors, row.group_label),
        direction=row.direction_label,
    )


def _parts_of(row: Node) -> list[str]:
    """What a listed row says on the page."""
    match row:
        case Mechanism():
            return [row.heading, row.term, row.body, row.animals_text, row.people_text]
        case TreatmentStep():
            return [row.heading, row.body]
        case Notice():
            return [row.heading, row.body]
        case OutcomeFigure():
            return [row.headline, row.body, row.caveat, row.population, row.condition]
        case CrisisLine():
            return [row.label, row.detail]
    return []


def _joined(*parts: str) -> str:
    """The parts as running text: one that ends without a stop gets one."""
    texts = [text for part in parts if (text := statement_of(part))]
    return " ".join(text if text[-1] in ".?!:;" else f"{text}." for text in texts)
