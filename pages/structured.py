"""What a page says about itself to machines: JSON-LD in the words of schema.org.

Taken from the page's own rows, and only what the page shows: a machine is never told more than a
reader. A fact that the clinic has not given is left out, not guessed.
"""

from __future__ import annotations

import json
from typing import Any, Final

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from pages.languages import ENGLISH, TAGS, in_language
from pages.nodes import ClinicProfile, Page, Question, Section
from pages.searchable import statement_of, text_of
from pages.site import Site

Thing = dict[str, Any]

# Inside <script> only these could end the block or begin something else.
_ESCAPES: Final = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
# Pages about the drug that are not about being treated with it.
_MEDICAL: Final = {"safety", "thoughts-of-suicide"}
_KINDS: Final = {"contact": "ContactPage"}


def script(site: Site, page: Page) -> SafeString:
    """The data block of a page. Browsers never run it, so no policy needs to allow it."""
    data = {"@context": "https://schema.org", "@graph": graph(site, page)}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    return SafeString(f'<script type="application/ld+json">{text}</script>')


def graph(site: Site, page: Page) -> list[Thing]:
    """The things of a page: the clinic, the site, the page itself, what it is about, where it is."""
    things = [_web_page(site, page), _web_site(site)]
    if site.profile:
        things.append(_clinic(site.profile))
    if _is_about_therapy(page):
        things.append(_therapy(site, page))
    if not _is_home(page):
        things.append(_breadcrumbs(site, page))
    return things


def _address(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def _is_home(page: Page) -> bool:
    return in_language(page.path, ENGLISH) == "/"


def _is_about_therapy(page: Page) -> bool:
    return page.is_treatment or _risks(page) is not None


def _risks(page: Page) -> Section | None:
    return next((section for section in page.sections if section.kind == "risks"), None)


def _clinic(profile: ClinicProfile) -> Thing:
    """What is known of the clinic."""
    clinic: Thing = {
        "@type": "MedicalClinic",
        "@id": _address("/#clinic"),
        "name": profile.name,
        "url": _address("/"),
        "telephone": profile.phone_e164,
        "legalName": profile.legal_name,
        "email": profile.email,
        "address": profile.address,
        "areaServed": profile.states_served,
    }
    return {name: value for name, value in clinic.items() if value}


def _web_site(site: Site) -> Thing:
    thing: Thing = {
        "@type": "WebSite",
        "@id": _address("/#site"),
        "name": site.profile.name if site.profile else settings.CLINIC_NAME,
        "url": _address("/"),
    }
    if site.profile:
        thing["publisher"] = {"@id": _address("/#clinic")}
    return thing


def _web_page(site: Site, page: Page) -> Thing:
    """The page. It is medically reviewed only when somebody signed for it."""
    is_medical = page.is_treatment or page.slug in _MEDICAL
    kinds = ["MedicalWebPage" if is_medical else _KINDS.get(page.slug, "WebPage")]
    thing: Thing = {
        "@type": kinds[0],
        "@id": _address(f"{page.path}#page"),
        "url": _address(page.path),
        "name": page.title,
        "description": page.meta_description,
        "inLanguage": TAGS[page.language],
        "isPartOf": {"@id": _address("/#site")},
    }
    if _is_about_therapy(page):
        thing["about"] = {"@id": _address("/#therapy")}
    if not _is_home(page):
        thing["breadcrumb"] = {"@id": _address(f"{page.path}#breadcrumbs")}
    if page.reviewed_on and page.reviewed_by:
        thing["lastReviewed"] = page.reviewed_on.isoformat()
        thing["reviewedBy"] = {"@type": "Person", "name": page.reviewed_by}
    if questions := _questions(page):
        thing["@type"] = [*kinds, "FAQPage"]
        thing["mainEntity"] = questions
    return thing


def _questions(page: Page) -> list[Thing]:
    """Questions with the answers that stand on the page, without the links that lead on."""
    return [
        {
            "@type": "Question",
            "name": row.question,
            "acceptedAnswer": {"@type": "Answer", "text": statement_of(row.answer)},
        }
        for section in page.sections
        if section.kind == "questions"
        for row in section.listed
        if isinstance(row, Question)
    ]


def _therapy(site: Site, page: Page) -> Thing:
    """Infusions, with their standing and their risks as this page gives them."""
    thing: Thing = {
        "@type": "MedicalTherapy",
        "@id": _address("/#therapy"),
        "name": _("Ketamine infusion therapy"),
        "drug": {"@type": "Drug", "name": _("Ketamine"), "nonProprietaryName": "ketamine"},
    }
    if notices := site.notices["off_label"]:
        thing["legalStatus"] = (
            text_of(notices[0].body)
            if _shows_notice_in_full(page)
            else _("Off-label.") + f" {notices[0].short}"
        )
    if outcomes := _adverse_outcomes(site, page):
        thing["adverseOutcome"] = outcomes
    if reasons := _reasons_against(page):
        thing["contraindication"] = reasons
    return thing


def _shows_notice_in_full(page: Page) -> bool:
    """Whether the off-label notice stands here in full: under a hero, or listed."""
    return any(
        section.kind == "hero" or (section.kind == "notices" and section.lists == "off_label")
        for section in page.sections
    )


def _adverse_outcomes(site: Site, page: Page) -> list[Thing]:
    """The risks: from the table of the page, or from the notice that stands on it."""
    if section := _risks(page):
        return [
            {"@type": "MedicalEntity", "name": f"{entry.heading}: {statement_of(entry.body)}"}
            for entry in section.entries
        ]
    notices = site.notices["safety"]
    items = notices[0].body.split("<li>")[1:] if notices else []
    return [{"@type": "MedicalEntity", "name": statement_of(item)} for item in items]


def _reasons_against(page: Page) -> list[Thing]:
    """Who may be advised against it, from the safety page's list of that name."""
    return [
        {"@type": "MedicalContraindication", "name": text_of(entry.body)}
        for section in page.sections
        if section.slug == "advised-against"
        for entry in section.entries
    ]


def _breadcrumbs(site: Site, page: Page) -> Thing:
    home = in_language("/", site.language)
    start = site.pages[home]
    steps = [(start.title if start else _("Start page"), home), (page.title, page.path)]
    return {
        "@type": "BreadcrumbList",
        "@id": _address(f"{page.path}#breadcrumbs"),
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": name,
                "item": {"@type": "WebPage", "@id": _address(path)},
            }
            for position, (name, path) in enumerate(steps, 1)
        ],
    }
