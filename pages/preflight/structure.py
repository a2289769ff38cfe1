"""What every page needs, and what must lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from pages import photos
from pages.languages import in_language
from pages.nodes import Mechanism, NavLink, Page, Photo, Redirect, Section, SectionItem, Study
from pages.preflight.registry import Finding, error, texts_of, warning
from pages.site import Site

NEEDED_PATHS = (
    "/",
    "/safety/",
    "/thoughts-of-suicide/",
    "/contact/",
    "/privacy/",
    "/accessibility/",
)
KINDS_ABOUT_TREATMENT = {"hero", "scales", "figures", "condition", "course", "steps", "mechanisms"}
KINDS_WITHOUT_PHOTO = {"hero", "doors", "figures", "callouts"}
KINDS_THAT_LIST = {
    "mechanism_teaser",
    "mechanisms",
    "scales",
    "course",
    "steps",
    "figures",
    "studies",
    "questions",
    "home_questions",
    "doors",
    "notices",
}
KEYPAD = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999", strict=True))

_HREF = re.compile(r'href="([^"]*)"')
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
_HEADING = re.compile(r"<h([34])>")
_GOOD_ADDRESS = re.compile(r"(?:/|#|https://|tel:|sms:|mailto:)\S*")


@error("pages.E010", hint="Add a ready notice of each of the kinds Off-label and Safety summary.")
def treatment_page_without_safety(site: Site) -> Iterator[Finding]:
    for page in site.pages.values():
        for kind in ("off_label", "safety"):
            if page.is_treatment and not site.notices[kind]:
                yield page.key, f"A page about treatment needs the {kind.replace('_', '-')} notice."


@error("pages.E011", hint="Tick “about treatment” on the page: then the off-label notice shows.")
def treatment_page_not_marked(site: Site) -> Iterator[Finding]:
    for page in site.pages.values():
        if not page.is_treatment and any(s.kind in KINDS_ABOUT_TREATMENT for s in page.sections):
            yield page.key, "This page speaks of treatment and is not marked as such."


@error("pages.E012", hint="Add the crisis line and tick “in the bar on every page”.")
def crisis_line_missing(site: Site) -> Iterator[Finding]:
    shown = {line.href for line in site.banner_lines}
    for href in ("tel:988", "sms:988", "tel:911"):
        if href not in shown:
            yield "", f"The bar on every page does not offer {href}."


@error("pages.E013", hint="Add a section of the kind “ways to reach help”.")
def crisis_page_without_doors(site: Site) -> Iterator[Finding]:
    page = site.pages[in_language("/thoughts-of-suicide/", site.language)]
    if page and not any(section.kind == "doors" and section.listed for section in page.sections):
        yield page.key, "The page for people with thoughts of suicide leads to no help."


@error("pages.E014", hint="Write an address of this site as /safety/, another as https://...")
def link_leads_nowhere(site: Site) -> Iterator[Finding]:
    for key, address in _links(site):
        path = re.split(r"[#?]", address)[0]
        if not _GOOD_ADDRESS.fullmatch(address) or (
            path.startswith("/") and path not in site.pages and path not in site.redirects
        ):
            yield key, f"The link to “{address}” leads nowhere."


@error("pages.E027", hint="Choose another kind of section, or none of the photo.")
def section_without_place_for_a_photo(site: Site) -> Iterator[Finding]:
    for section in site.all(Section):
        if section.photo and section.kind in KINDS_WITHOUT_PHOTO:
            yield section.key, "Sections of this kind show no photo."


@error("pages.E028", hint="Upload it again; or copy the folder of photos from the other site.")
def photo_without_files(site: Site) -> Iterator[Finding]:
    for photo in site.all(Photo):
        if not (photos.folder() / photo.address.rpartition("/")[2]).exists():
            yield photo.key, "The files of this photo are not on this machine."


@warning("pages.W020", hint="Link to the new address.")
def link_goes_a_long_way(site: Site) -> Iterator[Finding]:
    for key, address in _links(site):
        if target := site.redirects[re.split(r"[#?]", address)[0]]:
            yield key, f"The link to “{address}” is old: its page is at {target} now."


@error("pages.E026", hint="Send its readers to a page that is there, or delete the redirect.")
def redirect_leads_nowhere(site: Site) -> Iterator[Finding]:
    for row in site.all(Redirect):
        if row.from_path not in site.pages and row.from_path not in site.redirects:
            yield (
                row.key,
                f"Readers of {row.from_path} are sent to {row.to_path}: no page is there.",
            )


@warning("pages.W021", hint="Delete the redirect, or move the page.")
def redirect_from_a_page(site: Site) -> Iterator[Finding]:
    for row in site.all(Redirect):
        if row.from_path in site.pages:
            yield row.key, f"There is a page at {row.from_path}, so nobody is sent away from there."


@warning("pages.W009", hint="Link to the short name of a section on that page.")
def link_misses_its_place(site: Site) -> Iterator[Finding]:
    for key, address in _links(site):
        path, _, place = address.partition("#")
        page = site.pages[path]
        if place and page and place not in _places_on(page):
            yield key, f"The link to “{address}” finds the page, but not the place on it."


@error("pages.E015", hint="A DOI begins with 10. and a number, such as 10.1001/jama.2025.1.")
def malformed_doi(site: Site) -> Iterator[Finding]:
    for study in site.all(Study):
        if study.doi and not _DOI.fullmatch(study.doi):
            yield study.key, f"“{study.doi}” is not a DOI."


@error("pages.E016", hint="Search results and browser tabs show them.")
def page_without_description(site: Site) -> Iterator[Finding]:
    for page in site.pages.values():
        if not page.meta_description.strip() or not page.meta_title.strip():
            yield page.key, "This page has no title or no description for search results."


@error("pages.E017", hint="Give each page an address of its own.")
def two_pages_at_one_address(site: Site) -> Iterator[Finding]:
    count = Counter(page.path for page in site.all(Page))
    for page in site.all(Page):
        if count[page.path] > 1:
            yield page.key, f"Another page also has the address {page.path}."


@error("pages.E018", hint="The drawings are the files of templates/drawings/, without .svg.")
def unknown_drawing(site: Site) -> Iterator[Finding]:
    drawn: tuple[Mechanism | SectionItem, ...] = (*site.all(Mechanism), *site.all(SectionItem))
    for row in drawn:
        if row.drawing and not _template_exists(f"drawings/{row.drawing}.svg"):
            yield row.key, f"There is no drawing called “{row.drawing}”."


@error("pages.E019", hint="Write its text or its entries, or mark it as not ready.")
def empty_section(site: Site) -> Iterator[Finding]:
    for section in site.all(Section):
        if not (section.body or section.entries or section.listed or section.kind == "hero"):
            yield section.key, "This section is empty."


@error("pages.E020", hint="Check “which ones it lists”, and that one of them is ready.")
def section_lists_nothing(site: Site) -> Iterator[Finding]:
    for section in site.all(Section):
        if section.kind in KINDS_THAT_LIST and not section.listed:
            yield section.key, f"This section lists “{section.lists}”, and there is none."


@error("pages.E021", hint="The frame of every page links there.")
def needed_page_missing(site: Site) -> Iterator[Finding]:
    for needed in NEEDED_PATHS:
        path = in_language(needed, site.language)
        if path not in site.pages:
            yield "", f"There is no page at {path}."


@error("pages.E022", hint="Check the number against the telephone's keypad.")
def phone_numbers_disagree(site: Site) -> Iterator[Finding]:
    profile = site.profile
    if profile is None:
        yield "", "The clinic profile is missing."
        return
    keyed = "".join(KEYPAD.get(letter, letter) for letter in profile.phone_word.upper())
    numbers = {re.sub(r"\D", "", number) for number in (keyed, profile.phone_digits)}
    if {f"+1{number}" for number in numbers} != {profile.phone_e164}:
        yield profile.key, "The word, the digits and the dialled number are not the same number."


@error("pages.E023", hint="Add a section, or mark the page as not ready.")
def page_without_sections(site: Site) -> Iterator[Finding]:
    for page in site.pages.values():
        if not page.sections and page.slug != "contact":
            yield page.key, "There is nothing on this page."


@error("pages.E024", hint="Choose another kind, or have its template written.")
def kind_without_template(site: Site) -> Iterator[Finding]:
    for section in site.all(Section):
        if not _template_exists(section.template):
            yield section.key, f"Nothing draws sections of the kind “{section.kind_label}”."


@warning("pages.W010", hint="Give each page a title that tells it from the others.")
def two_pages_with_one_title(site: Site) -> Iterator[Finding]:
    count = Counter(page.meta_title.casefold() for page in site.pages.values())
    for page in site.pages.values():
        if count[page.meta_title.casefold()] > 1:
            yield page.key, f"Another page has the title “{page.meta_title}” too."


@warning("pages.W011", hint="Put a heading of level 3 before the first one of level 4.")
def heading_order(site: Site) -> Iterator[Finding]:
    for row in site.rows.values():
        for _, text in texts_of(row):
            levels = _HEADING.findall(text)
            if levels and levels[0] == "4":
                yield row.key, "A small heading comes before any larger one."


@warning("pages.W012", hint="Between 50 and 160 characters show in full.")
def description_length(site: Site) -> Iterator[Finding]:
    for page in site.pages.values():
        length = len(page.meta_description)
        if length and not 50 <= length <= 160:
            yield page.key, f"The description for search results has {length} characters."


def _links(site: Site) -> Iterator[Finding]:
    """Every address that the content links to, with the key of the row that does."""
    for row in site.rows.values():
        for _, text in texts_of(row):
            for address in _HREF.findall(text):
                yield row.key, address
    for link in site.all(NavLink):
        yield link.key, link.target
    for section in site.all(Section):
        if section.link_path:
            yield section.key, section.link_path


def _places_on(page: Page) -> set[str]:
    places = {section.slug for section in page.sections}
    for section in page.sections:
        places |= {row.slug for row in section.listed}
        places |= {f"study-{row.slug}" for row in section.listed}
    return places


def _template_exists(name: str) -> bool:
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return False
    return True
