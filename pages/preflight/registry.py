"""The register of checks, in the manner of Django's system checks.

A check is a function that yields what is wrong with one row, or with the site as a whole.
An id with an E is an error and stops publishing by anyone; one with a W is a warning, shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from django.db.models import CharField, TextField

from pages.models.translation import key_of
from pages.nodes import Node
from pages.releases import fields_of, model_of
from pages.site import Site
from pages.translations import State

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

N = TypeVar("N", bound=Node)
Finding = tuple[str, str]  # the row's key ("" for the site as a whole), the message
FindInSite = Callable[[Site], Iterator[Finding]]
FindInRow = Callable[[N], Iterator[str]]


@dataclass(frozen=True)
class Problem:
    id: str
    key: str
    message: str
    hint: str

    @property
    def is_error(self) -> bool:
        return self.id.startswith("pages.E")

    def __str__(self) -> str:
        return f"{self.key or 'site'}: ({self.id}) {self.message} {self.hint}"


REGISTRY: dict[str, tuple[FindInSite, StrPromise]] = {}  # the check and its hint, by id


def overall(check_id: str, *, hint: StrPromise) -> Callable[[FindInSite], FindInSite]:
    """Register a check that has to see the whole site."""

    def register(find: FindInSite) -> FindInSite:
        assert check_id not in REGISTRY, f"{check_id} is registered twice"
        REGISTRY[check_id] = find, hint
        return find

    return register


def each(
    kind: type[N], check_id: str, *, hint: StrPromise
) -> Callable[[FindInRow[N]], FindInRow[N]]:
    """Register a check that every row of ``kind`` has to pass for itself."""

    def register(find: FindInRow[N]) -> FindInRow[N]:
        overall(check_id, hint=hint)(
            lambda site: ((row.key, found) for row in site.all(kind) for found in find(row))
        )
        return find

    return register


def run(site: Site) -> list[Problem]:
    """Every problem of the site in each of its languages, errors first, then by id and row.

    A problem of a translation names the translation, for that is what has to be put right.
    """
    problems = _found_in(site)
    seen = {(problem.id, problem.key) for problem in problems}
    for other in site.others.values():
        problems += [
            replace(problem, key=_where_to_put_right(problem.key, other))
            for problem in _found_in(other)
            if (problem.id, problem.key) not in seen
        ]
    return sorted(problems, key=lambda problem: (problem.id, problem.key))


def _found_in(site: Site) -> list[Problem]:
    return [
        Problem(check_id, key, message, str(hint))
        for check_id, (find, hint) in REGISTRY.items()
        for key, message in find(site)
    ]


def _where_to_put_right(key: str, site: Site) -> str:
    """The translation of a row that has one; else the row."""
    state = site.states.get(key, State.MISSING)
    return key if state is State.MISSING else key_of(key, site.language)


def errors_in(site: Site) -> list[Problem]:
    return [problem for problem in run(site) if problem.is_error]


@cache
def text_fields_of(model_name: str) -> tuple[str, ...]:
    """The columns that hold words for readers: text without choices, and no short name."""
    return tuple(
        field.name
        for field in fields_of(model_of(model_name))
        if isinstance(field, (CharField, TextField)) and not field.choices and field.name != "slug"
    )


def texts_of(row: Node) -> Iterator[tuple[str, str]]:
    """Each column of words that is not empty: its name and its text, with markup."""
    for name in text_fields_of(row.key.partition(":")[0]):
        if text := getattr(row, name):
            yield name, text
