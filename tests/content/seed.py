"""The seed content as plain rows, read straight from the TOML files, without the project's loader."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "pages" / "content"

# What a reader sees as sentences. Citations (title, authors, journal) are others' words.
PUBLIC_TEXT = {
    "clinicprofile": ("name", "tagline"),
    "crisisline": ("label", "detail"),
    "page": ("title", "meta_title", "meta_description", "lead"),
    "section": ("heading", "aside", "body", "provenance", "link_label"),
    "sectionitem": ("heading", "body"),
    "navlink": ("label",),
    "mechanism": (
        "heading",
        "term",
        "summary",
        "body",
        "drawing_alt",
        "legend",
        "animals_text",
        "people_text",
    ),
    "treatmentstep": ("heading", "body"),
    "outcomefigure": (
        "origin_note",
        "headline",
        "body",
        "no_denominator_reason",
        "comparator",
        "measure",
        "time_point",
        "population",
        "condition",
        "route",
        "caveat",
        "provenance",
    ),
    "figurepart": ("arm", "label"),
    "question": ("question", "answer"),
    "notice": ("heading", "short", "body"),
    "study": ("design", "finding"),
    "translation": (),  # in another language: tests/spanish reads those
}


@dataclass(frozen=True)
class Seed:
    """One row of a file."""

    kind: str
    slug: str
    fields: dict[str, Any]
    file: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.slug}"

    @property
    def is_ready(self) -> bool:
        return bool(self.fields.get("is_ready", True))

    def text(self) -> str:
        """Everything a reader sees of it, without markup, one field a line."""
        return "\n".join(
            plain(str(self.fields[name]))
            for name in PUBLIC_TEXT[self.kind]
            if self.fields.get(name)
        )


def plain(html: str) -> str:
    """Text without tags; the end of a block ends a line."""
    html = re.sub(r"</(p|li|h3|h4|blockquote)>", "\n", html)
    return re.sub(r"<[^>]+>", "", html).replace("&amp;", "&").strip()


@cache
def all_seeds() -> tuple[Seed, ...]:
    """Every row of every file, file by file, in the files' own order."""
    return tuple(
        Seed(kind=kind, slug=str(fields.get("slug", "")), fields=fields, file=path.name)
        for path in sorted(FOLDER.glob("*.toml"))
        for kind, rows in tomllib.loads(path.read_text()).items()
        for fields in rows
    )


def seeds(kind: str, *, ready: bool = True) -> list[Seed]:
    """The rows of one kind: those to be published, or with ``ready=False`` all of them."""
    return [seed for seed in all_seeds() if seed.kind == kind and (seed.is_ready or not ready)]


def ready_seeds() -> list[Seed]:
    """Rows that will be published: ready, and on a page, section or figure that is."""
    by_key = {seed.key: seed for seed in all_seeds()}

    def is_shown(seed: Seed) -> bool:
        return seed.is_ready and all(
            is_shown(by_key[f"{kind}:{seed.fields[kind.removeprefix('outcome')]}"])
            for kind in parents_of(seed)
        )

    return [seed for seed in all_seeds() if is_shown(seed)]


def parents_of(seed: Seed) -> list[str]:
    """The kinds of row without which this row is not shown."""
    return {"section": ["page"], "sectionitem": ["section"], "figurepart": ["outcomefigure"]}.get(
        seed.kind, []
    )
