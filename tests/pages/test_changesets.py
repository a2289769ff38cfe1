"""Change sets: laid onto another base, undone, and what counts as a clash."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.changesets import changes_between, fingerprint, inverse_of, lay_onto
from pages.releases import Content, serialise
from tests.pages.factories import make_page, make_question, make_section, make_study

pytestmark = pytest.mark.django_db

QUESTION: dict[str, Any] = {
    "is_ready": True,
    "position": 0,
    "reviewed_on": None,
    "reviewed_by": "",
    "review_due_on": None,
    "topic": "practical",
    "is_on_home": False,
    "cites": [],
}


def question(slug: str, text: str) -> dict[str, Any]:
    return {**QUESTION, "slug": slug, "question": text, "answer": text}


def site_of(**texts: str) -> Content:
    return {f"question:{slug}": question(slug, text) for slug, text in texts.items()}


contents = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["x", "y", "z"])).map(
    lambda texts: site_of(**texts)
)


@given(before=contents, after=contents)
def test_laying_the_changes_onto_their_own_base_gives_the_other_side(
    before: Content, after: Content
) -> None:
    changes = changes_between(before, after)

    assert lay_onto(before, changes) == (after, [])
    assert lay_onto(after, inverse_of(changes)) == (before, [])


@given(before=contents, after=contents, other=contents)
def test_what_does_not_clash_keeps_every_change_of_both(
    before: Content, after: Content, other: Content
) -> None:
    changes = changes_between(before, after)
    elsewhere = changes_between(before, other)

    result, clashes = lay_onto(other, changes)

    both = changes.keys() & elsewhere.keys()
    assert set(clashes) == {key for key in both if changes[key] != elsewhere[key]}
    if not clashes:
        for key in changes:
            assert result.get(key) == after.get(key)
        for key in elsewhere.keys() - changes.keys():
            assert result.get(key) == other.get(key)


def test_a_row_that_says_it_already_is_no_clash() -> None:
    changes = changes_between(site_of(a="old"), site_of(a="new"))

    assert lay_onto(site_of(a="new", b="x"), changes) == (site_of(a="new", b="x"), [])


def test_removing_a_page_clashes_with_a_section_added_since() -> None:
    page = make_page()
    before = {page.key: serialise(page)}
    section = make_section(page)
    since = before | {section.key: serialise(section)}

    _, clashes = lay_onto(since, changes_between(before, {}))

    assert clashes == [section.key]


def test_a_citation_of_a_study_removed_since_is_a_clash() -> None:
    study, row = make_study(), make_question()
    before = {study.key: serialise(study)}
    row.cites.add(study)
    after = before | {row.key: serialise(row)}

    _, clashes = lay_onto({}, changes_between(before, after))

    assert clashes == [row.key]


def test_the_changes_of_an_older_release_get_the_columns_of_today() -> None:
    changes = changes_between({}, site_of(a="new"))
    del changes["question:a"][1]["is_on_home"]  # type: ignore[index]

    result, clashes = lay_onto({}, changes)

    assert clashes == []
    assert result["question:a"]["is_on_home"] is False


def test_a_fingerprint_changes_with_what_it_is_of() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
