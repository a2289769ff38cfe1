"""The register of checks, in the manner of Django's system checks.

A check is a function that finds what is wrong with one row, or with the site as a whole. Above it
stand its id, what it says and what helps. It gives the values of the placeholders in what it says.
An id with an E is an error and stops publishing by anyone; one with a W is a warning, shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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
F = TypeVar("F")
Values = Mapping[str, object]  # of the placeholders in what the check says
Finding = tuple[str, Values]  # first the row's key ("" for the site as a whole)
FindInSite = Callable[[Site], Iterable[Finding]]
FindInRow = Callable[[N], bool | Iterable[Values]]  # true: found, the values are the row's fields
Hinted = tuple[F, "StrPromise"]  # a check and what helps


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


# What each check finds, with the message in the reader's language, and its hint; by id.
REGISTRY: dict[str, Hinted[Callable[[Site], Iterator[tuple[str, str]]]]] = {}


def hint(words: StrPromise) -> Callable[[F], Hinted[F]]:
    return lambda find: (find, words)


def overall(check_id: str, says: StrPromise | str) -> Callable[[Hinted[FindInSite]], None]:
    """Register a check that has to see the whole site."""

    def register(hinted: Hinted[FindInSite]) -> None:
        find, words = hinted
        assert check_id not in REGISTRY, f"{check_id} is registered twice"
        REGISTRY[check_id] = lambda site: ((key, says % vals) for key, vals in find(site)), words

    return register


def each(kind: type[N], check_id: str, says: StrPromise) -> Callable[[Hinted[FindInRow[N]]], None]:
    """Register a check that every row of ``kind`` has to pass for itself."""

    def register(hinted: Hinted[FindInRow[N]]) -> None:
        find, words = hinted
        overall(check_id, says)((lambda site: _in_rows(site.all(kind), find), words))

    return register


def _in_rows(rows: Iterable[N], find: FindInRow[N]) -> Iterator[Finding]:
    for row in rows:
        found = find(row)
        if isinstance(found, bool):
            found = [vars(row)] if found else []
        for values in found:
            yield row.key, values


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
        Problem(check_id, key, message, str(words))
        for check_id, (find, words) in REGISTRY.items()
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


def texts_of(row: Node) -> dict[str, str]:
    """What each column of words says, with its markup, but for the empty ones."""
    names = text_fields_of(row.key.partition(":")[0])
    return {name: text for name in names if (text := getattr(row, name))}
