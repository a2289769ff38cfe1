"""What differs between two contents, field by field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.models import Question
from pages.publishing import publish_all
from pages.releases import Change, Content, FieldChange, diff, live_content
from pages.releases import working_content as working
from pages.standing import Standing, standing_of
from tests.pages.factories import make_question


def row(**fields: Any) -> dict[str, Any]:
    return {"question": "Q?", "answer": "A", **fields}


def test_a_changed_row_tells_which_fields_changed() -> None:
    before, after = {"question:q": row()}, {"question:q": row(answer="B")}

    assert diff(before, after) == [
        Change("question:q", "changed", (FieldChange("answer", "A", "B"),))
    ]


def test_added_and_removed_rows_carry_their_fields() -> None:
    (added,) = diff({}, {"question:q": row()})
    (removed,) = diff({"question:q": row()}, {})

    assert added.kind == "added"
    assert added.fields == (FieldChange("question", None, "Q?"), FieldChange("answer", None, "A"))
    assert removed.kind == "removed"
    assert removed.fields[0] == FieldChange("question", "Q?", None)


def test_changes_come_in_the_order_of_the_models() -> None:
    changes = diff({}, {"question:a": row(), "page:z": {}, "page:b": {}})

    assert [change.key for change in changes] == ["page:b", "page:z", "question:a"]


_contents = st.dictionaries(
    st.sampled_from(["question:a", "question:b", "study:c", "page:d"]),
    st.fixed_dictionaries({"x": st.integers(0, 2), "y": st.sampled_from(["", "words"])}),
)


@given(_contents, _contents)
def test_a_diff_holds_all_that_turns_one_content_into_the_other(old: Content, new: Content) -> None:
    rebuilt = {key: dict(fields) for key, fields in old.items()}
    for change in diff(old, new):
        if change.kind == "removed":
            del rebuilt[change.key]
        else:
            rebuilt.setdefault(change.key, {}).update({f.name: f.after for f in change.fields})

    assert rebuilt == new
    assert not diff(new, new)


@pytest.mark.django_db
def test_a_row_knows_how_it_stands(site_rows: None) -> None:
    question = make_question()

    def standing() -> Standing:
        return standing_of(question, live=live_content(), working=working())

    assert standing() is Standing.NEVER
    publish_all(by=None)
    assert standing() is Standing.LIVE
    Question.objects.update(answer="<p>Not for a day.</p>")
    assert standing() is Standing.CHANGED
    Question.objects.update(is_ready=False)
    assert standing() is Standing.WITHDRAWN
    publish_all(by=None)
    assert standing() is Standing.NOT_READY
