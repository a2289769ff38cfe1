"""What pages tell machines: schema.org's words, and nothing that the page does not say."""

from __future__ import annotations

import html as markup
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from pages.site import Site, build_site
from pages.structured import graph, script
from tests.content.seed import ready_seeds
from tests.found.content import content_of
from tests.found.vocabulary import kinds_of, problems_in

SEED = build_site(1, content_of(ready_seeds()))
PATHS = sorted(SEED.pages)
TREATMENT = [path for path in PATHS if SEED.pages[path].is_treatment]


def of_kind(things: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(thing for thing in things if kind in _kinds(thing))


def _kinds(thing: dict[str, Any]) -> list[str]:
    return thing["@type"] if isinstance(thing["@type"], list) else [thing["@type"]]


def words_of(text: str) -> str:
    """Lower-case words with one space between."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def visible(html: str) -> str:
    """The words of a page as a reader gets them; its data block is not among them."""
    body = re.sub(r"<(script|svg|style)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return words_of(markup.unescape(re.sub(r"<[^>]*>", " ", body)))


def block_of(html: str) -> dict[str, Any]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert len(found) == 1
    return json.loads(found[0])


def changed(key: str, **fields: Any) -> Site:
    content = content_of(ready_seeds())
    content[key].update(fields)
    return build_site(2, content)


@pytest.mark.parametrize("path", PATHS)
def test_every_type_and_property_is_schema_orgs_own(path: str) -> None:
    assert problems_in(graph(SEED, SEED.pages[path])) == []


def test_so_it_is_with_everything_a_clinic_may_fill_in() -> None:
    content = content_of(ready_seeds())
    content["clinicprofile:clinic"].update(
        legal_name="A Clinic, LLC",
        email="a@example.org",
        address="1 Road",
        states_served="Colorado",
    )
    content["page:faq"].update(reviewed_on="2026-11-20", reviewed_by="Dr A")
    site = build_site(2, content)

    things = graph(site, site.page["faq"])

    assert problems_in(things) == []
    assert of_kind(things, "MedicalClinic")["legalName"] == "A Clinic, LLC"
    assert of_kind(things, "FAQPage")["lastReviewed"] == "2026-11-20"


@pytest.mark.parametrize(
    ("thing", "problem"),
    [
        ({"@type": "Clinik"}, "no type Clinik"),
        ({"@type": "MedicalClinic", "phone": "1"}, "no property phone"),
        (
            {"@type": "MedicalClinic", "contraindication": "x"},
            "contraindication does not belong to ['MedicalClinic']",
        ),
        (
            {"@type": "MedicalTherapy", "adverseOutcome": "x"},
            "adverseOutcome may not be text",
        ),
        (
            {"@type": "WebPage", "about": {"@id": "#x"}},
            "about may not be a dangling #x",
        ),
    ],
)
def test_the_check_itself_finds_what_is_not_schema_org(thing: dict[str, Any], problem: str) -> None:
    assert problem in problems_in([thing])


def test_the_vocabulary_knows_what_is_a_kind_of_what() -> None:
    assert {"MedicalBusiness", "LocalBusiness", "Organization", "Thing"} <= kinds_of(
        "MedicalClinic"
    )


@pytest.mark.parametrize("path", PATHS)
def test_each_page_names_the_clinic_itself_and_its_place(path: str) -> None:
    page = SEED.pages[path]

    things = graph(SEED, page)

    assert of_kind(things, "MedicalClinic") == {
        "@type": "MedicalClinic",
        "@id": f"{settings.SITE_URL}/#clinic",
        "name": "Ketamine Infusion Clinic",
        "url": f"{settings.SITE_URL}/",
        "telephone": "+18669514325",
    }
    crumbs = [thing for thing in things if thing["@type"] == "BreadcrumbList"]
    assert len(crumbs) == (path != "/")
    for crumb in crumbs:
        assert [step["item"]["@id"] for step in crumb["itemListElement"]] == [
            f"{settings.SITE_URL}/",
            f"{settings.SITE_URL}{path}",
        ]


def test_nothing_is_called_reviewed_until_somebody_signed_for_it() -> None:
    words = re.compile("lastReviewed|reviewedBy")
    assert not any(words.search(script(SEED, SEED.pages[path])) for path in PATHS)
    half = changed("page:safety", reviewed_on="2026-11-20", reviewed_by="")
    assert not words.search(script(half, half.page["safety"]))

    signed = changed("page:safety", reviewed_on="2026-11-20", reviewed_by="Dr A, medical director")
    page = of_kind(graph(signed, signed.page["safety"]), "MedicalWebPage")

    assert page["lastReviewed"] == "2026-11-20"
    assert page["reviewedBy"] == {"@type": "Person", "name": "Dr A, medical director"}


def test_pages_that_are_not_medical_do_not_say_so() -> None:
    kinds = {path: _kinds(graph(SEED, SEED.pages[path])[0]) for path in PATHS}

    assert kinds["/privacy/"] == kinds["/accessibility/"] == ["WebPage"]
    assert kinds["/contact/"] == ["ContactPage"]
    assert kinds["/thoughts-of-suicide/"] == ["MedicalWebPage"]
    assert kinds["/faq/"] == ["MedicalWebPage", "FAQPage"]


@pytest.mark.parametrize("path", TREATMENT)
def test_wherever_the_therapy_is_named_its_standing_and_its_risks_are_too(path: str) -> None:
    therapy = of_kind(graph(SEED, SEED.pages[path]), "MedicalTherapy")

    assert "off-label" in therapy["legalStatus"].casefold()
    assert "FDA" in therapy["legalStatus"]
    assert therapy["drug"]["name"] == "Ketamine"
    assert "slowed breathing" in str(therapy["adverseOutcome"])


def test_the_safety_page_gives_every_risk_and_every_reason_against() -> None:
    page = SEED.page["safety"]
    sections = {section.slug: section for section in page.sections}

    therapy = of_kind(graph(SEED, page), "MedicalTherapy")

    assert "Using it for these is called off-label." in therapy["legalStatus"]
    assert len(therapy["adverseOutcome"]) == len(sections["risks"].entries) == 5
    assert len(therapy["contraindication"]) == len(sections["advised-against"].entries) == 11
    assert {"@type": "MedicalContraindication", "name": "Allergy to ketamine"} in therapy[
        "contraindication"
    ]
    assert "8 in 100 worsened" in str(therapy["adverseOutcome"])


def statements_in(value: Any) -> Iterator[str]:
    """Every text of the data but addresses, kinds and language."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in {"@type", "@id", "@context", "url", "item", "inLanguage", "telephone"}:
                yield from statements_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from statements_in(part)
    elif isinstance(value, str):
        yield value


@pytest.mark.django_db
@pytest.mark.usefixtures("live")
@pytest.mark.parametrize("path", PATHS)
def test_a_machine_is_told_nothing_that_a_reader_is_not(client: Client, path: str) -> None:
    html = client.get(path).content.decode()
    page = SEED.pages[path]
    head = {page.title, page.meta_description, "Ketamine infusion therapy", SEED.pages["/"].title}
    shown = visible(html)

    for statement in set(statements_in(block_of(html))) - head:
        assert words_of(statement) in shown, statement


@pytest.mark.django_db
@pytest.mark.usefixtures("live")
def test_every_question_of_the_page_is_told_with_its_answer(client: Client) -> None:
    html = client.get("/faq/").content.decode()

    page = of_kind(block_of(html)["@graph"], "FAQPage")

    assert len(page["mainEntity"]) == html.count("<summary>") >= 20
    assert all(question["acceptedAnswer"]["text"] for question in page["mainEntity"])
    assert not re.search("<[a-z]", str(page["mainEntity"]))


def test_text_cannot_end_the_block() -> None:
    nasty = "</script><script>alert(1)</script><!-- & \u2028 ]]>"
    site = changed("page:safety", title=nasty)

    block = script(site, site.page["safety"])

    assert block.count("<") == 2  # its own two tags
    assert "&" not in block
    assert "\u2028" not in block
    assert of_kind(block_of(block)["@graph"], "MedicalWebPage")["name"] == nasty


@pytest.mark.django_db
@pytest.mark.usefixtures("live")
@pytest.mark.parametrize("path", PATHS)
def test_a_page_names_its_one_address_and_how_it_looks_when_shared(
    client: Client, path: str
) -> None:
    head = client.get(path, {"from": "ad"}).content.decode().partition("</head>")[0]
    page = SEED.pages[path]

    assert head.count('rel="canonical"') == 1
    assert f'<link rel="canonical" href="{settings.SITE_URL}{path}">' in head
    properties = dict(re.findall(r'<meta property="og:([a-z:_]+)" content="([^"]*)">', head))
    assert markup.unescape(properties["title"]) == page.meta_title
    assert markup.unescape(properties["description"]) == page.meta_description
    assert properties["url"] == f"{settings.SITE_URL}{path}"
    assert properties["image"].startswith(f"{settings.SITE_URL}/social/{page.slug}-")
    assert (properties["image:width"], properties["image:height"]) == ("1200", "630")
    assert markup.unescape(properties["image:alt"]).startswith(page.title)
    assert '<meta name="twitter:card" content="summary_large_image">' in head


@pytest.mark.django_db
@pytest.mark.usefixtures("live")
@pytest.mark.parametrize("path", ["/search/", "/contact/received/", "/nowhere/"])
def test_what_is_no_page_of_the_site_has_no_address_to_share(client: Client, path: str) -> None:
    html = client.get(path).content.decode()

    assert "canonical" not in html
    assert "ld+json" not in html
    assert "og:" not in html
