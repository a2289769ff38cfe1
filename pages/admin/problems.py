"""What preflight found, beside the row that causes it and gathered by check."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext

from pages.admin.words import address_of
from pages.preflight import Problem
from pages.releases import Content, title_of


@dataclass(frozen=True)
class Line:
    """One thing to look at."""

    title: str
    address: str
    text: str = ""


@dataclass(frozen=True)
class Finding:
    """All that one check found: its first message, what helps, and a line for each row."""

    message: str
    hint: str
    lines: list[Line]

    @property
    def count(self) -> int:
        return len(self.lines)


def findings(problems: Iterable[Problem], content: Content, *, errors: bool) -> list[Finding]:
    """The errors, or the warnings, by check, the check with the fewest rows first."""
    by_check: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.is_error is errors:
            by_check.setdefault(problem.id, []).append(problem)
    found = [
        Finding(same[0].message, same[0].hint, [_line(problem, content) for problem in same])
        for same in by_check.values()
    ]
    return sorted(found, key=lambda finding: finding.count)


def of_rows(problems: Iterable[Problem], keys: Collection[str]) -> list[Problem]:
    """Those that these rows cause, for their own form: errors first, as preflight sorts them."""
    return [problem for problem in problems if problem.key in keys]


def _line(problem: Problem, content: Content) -> Line:
    row = content.get(problem.key, {})
    row = content.get(row.get("of", ""), row)  # a translation goes by the name of what it says
    title = title_of(row, default=problem.key or gettext("The site"))
    address = address_of(problem.key) if problem.key else reverse("admin:pages_changes")
    return Line(title, address, problem.message)
