"""What the front page of the admin shows: what to do now, and all kinds of rows by what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from pages.admin.todo import todo_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

register = template.Library()

# Each kind of row with what it is, for somebody who looks for a sentence of the site.
TASKS: dict[str, dict[str, StrPromise]] = {
    gettext_noop("Words"): {
        "Page": _("Title, address, first words, and the sections below them."),
        "Section": _("One part of a page: a heading, its text, what it lists."),
        "Question": _("What people ask, and the answers."),
        "Notice": _("Off-label, safety, emergency, privacy and legal texts."),
        "TreatmentStep": _("How a course of treatment runs, step by step."),
        "Mechanism": _("How researchers think ketamine works."),
        "Translation": _("The same words in another language."),
    },
    gettext_noop("Figures and studies"): {
        "OutcomeFigure": _("A number about results: of whom, when, compared with what."),
        "Study": _("What was studied, what it found, where it was printed."),
    },
    gettext_noop("The clinic"): {
        "ClinicProfile": _("Name, phone, address, how soon we call back."),
        "CrisisLine": _("988 and 911: the bar on every page."),
        "NavLink": _("The menu, and the links at the foot."),
        "Redirect": _("Where readers of an old address are sent."),
        "Photo": _("Pictures for sections and for shared links."),
    },
    gettext_noop("Publishing"): {
        "Release": _("Every version of the site: what changed, who stood behind it."),
        "PreviewLink": _("Show a preview to somebody without an account."),
        "PublishingPolicy": _("What a second person has to approve."),
    },
    gettext_noop("Parts"): {
        "SectionItem": _("Entries of a section. Easier to edit in the section itself."),
        "FigurePart": _("Shares of a figure. Easier to edit in the figure itself."),
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
            "name": gettext(task),
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
