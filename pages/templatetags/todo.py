"""What the front page of the admin shows above Django's own list."""

from __future__ import annotations

from typing import Any

from django import template

from pages.admin.todo import todo_of

register = template.Library()


@register.inclusion_tag("admin/pages/todo.html", takes_context=True)
def whats_next(context: template.Context) -> dict[str, Any]:
    """What there is to do now, for the person who looks."""
    return todo_of(context["request"].user)
