"""Filters of the desk's templates."""

from __future__ import annotations

from datetime import timedelta

from django import template

from intake.desk.numbers import Share
from intake.desk.wording import NOTHING, span

register = template.Library()


@register.filter
def share(value: Share) -> str:
    """``99%``; a dash when there is nothing to count."""
    return NOTHING if value.percent is None else f"{value.percent}%"


@register.filter
def length_of_time(value: timedelta | None) -> str:
    """``5 h 55``; a dash when nothing was measured."""
    return NOTHING if value is None else span(value)
