"""Each check of preflight, with an example that offends and one that does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from pages.models import CONTENT_MODELS
from pages.nodes import Node
from pages.preflight import REGISTRY, errors_in, run
from pages.preflight.wording import promises_in
from pages.reading import reading_grade
from pages.releases import Content, in_todays_shape, working_content
from pages.site import build_site
from pages.translations import fingerprint_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]

FIGURE = {
    "group": "mood",
    "origin": "published",
    "origin_note": "Published, controlled trial",
    "headline": "47 in 100 responded",
    "low": "46.9",
    "denominator": 32,
    "comparator": "midazolam",
    "measure": "half the score",
    "time_point": "end of the course",
    "population": "people in hospital",
    "condition": "depression",
    "provenance": "Jelovac 2025",
    "study": "study:s",
}
OURS = {
    **FIGURE,
    "origin": "clinic_reported",
    "study": None,
    "caveat": "Nobody checked it.",
    "context": ["outcomefigure:theirs"],
}
STUDY = {
    "authors": "Berman RM",
    "title": "A cure that is safe?",
    "finding": "Some people improved.",
    "doi": "10.1001/jama.2025.1",
    "year": 2025,
    "cite_verified": "text",
}
TEXT = "<p>Some people feel better. Some do not.</p>"
LONG = (
    "Notwithstanding considerable methodological heterogeneity, investigators characterising "
    "glutamatergic neurotransmission have hypothesised that antagonism precipitates disinhibition, "
    "subsequently potentiating neuroplasticity, synaptogenesis and intracellular signalling, "
    "although demonstrating correspondingly generalisable therapeutic consequences necessitates "
    "sufficiently randomised, adequately controlled, prospectively registered investigations "
    "incorporating representative participants, appropriately validated instruments, longitudinal "
    "observation, transparently documented attrition and independently adjudicated measurements."
)
SHORT = "You may feel calm. You may feel odd. Staff stay with you. " * 8


Case = dict[str, Any]  # rows to add or change: key -> fields, or None to take the row out


def figure(**changes: Any) -> Case:
    return {"study:s": STUDY, "outcomefigure:f": {**FIGURE, **changes}}


def ours(**changes: Any) -> Case:
    return {**figure(), "outcomefigure:theirs": FIGURE, "outcomefigure:f": {**OURS, **changes}}


def notice(kind: str, **changes: Any) -> Case:
    return {"notice:n": {"kind": kind, "heading": "Read this", "body": TEXT, **changes}}


def section(**changes: Any) -> Case:
    row = {"page": "page:safety", "kind": "prose", "heading": "More", "body": TEXT, **changes}
    return {"section:s": row}


def question(**changes: Any) -> Case:
    row = {"question": "Does it help?", "answer": TEXT, "topic": "evidence", **changes}
    return {"question:q": row}


def page(**changes: Any) -> Case:
    return {"page:safety": changes}


def spanish(**changes: Any) -> Case:
    """The page on safety in Spanish, of the English that the smallest site has."""
    english = {
        "title": "Safety",
        "meta_title": "Safety of the clinic",
        "meta_description": "What the page called safety tells its readers, in plain words.",
    }
    row = {
        "language": "es",
        "of": "page:safety",
        "words": dict.fromkeys(english, "Información sobre los riesgos"),
        "original": fingerprint_of(english),
        **changes,
    }
    return {"translation:es-page-safety": row}


def link(target: str) -> Case:
    return {"navlink:n": {"area": "footer", "label": "x", "target": target}}


def step(drawing: str) -> Case:
    return {**section(), "sectionitem:i": {"section": "section:s", "drawing": drawing}}


def words(text: str) -> Case:
    return question(answer=f"<p>{text}</p>")


def due(day: str) -> Case:
    return question(review_due_on=day)


ANOTHER_LINE: Case = {"crisisline:county": {"label": "County", "href": "tel:+13035550142"}}
PHOTO: Case = {"photo:p": {"label": "Door", "digest": "0" * 32, "width": 480, "height": 300}}


def redirect(start: str, end: str) -> Case:
    return {"redirect:r": {"from_path": start, "to_path": end}}


CASES: list[tuple[str, Case, Case]] = [
    ("pages.E001", figure(study=None), figure()),
    ("pages.E001", figure(provenance=""), ours(study=None)),
    ("pages.E002", figure(denominator=None), figure(denominator=None, no_denominator_reason="No.")),
    ("pages.E003", figure(comparator=""), figure(comparator="nothing")),
    ("pages.E004", ours(caveat=""), figure(caveat="")),
    ("pages.E005", figure(measure=""), figure()),
    ("pages.E005", figure(population=""), ours()),
    ("pages.E006", ours(context=[]), ours()),
    ("pages.E006", ours(context=["outcomefigure:f"]), figure(context=[])),
    (
        "pages.E007",
        {
            **figure(),
            "figurepart:a": {"figure": "outcomefigure:f", "people": 60, "glyph": "on"},
            "figurepart:b": {"figure": "outcomefigure:f", "people": 41, "glyph": "off"},
        },
        {
            **figure(),
            "figurepart:a": {"figure": "outcomefigure:f", "people": 60, "glyph": "on"},
            "figurepart:b": {"figure": "outcomefigure:f", "people": 41, "arm": "x", "glyph": "on"},
        },
    ),
    ("pages.E008", words("It is a cure."), words("It is not a cure.")),
    ("pages.E009", words("Call 800-237-8255."), words("Call 800-273-8255.")),
    ("pages.E009", words("Call 237-TALK."), words("Call 273-TALK.")),
    ("pages.E009", {"navlink:n": {"label": "2378255", "target": "/safety/"}}, link("/safety/")),
    ("pages.E010", {**page(is_treatment=True), "notice:off-label": None}, page(is_treatment=True)),
    ("pages.E010", {**page(is_treatment=True), "notice:safety": None}, {"notice:safety": None}),
    (
        "pages.E011",
        {**figure(), **section(kind="figures", lists="mood")},
        {**figure(), **section(kind="figures", lists="mood"), **page(is_treatment=True)},
    ),
    ("pages.E012", {"crisisline:line-0": None}, {}),
    ("pages.E012", {"crisisline:line-2": {"is_in_banner": False}}, {}),
    ("pages.E013", {"section:thoughts-of-suicide-text": {"kind": "prose"}}, {}),
    ("pages.E014", words('See <a href="/nowhere/">x</a>.'), words('<a href="/safety/#s">x</a>')),
    ("pages.E014", words('See <a href="safety">x</a>.'), words('<a href="tel:988">x</a>')),
    ("pages.E014", link("/gone/"), link("https://www.fda.gov/x")),
    ("pages.E014", section(link_path="/gone/"), section(link_path="/#top")),
    (
        "pages.E015",
        {"study:s": {**STUDY, "doi": "doi:10.1/x"}},
        {"study:s": {**STUDY, "doi": "10.1016/S0006-3223(99)00230-9"}},
    ),
    ("pages.E016", page(meta_description=" "), page()),
    ("pages.E016", page(meta_title=""), page()),
    ("pages.E017", {"page:privacy": {"path": "/safety/"}}, {}),
    ("pages.E018", step("unicorn"), step("synapse")),
    ("pages.E019", section(body=""), section()),
    ("pages.E020", section(kind="studies", lists="weather"), section(kind="prose")),
    (
        "pages.E020",
        section(kind="questions", lists="evidence"),
        {**section(kind="questions", lists="evidence"), **question()},
    ),
    ("pages.E021", {"page:privacy": {"path": "/private/"}}, {}),
    ("pages.E022", {"clinicprofile:clinic": None}, {}),
    ("pages.E022", {"clinicprofile:clinic": {"phone_word": "866-951-HELP"}}, {}),
    ("pages.E022", {"clinicprofile:clinic": {"phone_e164": "+18669514326"}}, {}),
    ("pages.E022", {"clinicprofile:clinic": {"phone_digits": "5866-951-4325"}}, {}),
    ("pages.E023", {"section:safety-text": None}, {"section:contact-text": None}),
    ("pages.E024", section(kind="carousel"), section()),
    ("pages.E026", redirect("/old/", "/gone/"), redirect("/old/", "/safety/")),
    (
        "pages.E027",
        section(kind="callouts", photo="photo:p") | PHOTO,
        section(photo="photo:p") | PHOTO,
    ),
    ("pages.E028", PHOTO, {}),
    ("pages.E029", notice("off_label", short=" "), notice("safety", short="")),
    (
        "pages.W020",
        section(link_path="/old/") | redirect("/old/", "/safety/"),
        section(link_path="/safety/") | redirect("/old/", "/safety/"),
    ),
    ("pages.W021", redirect("/safety/", "/privacy/"), redirect("/old/", "/privacy/")),
    ("pages.W001", figure(headline="74 in 100 responded"), figure()),
    ("pages.W001", figure(low="15.0", high="20.0"), figure(headline="No clear evidence")),
    ("pages.W002", section(body="<p>About 70% improved.</p>"), section()),
    (
        "pages.W002",
        section(body="<p>54 in 100 improved.</p>"),
        section(body="<p>54 in 100 improved.</p>", provenance="McInnes 2022"),
    ),
    ("pages.W003", words(f"{LONG} {LONG}"), words(SHORT)),
    ("pages.W004", due("2020-01-01"), due("2999-01-01")),
    ("pages.W005", due("today"), due("2999-01-01")),
    ("pages.W006", figure(), figure(reviewed_on="2026-01-02", reviewed_by="Dr. A")),
    ("pages.W007", {"study:s": {**STUDY, "cite_verified": "partly"}}, {"study:s": STUDY}),
    (
        "pages.W008",
        {"study:s": {**STUDY, "doi": ""}},
        {"study:s": {**STUDY, "doi": "", "pmid": "1"}},
    ),
    ("pages.W009", link("/safety/#nowhere"), link("/safety/#safety-text")),
    ("pages.W010", page(meta_title="Privacy of the clinic"), page()),
    ("pages.W011", words("</p><h4>Small</h4><p>x"), words("</p><h3>L</h3><h4>Small</h4><p>x")),
    ("pages.W012", page(meta_description="Short."), page()),
    ("pages.W013", spanish(original="of other words"), spanish()),
    ("pages.W014", spanish(), spanish(reviewed_on="2026-01-02", reviewed_by="Ana, translator")),
    ("pages.W015", words("Call 303-555-0142."), words("Call 988, or (866) 951-HEAL.")),
    ("pages.W015", words("Call 303-555-0143."), ANOTHER_LINE | words("Call 303-555-0142.")),
]


def content_with(case: Case) -> Content:
    """The smallest site with the rows of this case added, changed or taken out."""
    content = working_content()
    for key, fields in case.items():
        if fields is None:
            del content[key]
        else:
            fields = {name: _today(value) for name, value in fields.items()}
            own = {"slug": key.partition(":")[2], "is_ready": True, "position": 50}
            content[key] = {**own, **content.get(key, {}), **fields}
    for key in [key for key in content if content[key].get("page") not in {None, *content}]:
        del content[key]
    order = [str(model._meta.model_name) for model in CONTENT_MODELS]
    return in_todays_shape(
        dict(sorted(content.items(), key=lambda e: order.index(e[0].split(":")[0])))
    )


def _today(value: Any) -> Any:
    from django.utils import timezone

    return str(timezone.localdate()) if value == "today" else value


def found(case: Case) -> set[str]:
    return {problem.id for problem in run(build_site(1, content_with(case)))}


@pytest.mark.parametrize(
    ("check", "offending"), [(check, bad) for check, bad, _ in CASES], ids=lambda v: str(v)[:10]
)
def test_the_check_finds_what_offends(check: str, offending: Case) -> None:
    assert check in found(offending)


@pytest.mark.parametrize(
    ("check", "clean"), [(check, good) for check, _, good in CASES], ids=lambda v: str(v)[:10]
)
def test_the_check_leaves_the_clean_alone(check: str, clean: Case) -> None:
    assert check not in found(clean)


def test_every_check_has_its_examples() -> None:
    assert {check for check, _, _ in CASES} == set(REGISTRY)
    assert len(REGISTRY) >= 20


def test_the_smallest_site_has_no_error() -> None:
    assert errors_in(build_site(1, content_with({}))) == []


def test_every_check_is_documented() -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "preflight.md").read_text()

    assert re.findall(r"^\| (pages\.[EW]\d{3}) \|", text, re.MULTILINE) == sorted(REGISTRY)


def test_every_check_says_what_helps() -> None:
    for check_id, (_, hint) in REGISTRY.items():
        assert re.fullmatch(r"pages\.[EW]\d{3}", check_id)
        assert hint


def test_the_id_of_a_problem_says_whether_it_blocks() -> None:
    found = run(build_site(1, content_with(words("A miracle.") | figure())))

    assert {problem.id for problem in found if problem.is_error} == {"pages.E008"}
    assert "pages.W006" in {problem.id for problem in found if not problem.is_error}


def test_a_problem_names_its_row_and_a_way_out() -> None:
    (problem,) = errors_in(build_site(1, content_with(words("A miracle."))))

    assert problem.key == "question:q"
    assert "miracle" in problem.message
    assert problem.hint in str(problem)


def test_every_row_of_a_finding_is_there() -> None:
    for check, offending, _ in CASES:
        site = build_site(1, content_with(offending))
        for problem in run(site):
            row = site.rows.get(problem.key)
            is_translation = problem.key.startswith("translation:") and problem.key in offending
            assert problem.key == "" or is_translation or isinstance(row, Node), check


@pytest.mark.parametrize(
    "text",
    [
        "Ketamine cures depression.",
        "We guarantee results.",
        "It eliminates pain.",
        "This breakthrough helps.",
        "It heals the brain.",
        "The treatment is safe.",
        "A safe and fast treatment.",
        "Given safely at home.",
        "An FDA-approved treatment for pain.",
        "We are HIPAA compliant.",
        "It is non-addictive.",
        "You get immediate relief.",
        "It repairs damage.",
        "It is not new. It cures pain.",
    ],
)
def test_a_promise_is_found(text: str) -> None:
    assert promises_in(f"<p>{text}</p>")


@pytest.mark.parametrize(
    "text",
    [
        "Ketamine is not a cure.",
        "It does not cure anything.",
        "No one can guarantee that it helps.",
        "There is no guarantee.",
        "Nobody should call it safe.",
        "It has never been shown to eliminate pain.",
        "Is it safe?",
        "Call 866-951-HEAL.",
        "Your oral breakthrough medicine may help.",
        "Safety comes first.",
        "If you do not feel safe, call 911.",
        "Health and healthy habits.",
        "A secure, unhealed wound.",
        "It isn\u2019t a cure.",
    ],
)
def test_a_denial_is_no_promise(text: str) -> None:
    assert promises_in(f"<p>{text}</p>") == []


def test_reading_grade_rises_with_length_of_words_and_sentences() -> None:
    assert reading_grade(SHORT) < 3 < 9 < reading_grade(LONG)
    assert reading_grade("") == 0.0


REGEX_TRAPS: list[Callable[[str], object]] = [promises_in, reading_grade]


@pytest.mark.parametrize("function", REGEX_TRAPS)
def test_long_text_is_checked_quickly(function: Callable[[str], object]) -> None:
    import time

    start = time.perf_counter()
    function("not a word " * 5000)
    assert time.perf_counter() - start < 2
