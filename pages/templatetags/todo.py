"""What the front page of the admin shows: what to do now, and all kinds of rows by what they are for."""

from __future__ import annotations

from typing import Any

from django import template

from pages.admin.todo import todo_of

register = template.Library()

# Each kind of row with what it is, for somebody who looks for a sentence of the site.
TASKS: dict[str, dict[str, str]] = {
    "Words": {
        "Page": "Title, address, first words, and the sections below them.",
        "Section": "One part of a page: a heading, its text, what it lists.",
        "Question": "What people ask, and the answers.",
        "Notice": "Off-label, safety, emergency, privacy and legal texts.",
        "TreatmentStep": "How a course of treatment runs, step by step.",
        "Mechanism": "How researchers think ketamine works.",
        "Translation": "The same words in another language.",
    },
    "Figures and studies": {
        "OutcomeFigure": "A number about results: of whom, when, compared with what.",
        "Study": "What was studied, what it found, where it was printed.",
    },
    "The clinic": {
        "ClinicProfile": "Name, phone, address, how soon we call back.",
        "CrisisLine": "988 and 911: the bar on every page.",
        "NavLink": "The menu, and the links at the foot.",
        "Redirect": "Where readers of an old address are sent.",
        "Photo": "Pictures for sections and for shared links.",
    },
    "Publishing": {
        "Release": "Every version of the site: what changed, who stood behind it.",
        "PreviewLink": "Show a preview to somebody without an account.",
        "PublishingPolicy": "What a second person has to approve.",
    },
    "Parts": {
        "SectionItem": "Entries of a section. Easier to edit in the section itself.",
        "FigurePart": "Shares of a figure. Easier to edit in the figure itself.",
    },
}


@register.inclusion_tag("admin/pages/todo.html", takes_context=True)
def whats_next(context: template.Context) -> dict[str, Any]:
    """What there is to do now, for the person who looks."""
    return todo_of(context["request"].user)


@register.simple_tag
def by_task(app_list: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Django's list of kinds in our groups; what we do not know stays with its app, at the end."""
    apps = app_list or []
    kinds = {kind["object_name"]: kind for app in apps for kind in app["models"]}
    known = {name for task in TASKS.values() for name in task}
    groups = [
        {
            "name": task,
            "kinds": [kinds[name] | {"hint": hints[name]} for name in hints if name in kinds],
        }
        for task, hints in TASKS.items()
    ]
    others = [
        {
            "name": app["name"],
            "kinds": [
                kind | {"hint": ""} for kind in app["models"] if kind["object_name"] not in known
            ],
        }
        for app in apps
    ]
    return [group for group in (*groups, *others) if group["kinds"]]
