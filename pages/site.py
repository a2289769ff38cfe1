"""The site as one frozen tree, built from a release's content: all that templates ever see."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError

from pages import nodes
from pages.days import as_shown_on
from pages.languages import ENGLISH, TRANSLATED, language_of, speaking
from pages.models.translation import problem_with
from pages.nodes import (
    ClinicProfile,
    CrisisLine,
    FigurePart,
    Lookup,
    Mechanism,
    NavLink,
    Node,
    Notice,
    OutcomeFigure,
    Page,
    Question,
    Redirect,
    Section,
    SectionItem,
    Study,
    TreatmentStep,
)
from pages.redirects import destinations
from pages.releases import (
    Content,
    fields_of,
    foreign_keys_of,
    in_todays_shape,
    many_to_many_of,
    model_of,
)
from pages.translations import KIND, State, languages_in, translate, without_translations

N = TypeVar("N", bound=Node)


class ContentError(ValueError):
    """Content that is no site: an unknown kind of row, a bad value, a dangling reference."""


def _every(
    kind: type[N], wanted: Callable[[N], bool] = lambda row: True
) -> cached_property[tuple[N, ...]]:
    """The rows of one kind, in order."""
    return cached_property(lambda site: tuple(row for row in site.all(kind) if wanted(row)))


def _one_by(kind: type[N], field: str) -> cached_property[Lookup[N]]:
    """The row of one kind that has this in ``field``."""
    return cached_property(
        lambda site: Lookup({getattr(row, field): row for row in site.all(kind)})
    )


def _grouped(kind: type[N], field: str) -> cached_property[Lookup[tuple[N, ...]]]:
    """The rows of one kind that have this in ``field``, in order."""

    def grouped(site: Site) -> Lookup[tuple[N, ...]]:
        groups: dict[str, tuple[N, ...]] = {}
        for row in site.all(kind):
            name = getattr(row, field)
            groups[name] = (*groups.get(name, ()), row)
        return Lookup(groups)

    return cached_property(grouped)


@dataclass(frozen=True)
class Site:
    """One release, resolved. Every group is in order; a missing one is an empty tuple."""

    number: int
    rows: Mapping[str, Node]  # by key
    language: str = ENGLISH
    # The same site in the other languages it is translated into; the English one knows them.
    others: Mapping[str, Site] = dataclasses.field(default_factory=dict, repr=False, compare=False)
    languages: tuple[str, ...] = (ENGLISH,)
    # How the translation of each row stands, by the row's key; the English site has none.
    states: Mapping[str, State] = dataclasses.field(default_factory=dict, repr=False, compare=False)

    def at(self, path: str) -> Site:
        """The site in the language of this address."""
        return self.others.get(language_of(path), self)

    @property
    def every(self) -> tuple[Site, ...]:
        """The site in each of its languages, English first."""
        return (self, *self.others.values())

    def all(self, kind: type[N]) -> tuple[N, ...]:
        """Every row of one kind, in order."""
        return _in_order(row for row in self.rows.values() if isinstance(row, kind))

    @cached_property
    def profile(self) -> ClinicProfile | None:
        return next(iter(self.all(ClinicProfile)), None)

    crisis_lines = _every(CrisisLine)
    banner_lines = _every(CrisisLine, lambda line: line.is_in_banner)
    doors = _every(CrisisLine, lambda line: line.is_door)
    header_links = _every(NavLink, lambda link: link.area == "header")
    footer_links = _every(NavLink, lambda link: link.area == "footer")
    mechanisms = _every(Mechanism)
    home_questions = _every(Question, lambda question: question.is_on_home)
    pages = _one_by(Page, "path")
    page = _one_by(Page, "slug")
    notice = _one_by(Notice, "slug")
    notices = _grouped(Notice, "kind")
    steps = _grouped(TreatmentStep, "phase")
    figures = _grouped(OutcomeFigure, "group")
    studies = _grouped(Study, "group")
    questions = _grouped(Question, "topic")

    @cached_property
    def redirects(self) -> Lookup[str]:
        """Old address to the address of a page, in one step."""
        steps = {row.from_path: row.to_path for row in self.all(Redirect)}
        return Lookup(destinations(steps, frozenset(self.pages)))


def build_site(number: int, content: Content, *, today: dt.date | None = None) -> Site:
    """The site that ``content`` describes; with ``today`` as readers see it on that day.

    Then notices that have ended are gone, and figures whose review is overdue have their
    place but not their words. Raises :class:`ContentError` where content describes no site.
    """
    try:
        content = in_todays_shape(content)
    except KeyError as error:
        raise ContentError(f"There is no kind of row called {error.args[0]!r}.") from error
    _refuse_bad_translations(content)
    withheld: frozenset[str] = frozenset()
    if today is not None:
        content, withheld = as_shown_on(today, content)
    found = languages_in(content)
    languages = (ENGLISH, *(language for language in TRANSLATED if language in found))
    others = {}
    for language in languages[1:]:
        shown = translate(content, language)
        rows = _build_rows(shown.content, withheld, shown.keys, language)
        others[language] = _finished(
            Site(number, rows, language, languages=languages, states=shown.states)
        )
    rows = _build_rows(without_translations(content), withheld, frozenset(), ENGLISH)
    return _finished(Site(number, rows, others=others, languages=languages))


def _refuse_bad_translations(content: Content) -> None:
    for key, fields in content.items():
        if not key.startswith(KIND):
            continue
        if fields["language"] not in TRANSLATED or not isinstance(fields["of"], str):
            raise ContentError(f"{key} is in no language of this site.")
        if problem := problem_with(fields["words"]):
            raise ContentError(f"{key}: {problem}")


def _build_rows(
    content: Content, withheld: frozenset[str], translated: frozenset[str], language: str
) -> dict[str, Node]:
    """Every row with its references; those in ``translated`` speak ``language``."""
    rows = {}
    for key, fields in content.items():
        # A crisis line says its own language; it may be one that the site has no pages in.
        is_translated = key in translated or key in withheld
        own = fields.get("lang", ENGLISH)
        if own == ENGLISH and is_translated:
            own = language
        with speaking(own):  # for the words of choices
            rows[key] = _build_row(key, fields)
        _set(rows[key], "language", own)
    for key, fields in content.items():
        _resolve(rows, key, fields)
    for key in withheld:
        _set(rows[key], "is_withheld", True)
    return rows


def _finished(site: Site) -> Site:
    """The site with everything hung where it shows."""
    _hang(site.rows, FigurePart, "figure", "parts")
    _hang(site.rows, SectionItem, "section", "entries")
    _hang(site.rows, Section, "page", "sections")
    for section in site.all(Section):
        if lists := LISTED_BY_KIND.get(section.kind):
            _set(section, "listed", lists(section, site))
    return site


def _build_row(key: str, fields: Mapping[str, Any]) -> Node:
    """One row without its references."""
    model = model_of(key)
    values: dict[str, Any] = {"key": key}
    for field in fields_of(model):
        if field.is_relation:
            continue
        try:
            value = field.to_python(fields[field.name])
        except ValidationError as error:
            raise ContentError(f"{key}, {field.name}: {' '.join(error.messages)}") from error
        values[field.name] = value
        if field.choices:
            labels = dict(cast("Iterable[tuple[Any, Any]]", field.flatchoices))
            values[f"{field.name}_label"] = str(labels.get(value, value))
    if key != f"{model._meta.model_name}:{values['slug']}":
        raise ContentError(f"{key} does not match its short name {values['slug']!r}.")
    return cast("type[Node]", getattr(nodes, model.__name__))(**values)


def _resolve(rows: Mapping[str, Node], key: str, fields: Mapping[str, Any]) -> None:
    """Set the references of one row to the rows they name."""
    model = model_of(key)

    def find(name: str, other: Any) -> Node:
        target = model._meta.get_field(name).related_model
        found = rows.get(other)
        if found is None or type(found).__name__ != cast("type", target).__name__:
            raise ContentError(f"{key}, {name}: refers to {other!r}, which is not there.")
        return found

    for name in foreign_keys_of(model):
        if fields[name] is None and model._meta.get_field(name).null:
            continue
        _set(rows[key], name, find(name, fields[name]))
    for name in many_to_many_of(model):
        _set(rows[key], name, _in_order(find(name, other) for other in fields[name]))


def _hang(rows: Mapping[str, Node], kind: type[Node], parent: str, name: str) -> None:
    """Give every parent the tuple of its rows of this kind."""
    below: dict[str, list[Node]] = {}
    for row in rows.values():
        if isinstance(row, kind):
            below.setdefault(getattr(row, parent).key, []).append(row)
    for key, children in below.items():
        _set(rows[key], name, _in_order(children))


def _set(row: Node, name: str, value: object) -> None:
    """The one way around ``frozen``: rows refer to each other, so some come first."""
    assert name in {field.name for field in dataclasses.fields(row)}
    object.__setattr__(row, name, value)


def _in_order(rows: Iterable[N]) -> tuple[N, ...]:
    return tuple(sorted(rows, key=lambda row: (row.position, row.slug)))


def _scales(section: Section, site: Site) -> tuple[Node, ...]:
    """One figure by its short name, or all of a group."""
    figure = site.rows.get(f"outcomefigure:{section.lists}")
    return (figure,) if figure else site.figures[section.lists]


# What a section lists, by its kind; a section of its own entries lists nothing.
LISTED_BY_KIND: dict[str, Callable[[Section, Site], tuple[Node, ...]]] = {
    "mechanism_teaser": lambda section, site: site.mechanisms,
    "mechanisms": lambda section, site: site.mechanisms,
    "scales": _scales,
    "course": lambda section, site: site.steps[section.lists or "course"],
    "steps": lambda section, site: site.steps[section.lists],
    "figures": lambda section, site: site.figures[section.lists],
    "studies": lambda section, site: site.studies[section.lists],
    "questions": lambda section, site: site.questions[section.lists],
    "home_questions": lambda section, site: site.home_questions,
    "doors": lambda section, site: site.doors,
    "notices": lambda section, site: site.notices[section.lists],
}
