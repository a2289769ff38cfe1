"""What every page needs, and what must lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages import models, nodes, photos
from pages.languages import in_language
from pages.preflight.registry import Finding, Values, each, hint, overall, texts_of
from pages.site import LISTED_BY_KIND, Site
from pages.telephones import OF_AUTHORITIES, dialled, digits_of, numbers_in

HELP = "/thoughts-of-suicide/"
NEEDED_PATHS = ("/", "/safety/", HELP, "/contact/", "/privacy/", "/accessibility/")
KINDS_ABOUT_TREATMENT = {"hero", "scales", "figures", "condition", "course", "steps", "mechanisms"}
KINDS_WITHOUT_PHOTO = {"hero", "doors", "figures", "callouts"}

_HREF = re.compile(r'href="([^"]*)"')
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
_HEADING = re.compile(r"<h([34])>")
_GOOD_ADDRESS = re.compile(r"(?:/|#|https://|tel:|sms:|mailto:)\S*")


@overall("pages.E010", _("A page about treatment needs the %(kind)s notice."))
@hint(_("Add a ready notice of each of the kinds Off-label and Safety summary."))
def treatment_page_without_safety(site: Site) -> Iterator[Finding]:
    for page in site.pages.values():
        for kind in ("off_label", "safety"):
            if page.is_treatment and not site.notices[kind]:
                yield page.key, {"kind": kind.replace("_", "-")}


@each(
    nodes.Notice,
    "pages.E029",
    _("This notice shows in its short form, under headings or at the foot, and has none."),
)
@hint(_("One or two sentences, without the markup of the full text."))
def notice_without_short_form(notice: nodes.Notice) -> bool:
    return notice.kind in models.Notice.SHOWN_SHORT and not notice.short.strip()


@each(nodes.Page, "pages.E011", _("This page speaks of treatment and is not marked as such."))
@hint(_("Tick “about treatment” on it: then the off-label notice shows."))
def treatment_page_not_marked(page: nodes.Page) -> bool:
    return not page.is_treatment and any(s.kind in KINDS_ABOUT_TREATMENT for s in page.sections)


@overall("pages.E012", _("The bar on every page does not offer %(way)s."))
@hint(_("Add the crisis line and tick “in the bar on every page”."))
def crisis_line_missing(site: Site) -> Iterator[Finding]:
    shown = {line.href for line in site.banner_lines}
    for href in ("tel:988", "sms:988", "tel:911"):
        if href not in shown:
            yield "", {"way": href}


@overall("pages.E013", _("The page for people with thoughts of suicide leads to no help."))
@hint(_("Add a section of the kind “ways to reach help”."))
def crisis_page_without_doors(site: Site) -> Iterator[Finding]:
    page = site.pages[in_language(HELP, site.language)]
    if page and not any(section.kind == "doors" and section.listed for section in page.sections):
        yield page.key, {}


@overall("pages.E014", _("The link to “%(address)s” leads nowhere."))
@hint(_("Write an address of this site as /safety/, another as https://..."))
def link_leads_nowhere(site: Site) -> Iterator[Finding]:
    for key, address, path in _links(site):
        if not _GOOD_ADDRESS.fullmatch(address) or (
            path.startswith("/") and path not in site.pages and path not in site.redirects
        ):
            yield key, {"address": address}


@each(nodes.Section, "pages.E027", _("Sections of this kind show no photo."))
@hint(_("Choose another kind of section, or none of the photo."))
def section_without_place_for_a_photo(section: nodes.Section) -> bool:
    return bool(section.photo) and section.kind in KINDS_WITHOUT_PHOTO


@each(nodes.Photo, "pages.E028", _("The files of this photo are not on this machine."))
@hint(_("Upload it again; or copy the folder of photos from the other site."))
def photo_without_files(photo: nodes.Photo) -> bool:
    return not (photos.folder() / photo.address.rpartition("/")[2]).exists()


@overall("pages.W020", _("The link to “%(address)s” is old: its page is at %(target)s now."))
@hint(_("Link to the new address."))
def link_goes_a_long_way(site: Site) -> Iterator[Finding]:
    for key, address, path in _links(site):
        if target := site.redirects[path]:
            yield key, {"address": address, "target": target}


@overall("pages.E026", _("%(from_path)s leads to %(to_path)s, and no page is there."))
@hint(_("Send its readers to a page that is there, or delete the redirect."))
def redirect_leads_nowhere(site: Site) -> Iterator[Finding]:
    for row in site.all(nodes.Redirect):
        if row.from_path not in site.pages and row.from_path not in site.redirects:
            yield row.key, {"from_path": row.from_path, "to_path": row.to_path}


@overall("pages.W021", _("There is a page at %(from_path)s, so nobody is sent away from there."))
@hint(_("Delete the redirect, or move the page."))
def redirect_from_a_page(site: Site) -> Iterator[Finding]:
    for row in site.all(nodes.Redirect):
        if row.from_path in site.pages:
            yield row.key, {"from_path": row.from_path}


@overall("pages.W009", _("The link to “%(address)s” finds the page, but not the place on it."))
@hint(_("Link to the short name of a section on that page."))
def link_misses_its_place(site: Site) -> Iterator[Finding]:
    for key, address, path in _links(site):
        place = address.partition("#")[2]
        page = site.pages[path]
        if place and page and place not in _places_on(page):
            yield key, {"address": address}


@each(nodes.Study, "pages.E015", _("“%(doi)s” is not a DOI."))
@hint(_("A DOI begins with 10. and a number, such as 10.1001/jama.2025.1."))
def malformed_doi(study: nodes.Study) -> bool:
    return bool(study.doi) and not _DOI.fullmatch(study.doi)


@each(nodes.Page, "pages.E016", _("This page has no title or no description for search results."))
@hint(_("Search results and browser tabs show them."))
def page_without_description(page: nodes.Page) -> bool:
    return not page.meta_description.strip() or not page.meta_title.strip()


@overall("pages.E017", _("Another page also has the address %(path)s."))
@hint(_("Give each page an address of its own."))
def two_pages_at_one_address(site: Site) -> Iterator[Finding]:
    count = Counter(page.path for page in site.all(nodes.Page))
    for page in site.all(nodes.Page):
        if count[page.path] > 1:
            yield page.key, {"path": page.path}


@each(nodes.Node, "pages.E018", _("There is no drawing called “%(drawing)s”."))
@hint(_("The drawings are the files of templates/drawings/, without .svg."))
def unknown_drawing(row: nodes.Node) -> bool:
    drawing = row.drawing if isinstance(row, (nodes.Mechanism, nodes.SectionItem)) else ""
    return bool(drawing) and not _template_exists(f"drawings/{drawing}.svg")


@each(nodes.Section, "pages.E019", _("This section is empty."))
@hint(_("Write its text or its entries, or mark it as not ready."))
def empty_section(section: nodes.Section) -> bool:
    return not (section.body or section.entries or section.listed or section.kind == "hero")


@each(nodes.Section, "pages.E020", _("This section lists “%(lists)s”, and there is none."))
@hint(_("Check “which ones it lists”, and that one of them is ready."))
def section_lists_nothing(section: nodes.Section) -> bool:
    return section.kind in LISTED_BY_KIND and not section.listed


@overall("pages.E021", _("There is no page at %(path)s."))
@hint(_("The frame of every page links there."))
def needed_page_missing(site: Site) -> Iterator[Finding]:
    for path in [in_language(needed, site.language) for needed in NEEDED_PATHS]:
        if path not in site.pages:
            yield "", {"path": path}


@overall("pages.E022", "%(wrong)s")
@hint(_("Check the number against the telephone's keypad."))
def phone_numbers_disagree(site: Site) -> Iterator[Finding]:
    profile = site.profile
    if profile is None:
        yield "", {"wrong": gettext("The clinic profile is missing.")}
        return
    numbers = {digits_of(number) for number in (profile.phone_word, profile.phone_digits)}
    if {f"+1{number}" for number in numbers} != {profile.phone_e164}:
        wrong = gettext("The word, the digits and the dialled number are not the same number.")
        yield profile.key, {"wrong": wrong}


@overall("pages.W015", _("“%(number)s” is neither the clinic's number nor a line for help."))
@hint(_("If the clinic's number has changed, write the new one. Else check this one."))
def number_of_nobody(site: Site) -> Iterator[Finding]:
    lines = " ".join(line.href for line in site.all(nodes.CrisisLine))
    known = {dialled(number) for number in numbers_in(lines)} | OF_AUTHORITIES
    known |= {site.profile.phone_e164} if site.profile else set()
    for row in site.all(nodes.Node):
        texts = () if isinstance(row, nodes.Study) else texts_of(row).values()
        found = {dialled(number): number for number in numbers_in(" ".join(texts))}
        for number in sorted(found.keys() - known):
            yield row.key, {"number": found[number]}


@each(nodes.Page, "pages.E023", _("There is nothing on this page."))
@hint(_("Add a section, or mark the page as not ready."))
def page_without_sections(page: nodes.Page) -> bool:
    return not page.sections and page.slug != "contact"


@each(nodes.Section, "pages.E024", _("Nothing draws sections of the kind “%(kind_label)s”."))
@hint(_("Choose another kind, or have its template written."))
def kind_without_template(section: nodes.Section) -> bool:
    return not _template_exists(section.template)


@overall("pages.W010", _("Another page has the title “%(meta_title)s” too."))
@hint(_("Give each page a title that tells it from the others."))
def two_pages_with_one_title(site: Site) -> Iterator[Finding]:
    count = Counter(page.meta_title.casefold() for page in site.pages.values())
    for page in site.pages.values():
        if count[page.meta_title.casefold()] > 1:
            yield page.key, {"meta_title": page.meta_title}


@each(nodes.Node, "pages.W011", _("A small heading comes before any larger one."))
@hint(_("Put a heading of level 3 before the first one of level 4."))
def heading_order(row: nodes.Node) -> Iterator[Values]:
    for text in texts_of(row).values():
        if _HEADING.findall(text)[:1] == ["4"]:
            yield {}


@each(nodes.Page, "pages.W012", _("The description for search results has %(length)s characters."))
@hint(_("Between 50 and 160 characters show in full."))
def description_length(page: nodes.Page) -> Iterator[Values]:
    length = len(page.meta_description)
    if length and not 50 <= length <= 160:
        yield {"length": length}


def _links(site: Site) -> Iterator[tuple[str, str, str]]:
    """For every link in the content the key of its row, its address, and the path of that."""
    links = [
        *((row.key, href) for row in site.rows.values() for href in _hrefs_in(row)),
        *((link.key, link.target) for link in site.all(nodes.NavLink)),
        *(
            (section.key, section.link_path)
            for section in site.all(nodes.Section)
            if section.link_path
        ),
    ]
    for key, address in links:
        yield key, address, re.split(r"[#?]", address)[0]


def _hrefs_in(row: nodes.Node) -> list[str]:
    return [href for text in texts_of(row).values() for href in _HREF.findall(text)]


def _places_on(page: nodes.Page) -> set[str]:
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
