"""Pictures in templates: icon arrays of one hundred people, drawings by name, short citations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from django import template
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from pages.nodes import Page, Study

register = template.Library()

ROW = 10  # people in a row
WIDTH, HEIGHT = 20, 24  # of one person, in the picture's own units
LONGEST_TITLE = 70  # characters; search results cut off what is longer
KINDS_WITH_PEOPLE = {"figures", "scales"}
# Sections that state benefits, so that off-label and risks stand beside them.
KINDS_WITH_BALLAST = {"figures", "condition", "studies"}

_COUNT = re.compile(r"\d+(?: (?:to|a) \d+)? (?:in|de cada) \d+")
_DRAWING = re.compile(r"[a-z]+(-[a-z]+)*")


class Shared(Protocol):
    """Some of the one hundred people who are drawn alike."""

    people: int
    glyph: str


@register.inclusion_tag("components/people.html")
def people(alt: str, segments: Sequence[Shared]) -> dict[str, object]:
    """One hundred people in rows of ten, as many of each glyph as its segment says.

    It draws exactly the people it is given: counts that do not add up to one
    hundred leave a visible gap or run over the edge, they are never stretched.
    """
    shapes = []
    first = 0
    for segment in segments:
        after = first + segment.people
        if segment.people:
            shapes.append({"glyph": segment.glyph, "outline": outline(first, after)})
        first = after
    return {"alt": alt, "shapes": shapes}


def outline(first: int, after: int) -> str:
    """SVG path data of the boxes of the people from ``first`` to just before ``after``."""
    boxes = []
    person = first
    while person < after:
        row, column = divmod(person, ROW)
        if column == 0 and after - person >= ROW:
            rows = (after - person) // ROW
            boxes.append(f"M0 {row * HEIGHT}h{ROW * WIDTH}v{rows * HEIGHT}H0z")
            person += rows * ROW
        else:
            run = min(ROW - column, after - person)
            boxes.append(f"M{column * WIDTH} {row * HEIGHT}h{run * WIDTH}v{HEIGHT}h-{run * WIDTH}z")
            person += run
    return "".join(boxes)


@register.simple_tag
def people_defs(page: Page) -> SafeString:
    """The shapes that icon arrays refer to, once, on a page that has any."""
    if any(section.kind in KINDS_WITH_PEOPLE for section in page.sections):
        return SafeString(get_template("drawings/people-defs.svg").render())
    return SafeString()


@register.filter
def needs_ballast(kind: str) -> bool:
    """Whether sections of this kind stand beside the off-label notice and the risks."""
    return kind in KINDS_WITH_BALLAST


@register.filter
def shows_risks(page: Page) -> bool:
    """Whether some section already brings the risks onto the page."""
    return any(section.kind in KINDS_WITH_BALLAST | {"scales"} for section in page.sections)


@register.simple_tag
def glyph(kind: str) -> SafeString:
    """One person of an icon array, for its key."""
    return format_html(
        '<svg class="glyph" aria-hidden="true" focusable="false"><use href="#i-{}"/></svg>', kind
    )


@register.simple_tag
def drawing(name: str, alt: str) -> SafeString:
    """The drawing of that name; nothing when an editor named one that does not exist.

    ``alt`` says what it shows; empty where the text beside it says the same.
    """
    if not _DRAWING.fullmatch(name):
        return SafeString()
    try:
        return SafeString(get_template(f"drawings/{name}.svg").render({"alt": alt}))
    except TemplateDoesNotExist:
        return SafeString()


@register.filter
def beside_name(title: str, name: str) -> str:
    """The title of a page with the clinic's name after it, where search results show both."""
    together = f"{title} | {name}"
    return together if len(together) <= LONGEST_TITLE else title


@register.filter
def people_counted(headline: str) -> SafeString:
    """The headline with each count such as ``75 in 100`` in a span, to be set larger."""
    return SafeString(_COUNT.sub(r"<span>\g<0></span>", conditional_escape(headline)))


@register.filter
def cited(study: Study) -> str:
    """A study in short: ``Berman and others 2000``."""
    authors = [name.strip() for name in re.split(r",|;", study.authors) if name.strip()]
    family = re.sub(r"\s+[A-Z]{1,3}$", "", authors[0])
    several = len(authors) > 1 or " and others" in study.authors or "et al" in study.authors
    family = family.replace(" and others", "").replace(" et al.", "").replace(" et al", "")
    if several:
        return _("%(name)s and others %(year)s") % {"name": family, "year": study.year}
    return f"{family} {study.year}"


@register.filter
def cited_among(study: Study, studies: Sequence[Study]) -> str:
    """The same, with the journal where another study of the list would read alike."""
    short = cited(study)
    if any(other is not study and cited(other) == short for other in studies):
        return short.replace(f" {study.year}", f", {study.journal} {study.year}")
    return short
