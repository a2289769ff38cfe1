"""A release's content becomes the tree that templates see."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import models
from hypothesis import given, settings
from hypothesis import strategies as st

from pages import nodes
from pages.models import CONTENT_MODELS, NavLink, Row, Translation
from pages.nodes import Lookup, Node
from pages.releases import Content, fields_of, many_to_many_of, working_content
from pages.site import ContentError, Site, build_site
from tests.pages.factories import (
    make_figure,
    make_item,
    make_page,
    make_question,
    make_section,
    make_step,
    make_study,
)

# Translations are laid over the rows they translate; a site holds none of them.
NODES = [model for model in CONTENT_MODELS if model is not Translation]


@pytest.mark.parametrize("model", NODES, ids=lambda model: model.__name__)
def test_a_node_has_the_fields_of_its_model(model: type[Row]) -> None:
    node = getattr(nodes, model.__name__)
    names = {field.name for field in dataclasses.fields(node)}

    wanted = {field.name for field in fields_of(model)} | set(many_to_many_of(model))
    labels = {f"{field.name}_label" for field in fields_of(model) if field.choices}

    assert wanted | labels <= names
    assert names - wanted - labels <= {
        *("key", "language", "sections", "entries", "listed", "parts", "is_withheld")
    }


@pytest.mark.django_db
def test_references_are_resolved_and_values_parsed() -> None:
    study = make_study(reviewed_on=dt.date(2026, 1, 2), reviewed_by="Dr. A")
    figure = make_figure(study)
    make_question().cites.add(study)

    site = build_site(3, working_content())

    assert site.number == 3
    (built,) = site.figures["mood"]
    assert built.low == Decimal("46.9")
    assert built.study is site.rows["study:berman-2000"]
    assert built.study.reviewed_on == dt.date(2026, 1, 2)
    assert built.headline == figure.headline
    assert built.origin_label == "published"
    assert site.questions["practical"][0].cites == (built.study,)


@pytest.mark.django_db
def test_everything_is_in_order_of_position_then_short_name() -> None:
    for slug, position in (("c", 1), ("b", 2), ("a", 2)):
        make_question(slug=slug, position=position)

    site = build_site(1, working_content())

    assert [question.slug for question in site.questions["practical"]] == ["c", "a", "b"]


@pytest.mark.django_db
def test_a_page_carries_its_sections_and_they_their_entries_and_lists() -> None:
    page = make_page()
    make_item(make_section(page, kind="risks"))
    make_section(page, slug="asked", kind="questions", lists="practical", position=5)
    make_section(page, slug="course", kind="course", position=6)
    make_question()
    make_step()

    built = build_site(1, working_content()).page["faq"]

    risks, asked, course = built.sections
    assert [entry.heading for entry in risks.entries] == ["An entry"]
    assert risks.listed == ()
    assert [row.key for row in asked.listed] == ["question:driving-home"]
    assert [row.key for row in course.listed] == ["treatmentstep:first-call"]
    assert asked.template == "pages/sections/questions.html"
    assert asked.page is built


@pytest.mark.django_db
def test_scales_list_the_one_figure_they_name() -> None:
    make_figure(make_study())
    make_figure(make_study(slug="other"), slug="other")
    make_section(make_page(), kind="scales", lists="other")

    (section,) = build_site(1, working_content()).page["faq"].sections

    assert [row.slug for row in section.listed] == ["other"]


@pytest.mark.django_db
def test_links_are_sorted_into_header_and_footer() -> None:
    NavLink.objects.create(slug="a", area="header", label="A", target="/a/")
    NavLink.objects.create(slug="b", area="footer", label="B", target="/b/")

    site = build_site(1, working_content())

    assert [link.label for link in site.header_links] == ["A"]
    assert [link.label for link in site.footer_links] == ["B"]


def test_an_empty_site_answers_every_question_with_nothing() -> None:
    site = build_site(0, {})

    assert site.profile is None
    assert site.notices["off_label"] == ()
    assert not site.pages["/"]
    assert site.crisis_lines == site.banner_lines == site.doors == site.home_questions == ()


def test_a_lookup_in_a_template_finds_the_methods_of_a_dictionary() -> None:
    from django.template import Context, Template

    template = Template(
        "{% for name, v in rows.items %}{{ name }}{{ v }}{% endfor %}{{ rows.none }}"
    )

    assert template.render(Context({"rows": Lookup({"a": 1})})) == "a1()"


def test_a_node_cannot_be_changed() -> None:
    site = build_site(1, {"question:q": _fields(slug="q")})

    with pytest.raises(dataclasses.FrozenInstanceError):
        site.rows["question:q"].slug = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"poem:x": {}}, "no kind of row called 'poem'"),
        ({"question:q": "fields(slug='r')"}, "does not match"),
        (
            {"question:q": "fields(cites=['study:gone'])"},
            "question:q, cites: refers to 'study:gone'",
        ),
        ({"question:q": "fields(cites=['question:q'])"}, "refers to 'question:q'"),
        ({"question:q": "fields(reviewed_on='last week')"}, "question:q, reviewed_on"),
        ({"figurepart:p": {"slug": "p", "people": 3}}, "figurepart:p, figure: refers to None"),
    ],
)
def test_content_that_is_no_site_is_refused_by_name(content: dict[str, Any], words: str) -> None:
    content = {
        key: eval(value, {"fields": _fields}) if isinstance(value, str) else value
        for key, value in content.items()
    }

    with pytest.raises(ContentError, match=words):
        build_site(1, content)


def _fields(**changes: Any) -> dict[str, Any]:
    return {"slug": "q", "question": "Q?", "answer": "<p>A</p>", "topic": "safety", **changes}


def _value_of(field: models.Field[Any, Any]) -> st.SearchStrategy[Any]:
    """Any value that this column may hold, as a release carries it."""
    if field.choices:
        return st.sampled_from([value for value, _ in field.flatchoices])
    if isinstance(field, models.BooleanField):
        return st.booleans()
    if isinstance(field, models.DecimalField):
        tenths = st.integers(0, 1000).map(lambda n: str(Decimal(n) / 10))
        return st.none() | tenths
    if isinstance(field, models.DateField):
        return st.none() | st.dates().map(str)
    if isinstance(field, models.IntegerField):
        return (st.none() if field.null else st.nothing()) | st.integers(0, 9999)
    return st.text(max_size=20)


@st.composite
def contents(draw: st.DrawFn) -> Content:
    """Content of any kinds of rows whose references all lead somewhere."""
    content: Content = {}
    for model in NODES:
        name = str(model._meta.model_name)
        keys = [
            f"{name}:{slug}"
            for slug in draw(st.sets(st.from_regex(r"[a-z]{1,4}", fullmatch=True), max_size=3))
        ]

        def others(target: type[Row], own: list[str] = keys, own_name: str = name) -> list[str]:
            kind = str(target._meta.model_name)
            return (
                own if kind == own_name else [key for key in content if key.startswith(f"{kind}:")]
            )

        made: Content = {}
        for key in keys:
            fields: dict[str, Any] = {}
            for field in fields_of(model):
                if field.is_relation:
                    fields[field.name] = draw(
                        (st.none() if field.null else st.nothing())
                        | st.sampled_from(others(field.related_model) or [""])
                    )
                else:
                    fields[field.name] = draw(_value_of(field))
            fields["slug"] = key.partition(":")[2]
            for many in many_to_many_of(model):
                pool = others(model._meta.get_field(many).related_model)
                fields[many] = sorted(draw(st.sets(st.sampled_from(pool))) if pool else [])
            if "" not in [fields[f.name] for f in fields_of(model) if f.is_relation]:
                made[key] = fields
        for fields in made.values():
            for many in many_to_many_of(model):
                fields[many] = [key for key in fields[many] if key in content or key in made]
        content.update(made)
    return content


def content_of(site: Site) -> Content:
    """The content that a site was built from, read back from its tree."""

    def value(found: Any) -> Any:
        if isinstance(found, Node):
            return found.key
        return str(found) if isinstance(found, (dt.date, Decimal)) else found

    content: Content = {}
    for model in NODES:
        for key, row in site.rows.items():
            if key.startswith(f"{model._meta.model_name}:"):
                content[key] = {f.name: value(getattr(row, f.name)) for f in fields_of(model)}
                for many in many_to_many_of(model):
                    content[key][many] = sorted(other.key for other in getattr(row, many))
    return content


@given(contents())
@settings(max_examples=60, deadline=None)
def test_a_site_says_exactly_what_its_content_says(content: Content) -> None:
    assert content_of(build_site(1, content)) == content


@given(contents())
@settings(max_examples=30, deadline=None)
def test_the_same_content_builds_equal_sites(content: Content) -> None:
    assert build_site(1, content) == build_site(1, dict(reversed(content.items())))
