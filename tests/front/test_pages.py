"""What a page makes of a release: each claim beside its source, its limits and the risks."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from pages.models import Section
from pages.nodes import Page
from pages.site import Site, build_site

CLINIC = {
    "clinic_name": settings.CLINIC_NAME,
    "phone_word": settings.CLINIC_PHONE_WORD,
    "phone_digits": settings.CLINIC_PHONE_DIGITS,
    "phone_e164": settings.CLINIC_PHONE_E164,
}


def make_site(*sections: dict[str, Any], **page: Any) -> Site:
    """A site of one page with these sections, and one row of every kind they can list."""
    content: dict[str, dict[str, Any]] = {
        "clinicprofile:clinic": {
            "name": "The Clinic",
            "phone_word": "866-951-HEAL",
            "phone_digits": "866-951-4325",
            "phone_e164": "+18669514325",
        },
        "crisisline:chat": {
            "label": "Chat",
            "href": "https://988lifeline.org/",
            "detail": "online",
            "is_in_banner": True,
            "is_door": True,
        },
        "crisisline:spanish": {"label": "Llame", "href": "tel:988", "lang": "es"},
        "notice:off": {
            "kind": "off_label",
            "heading": "Off-label",
            "short": "Not approved.",
            "body": "<p>Not approved for this.</p>",
        },
        "notice:risks": {
            "kind": "safety",
            "heading": "Risks",
            "body": "<ul><li><strong>Common:</strong> nausea</li></ul>",
        },
        "study:trial": study("Trial A, and others", direction="negative", doi="10.1000/trial"),
        "outcomefigure:ours": figure(
            "75 in 100 felt better", origin="clinic_reported", low="75", caveat="Our own count."
        ),
        "outcomefigure:theirs": figure(
            "47 in 100 responded", low="47", comparator_percent="33", study="study:trial"
        ),
        "mechanism:glutamate": {
            "heading": "Glutamate",
            "summary": "A shift",
            "drawing": "glutamate",
            "drawing_alt": "A gap",
            "legend": "One\nTwo",
            "animals_text": "Known",
            "people_text": "Unclear",
        },
        "treatmentstep:call": {"heading": "You call", "body": "<p>We answer.</p>"},
        "question:drive": {
            "question": "Can I drive?",
            "answer": "<p>No.</p>",
            "topic": "safety",
            "is_on_home": True,
        },
        "page:it": {
            "path": "/it/",
            "title": "It",
            "meta_title": "It, told",
            "meta_description": "About it",
            "lead": "So.",
            **page,
        },
    }
    for position, section in enumerate(sections):
        slug = section.setdefault("slug", f"part-{position}")
        content[f"section:{slug}"] = {
            "page": "page:it",
            "heading": "Part",
            "position": position,
            **section,
        }
        content[f"sectionitem:{slug}-item"] = {
            "section": f"section:{slug}",
            "heading": "Item",
            "body": "<p>Text</p>",
            "drawing": "brain",
            "status": "stop",
        }
    for key, fields in content.items():
        fields.setdefault("slug", key.partition(":")[2])
    return build_site(1, content)


def study(authors: str, **fields: Any) -> dict[str, Any]:
    return {
        "authors": authors,
        "title": "A trial",
        "journal": "J Trials",
        "year": 2025,
        "group": "depression",
        "design": "randomized",
        "n": 62,
        "finding": "No better.",
        **fields,
    }


def figure(headline: str, **fields: Any) -> dict[str, Any]:
    return {
        "headline": headline,
        "group": "mood",
        "origin": "published",
        "origin_note": "Where from",
        "no_denominator_reason": "Not given.",
        "comparator": "midazolam",
        "measure": "A scale",
        "time_point": "Day 1",
        "population": "Adults",
        "condition": "Depression",
        "provenance": "Who says so.",
        **fields,
    }


def page_of(site: Site) -> str:
    page: Page = site.page["it"]
    return render_to_string("pages/page.html", {**CLINIC, "site": site, "page": page})


@pytest.mark.parametrize("kind", Section.Kind.values)
def test_a_section_of_every_kind_comes_out(kind: str) -> None:
    lists = {
        "figures": "mood",
        "studies": "depression",
        "steps": "course",
        "questions": "safety",
        "notices": "safety",
        "scales": "theirs",
    }
    site = make_site(
        {
            "kind": kind,
            "lists": lists.get(kind, ""),
            "heading": "Its heading",
            "body": "<p>Its text</p>",
        }
    )

    html = page_of(site)

    assert 'id="part-0"' in html or "<h1>It</h1>" in html
    assert html.count("<h1") == 1
    assert html.count("<main") == 1
    assert 'href="tel:988"' in html
    assert 'href="tel:911"' in html
    assert "866-951-HEAL" in html


@pytest.mark.parametrize(
    ("kind", "lists"), [("figures", "mood"), ("studies", "depression"), ("condition", "")]
)
def test_off_label_and_risks_stand_beside_what_states_a_benefit(kind: str, lists: str) -> None:
    html = page_of(make_site({"kind": kind, "lists": lists}, is_treatment=True))

    beside = html.partition('class="ballast"')[2].partition("</aside>")[0]
    assert "Not approved." in beside
    assert "nausea" in beside
    assert html.index('class="ballast"') < html.index('class="matters"')


def test_a_page_about_treatment_without_figures_ends_with_the_risks() -> None:
    treatment = page_of(make_site({"kind": "prose"}, is_treatment=True))
    other = page_of(make_site({"kind": "prose"}, is_treatment=False))

    assert "The risks, in short" in treatment
    assert "Not approved." in treatment.partition("</h1>")[2][:600]
    assert "The risks, in short" not in other


def test_a_clinic_reported_figure_is_framed_and_drawn_apart_from_a_published_one() -> None:
    html = page_of(make_site({"kind": "figures", "lists": "mood"}))

    ours, theirs = (
        html.partition(f'id="{slug}" aria')[2].partition("</article>")[0]
        for slug in ("ours", "theirs")
    )
    assert '<article class="outcome ours" id="ours"' in html
    assert '<article class="outcome" id="theirs"' in html
    assert "url(#p-said)" in ours
    assert "url(#p-on)" not in ours
    assert "Our own count." in ours
    assert "url(#p-said)" not in theirs
    assert theirs.count('class="people"') == 2
    assert all("An off-label use" in card and "Who says so." in card for card in (ours, theirs))
    assert html.count('id="p-on"') == 1


def test_a_study_says_what_it_found_how_and_where() -> None:
    html = page_of(make_site({"kind": "studies", "lists": "depression"}))

    assert '<p class="direction negative">Found no benefit</p>' in html
    assert "Randomized" in html
    assert "62 people" in html
    assert 'href="https://doi.org/10.1000/trial"' in html
    assert 'id="study-trial"' in html


def test_small_print_leads_to_the_study_it_names() -> None:
    html = page_of(make_site({"kind": "prose", "cites": ["study:trial"]}))

    assert '<a href="/research/#study-trial">Trial and others 2025</a>' in html


def test_crisis_lines_come_from_the_site_and_keep_their_language() -> None:
    html = page_of(make_site({"kind": "doors"}))

    assert "Chat<span" in html.partition("</aside>")[0]
    assert '<li lang="es"><a href="tel:988">Llame</a>' in html


def test_a_page_without_a_site_still_shows_the_crisis_lines_and_the_phone() -> None:
    html = render_to_string("base.html", CLINIC)

    assert 'href="sms:988"' in html
    assert settings.CLINIC_PHONE_WORD in html


def test_a_title_too_long_for_search_results_leaves_the_name_of_the_clinic_out() -> None:
    short = page_of(make_site({"kind": "prose"}, meta_title="It"))
    long = page_of(make_site({"kind": "prose"}, meta_title="It, and all there is to say of it" * 2))

    assert "<title>It | The Clinic</title>" in short
    assert f"<title>{'It, and all there is to say of it' * 2}</title>" in long


def test_nobody_is_named_as_reviewer_until_somebody_was() -> None:
    unreviewed = page_of(make_site({"kind": "prose"}))
    reviewed = page_of(
        make_site({"kind": "prose"}, reviewed_on="2026-11-20", reviewed_by="Dr A, medical director")
    )

    assert "reviewed by" not in unreviewed
    assert "Medically reviewed by Dr A, medical director on November 20, 2026." in reviewed
