"""Checks that a site must pass before it goes live. ``docs/preflight.md`` explains each one."""

from pages.preflight import (  # noqa: F401  they register checks
    figures,
    review,
    structure,
    translations,
    wording,
)
from pages.preflight.registry import REGISTRY, Level, Problem, errors_in, run

__all__ = ["REGISTRY", "Level", "Problem", "errors_in", "run"]
