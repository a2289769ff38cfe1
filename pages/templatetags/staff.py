"""Links into the admin, drawn on public pages for signed-in staff and for nobody else."""

from __future__ import annotations

from django import template
from django.template import Context
from django.urls import reverse

from pages.nodes import Node, Section
from pages.releases import MODEL_BY_NAME, title_of
from pages.usage import rows_of

register = template.Library()


@register.inclusion_tag("components/edit-this.html", takes_context=True)
def edit_this(context: Context, row: Node) -> dict[str, object]:
    """Links to the forms of the row and of what it shows, as far as this person may edit them.

    Nothing without ``may_edit`` in the context, which only pages that nobody keeps have.
    """
    may_edit = context.get("may_edit") or frozenset()
    shown = rows_of(row) if isinstance(row, Section) else [row]
    rows = {found.key: found for found in shown} if may_edit else {}
    return {
        "links": [
            {
                "title": title_of(vars(found), default=found.slug),
                "kind": MODEL_BY_NAME[kind]._meta.verbose_name,
                "address": reverse("admin:pages_row", args=[key]),
            }
            for key, found in rows.items()
            if (kind := key.partition(":")[0]) in may_edit
        ]
    }
