"""Every row of the seed content fits its model, and every reference in it leads to a row."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.core.exceptions import FieldDoesNotExist

from pages.preflight import errors_in
from pages.preflight import run as run_preflight
from pages.releases import working_content
from pages.rich import clean_html
from pages.site import build_site
from pages.usage import is_everywhere, keys_on
from tests.content.saved import MODELS, save_all, target_kind
from tests.content.seed import FOLDER, PUBLIC_TEXT, all_seeds, ready_seeds, seeds

PAGE_PATHS = {
    "home": "/",
    "how-it-works": "/how-it-works/",
    "mood-conditions": "/mood-conditions/",
    "pain-conditions": "/pain-conditions/",
    "what-to-expect": "/what-to-expect/",
    "response-rates": "/response-rates/",
    "thoughts-of-suicide": "/thoughts-of-suicide/",
    "research": "/research/",
    "faq": "/faq/",
    "safety": "/safety/",
    "contact": "/contact/",
    "privacy": "/privacy/",
    "accessibility": "/accessibility/",
}
RICH = ("aside", "body", "answer")
NOT_ROWS_OF_TEXT = {"crane-2023", "urology-review-2025", "footer-npp"}


def test_every_table_is_a_kind_of_row_and_every_key_one_of_its_fields() -> None:
    unknown = []
    for seed in all_seeds():
        assert seed.kind in MODELS, f"{seed.file}: [[{seed.kind}]]"
        for name in seed.fields:
            try:
                MODELS[seed.kind]._meta.get_field(name)
            except FieldDoesNotExist:
                unknown.append(f"{seed.key}.{name}")

    assert not unknown


def test_every_kind_of_row_has_rows_and_public_text() -> None:
    started_empty = {"photo", "redirect"}

    assert {seed.kind for seed in all_seeds()} == set(MODELS) - started_empty == set(PUBLIC_TEXT)


def test_slugs_are_unique_and_written_as_slugs() -> None:
    counts = Counter(seed.key for seed in all_seeds())

    assert [key for key, count in counts.items() if count > 1] == []
    assert [s.key for s in all_seeds() if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", s.slug)] == []


def test_rows_that_become_anchors_never_share_one() -> None:
    anchors = Counter(
        seed.slug
        for kind in ("section", "mechanism", "outcomefigure", "question", "notice")
        for seed in seeds(kind, ready=False)
    )

    assert [slug for slug, count in anchors.items() if count > 1] == []
    assert not set(anchors) & {"main", "site-nav", "call"}


def test_references_lead_to_rows_and_never_from_a_published_row_to_a_hidden_one() -> None:
    keys = {seed.key for seed in all_seeds()}
    shown = {seed.key for seed in ready_seeds()}
    wrong = []
    for seed in all_seeds():
        for name, value in seed.fields.items():
            field = MODELS[seed.kind]._meta.get_field(name)
            if not field.is_relation:
                continue
            slugs = value if isinstance(value, list) else [value]
            for slug in slugs:
                target = f"{target_kind(MODELS[seed.kind], name)}:{slug}"
                if target not in keys or (seed.key in shown and target not in shown):
                    wrong.append(f"{seed.key}.{name} -> {target}")

    assert not wrong


def test_the_thirteen_pages_stand_at_their_addresses() -> None:
    assert {seed.slug: seed.fields["path"] for seed in seeds("page")} == PAGE_PATHS


def test_rich_text_is_already_what_the_sanitiser_leaves() -> None:
    changed = [
        f"{seed.key}.{name}"
        for seed in all_seeds()
        for name in RICH
        if (text := seed.fields.get(name)) and clean_html(text) != text
    ]

    assert not changed


@pytest.mark.django_db
def test_every_row_passes_its_models_own_checks_and_the_whole_passes_preflight() -> None:
    complaints = save_all()
    site = build_site(1, working_content())

    assert complaints == []
    assert [str(problem) for problem in errors_in(site)] == []
    assert [
        str(p)
        for p in run_preflight(site)
        if p.id in {"pages.W001", "pages.W002", "pages.W009", "pages.W015"}
    ] == []
    assert set(site.pages) == set(PAGE_PATHS.values())


@pytest.mark.django_db
def test_every_row_shows_somewhere() -> None:
    """Or an editor would change words that nobody reads."""
    save_all()
    site = build_site(1, working_content())

    shown = {key for page in site.pages.values() for key in keys_on(page, site)}

    assert not {key for key in site.rows if key not in shown and not is_everywhere(key, site)}


def test_rows_that_wait_for_the_clinic_say_so_and_stay_hidden() -> None:
    waiting = {seed.slug for seed in all_seeds() if "Waits for the clinic" in seed.text()}
    hidden = {seed.slug for seed in all_seeds() if not seed.is_ready}

    assert waiting
    assert hidden - NOT_ROWS_OF_TEXT == waiting
    assert hidden >= NOT_ROWS_OF_TEXT


def test_nothing_that_only_the_clinic_knows_has_been_made_up() -> None:
    (profile,) = seeds("clinicprofile")
    answered = {
        "legal_name",
        "email",
        "address",
        "states_served",
        "opening_hours",
        "npp_url",
    } & set(profile.fields)
    reviewed = [
        seed.key
        for seed in all_seeds()
        if {"reviewed_on", "reviewed_by", "review_due_on"} & set(seed.fields)
    ]

    assert not answered
    assert not reviewed


def test_the_header_has_six_entries_and_the_footer_reaches_every_page() -> None:
    header = [s for s in seeds("navlink") if s.fields["area"] == "header"]
    footer = {
        s.fields["target"].split("#")[0] for s in seeds("navlink") if s.fields["area"] == "footer"
    }

    assert len(header) == 6
    assert footer == set(PAGE_PATHS.values())


def test_the_files_lie_where_the_loader_looks() -> None:
    assert len(list(FOLDER.glob("*.toml"))) >= 8
