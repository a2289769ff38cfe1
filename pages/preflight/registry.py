"""The register of checks, in the manner of Django's system checks.

A check is a function from a Site to findings: the key of a row and what is wrong with
it. Errors block publishing by anyone; warnings are shown.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache

from django.db.models import CharField, TextField

from pages.models.translation import key_of
from pages.nodes import Node
from pages.releases import fields_of, model_of
from pages.site import Site
from pages.translations import State

Finding = tuple[str, str]  # the row's key ("" for the site as a whole), the message
Check = Callable[[Site], Iterator[Finding]]


class Level(IntEnum):
    WARNING = 30
    ERROR = 40


@dataclass(frozen=True)
class Registered:
    id: str
    level: Level
    hint: str
    find: Check


@dataclass(frozen=True)
class Problem:
    id: str
    level: Level
    key: str
    message: str
    hint: str

    @property
    def is_error(self) -> bool:
        return self.level is Level.ERROR

    def __str__(self) -> str:
        return f"{self.key or 'site'}: ({self.id}) {self.message} {self.hint}"


REGISTRY: dict[str, Registered] = {}


def error(check_id: str, *, hint: str) -> Callable[[Check], Check]:
    """Register a check whose findings block publishing."""
    return _register(check_id, Level.ERROR, hint)


def warning(check_id: str, *, hint: str) -> Callable[[Check], Check]:
    """Register a check whose findings are shown and block nothing."""
    return _register(check_id, Level.WARNING, hint)


def _register(check_id: str, level: Level, hint: str) -> Callable[[Check], Check]:
    def register(find: Check) -> Check:
        assert check_id not in REGISTRY, f"{check_id} is registered twice"
        REGISTRY[check_id] = Registered(check_id, level, hint, find)
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
    return sorted(problems, key=lambda problem: (-problem.level, problem.id, problem.key))


def _found_in(site: Site) -> list[Problem]:
    return [
        Problem(check.id, check.level, key, message, check.hint)
        for check in REGISTRY.values()
        for key, message in check.find(site)
    ]


def _where_to_put_right(key: str, site: Site) -> str:
    """The translation of a row that has one; else the row."""
    state = site.states.get(key, State.MISSING)
    return key if state is State.MISSING else key_of(key, site.language)


def errors_in(site: Site) -> list[Problem]:
    return [problem for problem in run(site) if problem.level is Level.ERROR]


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


def plain(text: str) -> str:
    """Words without markup; the end of a block is the end of a sentence."""
    text = re.sub(r"</(?:p|li|h3|h4|blockquote)>|<br>", " \n", text)
    return html.unescape(re.sub(r"<[^>]+>", "", text)).strip()
