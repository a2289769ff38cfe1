"""Invented rows for the gallery of components: every state that a template can be given.

Nothing here is a fact, and nothing of it is ever published.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

from pages.models import OutcomeFigure, Section, SectionItem, Study
from pages.site import Site, build_site

LISTS = {
    "figures": "mood",
    "studies": "depression",
    "steps": "visit",
    "questions": "safety",
    "notices": "legal",
    "scales": "shares",
}


@functools.cache
def sample() -> Site:
    """A site of samples: one page for each kind of section, and rows for them to list."""
    content = {**_clinic(), **_evidence(), **_figures(), **_pages()}
    for position, (key, fields) in enumerate(content.items()):
        fields.setdefault("slug", key.partition(":")[2])
        fields.setdefault("position", position)
    return build_site(0, content, today=dt.date(2026, 1, 1))


def _clinic() -> dict[str, dict[str, Any]]:
    return {
        "clinicprofile:clinic": {
            "name": "The clinic's name",
            "tagline": "A line of its own.",
            "phone_word": "866-951-HEAL",
            "phone_digits": "866-951-4325",
            "phone_e164": "+18669514325",
            "address": "12 Sample Street\nSampletown",
            "opening_hours": "Monday to Friday, 8 am to 6 pm",
        },
        "crisisline:call": _line("Call 988", "tel:988", "Day or night", is_door=True),
        "crisisline:text": _line("Text 988", "sms:988", "If speaking is too much", is_door=True),
        "crisisline:chat": _line("Chat", "https://988lifeline.org/", "at 988lifeline.org"),
        "crisisline:spanish": _line("Llame al 988", "tel:988", "y oprima 2", lang="es")
        | {"is_in_banner": False, "is_door": True},
        "crisisline:now": _line("Call 911", "tel:911", "In danger now", is_door=True)
        | {"is_immediate_danger": True},
        "crisisline:quiet": _line("Relay", "tel:711", "a further line") | {"is_in_banner": False},
        **{
            f"navlink:{area}-{slug}": {"area": area, "label": label, "target": f"/{slug}/"}
            for area in ("header", "footer")
            for slug, label in (("safety", "Safety"), ("faq", "Questions"), ("contact", "Contact"))
        },
        **{
            f"notice:{kind}": {
                "kind": kind,
                "heading": f"A notice of the kind {kind}",
                "short": "Its short form, in a sentence.",
                "body": "<p>Its full text.</p><ul><li><strong>Common:</strong> nausea</li></ul>",
            }
            for kind in ("off_label", "safety", "not_advice", "legal")
        },
    }


def _line(label: str, href: str, detail: str, **fields: Any) -> dict[str, Any]:
    return {"label": label, "href": href, "detail": detail, "is_in_banner": True, **fields}


def _evidence() -> dict[str, dict[str, Any]]:
    studies = {
        f"study:{direction}": {
            "authors": f"{direction.capitalize()} A, and others",
            "title": f"A study whose direction is {direction}",
            "journal": "J Samples",
            "year": 2001,
            "group": "depression",
            "design": "randomized, double-blind",
            "n": 40 if direction != "background" else None,
            "direction": direction,
            "finding": "What it found, in a plain sentence.",
            "doi": f"10.1000/{direction}",
            "cite_verified": "text" if direction == "positive" else "partly",
        }
        for direction in Study.Direction.values
    }
    return studies | {
        "mechanism:glutamate": {
            "heading": "A working idea",
            "term": "its term",
            "summary": "In one line, for the home page.",
            "body": "<p>What it says.</p>",
            "drawing": "glutamate",
            "drawing_alt": "What the drawing shows",
            "legend": "The first part\nThe second part\nThe third part",
            "animals_text": "Seen often",
            "people_text": "Seen seldom",
        },
        **{
            f"treatmentstep:{phase}-{number}": {
                "phase": phase,
                "heading": f"Step {number}",
                "body": "<p>What happens.</p>",
            }
            for phase in ("course", "visit")
            for number in (1, 2, 3)
        },
        **{
            f"question:{topic}-{number}": {
                "question": f"A question {number}?",
                "answer": "<p>Its answer, in a sentence or two.</p>",
                "topic": topic,
                "is_on_home": topic == "treatment",
                "cites": ["study:positive"],
            }
            for topic in ("treatment", "safety")
            for number in (1, 2)
        },
    }


def _figures() -> dict[str, dict[str, Any]]:
    figures = {
        "published": _figure("40 in 100 had what it counts", low="40", study="study:positive"),
        "two-arms": _figure(
            "40 in 100, against 30", low="40", comparator_percent="30", study="study:mixed"
        ),
        "range": _figure("40 to 50 in 100", low="40", high="50", study="study:mixed"),
        "shares": _figure("70 in 100 had one or the other", study="study:positive"),
        "in-words": _figure("A result without a number of people", study="study:negative"),
        "ours": _figure("60 in 100, by our own count", low="60", origin="clinic_reported"),
        "ours-range": _figure("50 to 60 in 100", low="50", high="60", origin="clinic_reported"),
        "withheld": _figure("A figure whose review is overdue", low="10", study="study:positive")
        | {"reviewed_on": "2024-01-01", "reviewed_by": "Somebody", "review_due_on": "2025-01-01"},
    }
    shares = (("on", 40), ("part", 30), ("off", 20), ("worse", 10))
    return {
        **{f"outcomefigure:{slug}": fields for slug, fields in figures.items()},
        **{
            f"figurepart:{glyph}": {
                "figure": "outcomefigure:shares",
                "people": people,
                "label": f"drawn as {glyph}",
                "glyph": glyph,
            }
            for glyph, people in shares
        },
    }


def _figure(headline: str, **fields: Any) -> dict[str, Any]:
    is_ours = fields.get("origin") == OutcomeFigure.Origin.CLINIC_REPORTED
    return {
        "headline": headline,
        "group": "mood",
        "origin": OutcomeFigure.Origin.PUBLISHED.value,
        "origin_note": "Clinic-reported" if is_ours else "Published, controlled trial",
        "body": "<p>What it does and does not say.</p>",
        "no_denominator_reason": "Not given.",
        "comparator": "a comparison drug",
        "measure": "A scale",
        "time_point": "Day 1",
        "population": "Adults",
        "condition": "Depression",
        "caveat": "Nobody outside has checked it." if is_ours else "",
        "provenance": "Who says so, and where.",
        **({"context": ["outcomefigure:published"]} if is_ours else {}),
        **fields,
    }


def _pages() -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for kind in Section.Kind.values:
        name = kind.replace("_", "-")
        rows[f"page:{name}"] = {
            "path": f"/{name}/",
            "title": f"A page with {name}",
            "meta_title": name,
            "meta_description": name,
            "lead": "Its opening lines.",
        }
        rows[f"section:{name}"] = {
            "page": f"page:{name}",
            "kind": kind,
            "heading": "The heading of the section",
            "aside": "<p>Beside the heading.</p>",
            "body": "<p>Its text, with <a href='/safety/'>a link</a>.</p>",
            "lists": LISTS.get(kind, ""),
            "cites": ["study:positive", "study:mixed"],
            "provenance": "Small print.",
            "link_label": "A link",
            "link_path": "/safety/",
        }
        for number, status in enumerate(SectionItem.Status.values):
            rows[f"sectionitem:{name}-{number}"] = {
                "section": f"section:{name}",
                "heading": f"An entry {status}".strip(),
                "body": "<p>What it says.</p>",
                "drawing": ("brain", "neurons", "synapse", "chain-ampa", "chain-bdnf")[number],
                "status": status or ("warn" if kind == "callouts" else ""),
            }
    return rows
