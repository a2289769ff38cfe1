"""What counts as a medical statement. One pure function; ``docs/editing.md`` says it in words.

Rather too much than too little: a slip in what patients rely on costs more than a
colleague's minute.
"""

from __future__ import annotations

from typing import Final

from pages.releases import Content, Fields

# Every row of these kinds speaks of benefit, harm, how treatment works or how it is given,
# or is the number that somebody in danger calls.
ALWAYS: Final = frozenset(
    {"study", "outcomefigure", "figurepart", "mechanism", "treatmentstep", "crisisline"}
)
# Questions of the other topic are about the clinic: prices, hours, languages.
TOPICS: Final = frozenset({"treatment", "evidence", "safety"})
# Notices of the other kinds are about the law and the form.
NOTICES: Final = frozenset(
    {"off_label", "safety", "not_advice", "not_emergency", "clinic_figure", "fda_warning"}
)
# Not pages about treatment, and yet nobody changes them alone.
PATHS: Final = frozenset({"/safety/", "/thoughts-of-suicide/"})


def is_medical(key: str, content: Content) -> bool:
    """Whether the row ``key`` of ``content`` makes a medical statement; ``False`` if it is gone.

    A row that a clinician has signed, or that cites a study, makes one wherever it stands.
    """
    row = content.get(key)
    if row is None:
        return False
    kind = key.partition(":")[0]
    if kind == "translation":  # it says what the row says that it translates
        return is_medical(row["of"], content)
    if kind in ALWAYS or row.get("reviewed_on") or row.get("cites"):
        return True
    if kind == "question":
        return row["topic"] in TOPICS
    if kind == "notice":
        return row["kind"] in NOTICES
    page = _page_of(kind, row, content)
    return page is not None and (page["is_treatment"] or page["path"] in PATHS)


def medical_among(keys: list[str], *, before: Content, after: Content) -> list[str]:
    """The keys of rows that make a medical statement, or made one and stop doing so."""
    return [key for key in keys if is_medical(key, before) or is_medical(key, after)]


def _page_of(kind: str, row: Fields, content: Content) -> Fields | None:
    """The page itself, or the page on which the section or its entry stands."""
    if kind == "page":
        return row
    if kind == "section":
        return content.get(row["page"])
    if kind == "sectionitem":
        section = content.get(row["section"])
        return content.get(section["page"]) if section else None
    return None
