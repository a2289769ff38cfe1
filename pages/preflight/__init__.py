"""Checks that a site must pass before it goes live. ``docs/preflight.md`` explains each one."""

from pages.preflight import figures, review, structure, wording  # noqa: F401  they register checks
from pages.preflight.registry import REGISTRY, Problem, errors_in, run

__all__ = ["REGISTRY", "Problem", "errors_in", "run"]
