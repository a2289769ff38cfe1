"""Small rows for tests. Each maker takes changes by keyword."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pages.models import (
    ClinicProfile,
    CrisisLine,
    FigurePart,
    NavLink,
    Notice,
    OutcomeFigure,
    Page,
    Question,
    Section,
    SectionItem,
    Study,
    TreatmentStep,
)
from pages.preflight.structure import NEEDED_PATHS


def make_page(**changes: Any) -> Page:
    slug = changes.get("slug", "faq")
    values: dict[str, Any] = {
        "slug": slug,
        "path": f"/{slug}/",
        "title": slug.capitalize(),
        "meta_title": f"{slug.capitalize()} of the clinic",
        "meta_description": f"What the page called {slug} tells its readers, in plain words.",
    }
    return Page.objects.create(**values | changes)


def make_section(page: Page, **changes: Any) -> Section:
    values: dict[str, Any] = {
        "slug": f"{page.slug}-text",
        "page": page,
        "heading": "What we know",
        "body": "<p>Some people feel better. Some do not.</p>",
    }
    return Section.objects.create(**values | changes)


def make_item(section: Section, **changes: Any) -> SectionItem:
    values: dict[str, Any] = {
        "slug": f"{section.slug}-entry",
        "section": section,
        "heading": "An entry",
        "body": "<p>Words.</p>",
    }
    return SectionItem.objects.create(**values | changes)


def make_question(**changes: Any) -> Question:
    values: dict[str, Any] = {
        "slug": "driving-home",
        "question": "Can I drive home?",
        "answer": "<p>No. Ask an adult to take you.</p>",
        "topic": "practical",
    }
    return Question.objects.create(**values | changes)


def make_study(**changes: Any) -> Study:
    values: dict[str, Any] = {
        "slug": "berman-2000",
        "authors": "Berman RM, Cappiello A",
        "title": "Antidepressant effects of ketamine",
        "journal": "Biol Psychiatry",
        "year": 2000,
        "doi": "10.1016/S0006-3223(99)00230-9",
        "group": "depression",
        "design": "randomized, crossover",
        "n": 7,
        "direction": "positive",
        "finding": "Seven people improved within three days.",
        "cite_verified": "text",
    }
    return Study.objects.create(**values | changes)


def make_figure(study: Study | None = None, **changes: Any) -> OutcomeFigure:
    values: dict[str, Any] = {
        "slug": "trial-response",
        "group": "mood",
        "origin": "published",
        "origin_note": "Published, controlled trial",
        "headline": "47 in 100 on ketamine responded",
        "low": Decimal("46.9"),
        "denominator": 32,
        "comparator": "Midazolam, a sedative",
        "measure": "half the score or less",
        "time_point": "end of the course",
        "population": "people in hospital",
        "condition": "depression",
        "study": study,
        "provenance": "Jelovac and others 2025.",
    }
    return OutcomeFigure.objects.create(**values | changes)


def make_part(figure: OutcomeFigure, **changes: Any) -> FigurePart:
    values: dict[str, Any] = {
        "slug": f"{figure.slug}-responded",
        "figure": figure,
        "people": 47,
        "label": "responded",
        "glyph": "on",
    }
    return FigurePart.objects.create(**values | changes)


def make_step(**changes: Any) -> TreatmentStep:
    values: dict[str, Any] = {
        "slug": "first-call",
        "heading": "A call",
        "body": "<p>We talk.</p>",
        "phase": "course",
    }
    return TreatmentStep.objects.create(**values | changes)


def make_profile(**changes: Any) -> ClinicProfile:
    values: dict[str, Any] = {
        "slug": "clinic",
        "name": "Ketamine Infusion Clinic",
        "phone_word": "866-951-HEAL",
        "phone_digits": "866-951-4325",
        "phone_e164": "+18669514325",
    }
    return ClinicProfile.objects.create(**values | changes)


def make_site() -> None:
    """The rows of the smallest site that passes preflight."""
    make_profile()
    for place, href in enumerate(("tel:988", "sms:988", "tel:911")):
        CrisisLine.objects.create(
            slug=f"line-{place}",
            label=href,
            href=href,
            position=place,
            is_in_banner=True,
            is_door=True,
            is_immediate_danger=href == "tel:911",
        )
    for kind in ("off_label", "safety"):
        Notice.objects.create(
            slug=kind.replace("_", "-"),
            kind=kind,
            heading=kind,
            short="Say so.",
            body="<p>Risks.</p>",
        )
    NavLink.objects.create(slug="to-safety", area="header", label="Safety", target="/safety/")
    for path in NEEDED_PATHS:
        slug = path.strip("/") or "home"
        page = make_page(slug=slug, path=path)
        kind = "doors" if slug == "thoughts-of-suicide" else "prose"
        make_section(page, kind=kind)
