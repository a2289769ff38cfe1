"""Nothing of the clinic's copy, of the questions or of the safety texts was left out."""

from __future__ import annotations

import pytest

from tests.content.coverage import (
    EXTRA_QUESTIONS,
    INVENTORY,
    ONLY_THE_CLINIC,
    QUESTIONS,
    REGULATORY,
    Place,
)
from tests.content.seed import all_seeds, ready_seeds, seeds

# How many items each letter of the inventory has, counted from 0 for B and from 1 for the others.
ITEMS = {
    "A": range(1, 8),
    "B": range(5),
    "C": range(1, 8),
    "D": range(1, 4),
    "E": range(1, 7),
    "F": range(1, 4),
    "G": range(1, 10),
    "H": range(1, 7),
    "I": range(1, 6),
    "J": range(1, 4),
    "K": range(1, 5),
    "L": range(1, 7),
    "O": range(1, 5),
}
SHOWN = {seed.key: seed for seed in ready_seeds()}


def test_the_map_has_every_id_of_the_inventory() -> None:
    expected = {f"{letter}{n}" for letter, numbers in ITEMS.items() for n in numbers} | {"M", "N"}

    assert set(INVENTORY) == expected


@pytest.mark.parametrize("item", INVENTORY)
def test_each_item_of_the_clinics_copy_is_published_in_words(item: str) -> None:
    assert missing(INVENTORY[item]) == []


@pytest.mark.parametrize("item", REGULATORY)
def test_each_safety_and_regulatory_text_is_published_in_words(item: str) -> None:
    assert missing(REGULATORY[item]) == []


def missing(places: tuple[Place, ...]) -> list[Place]:
    """The places whose row is not published, or does not hold its words."""
    return [
        (key, words)
        for key, words in places
        if key not in SHOWN
        or words.casefold() not in SHOWN[key].text().replace("\n", " ").casefold()
    ]


def test_the_twenty_questions_and_the_extras_are_answered() -> None:
    questions = {seed.slug for seed in seeds("question")}

    assert set(QUESTIONS) == set(range(1, 21))
    assert len(set(QUESTIONS.values())) == 20
    assert set(QUESTIONS.values()) | EXTRA_QUESTIONS <= questions


def test_every_topic_has_questions_and_a_section_that_lists_them() -> None:
    topics = {seed.fields["topic"] for seed in seeds("question")}
    listed = {s.fields["lists"] for s in seeds("section") if s.fields["kind"] == "questions"}

    assert topics == listed == {"treatment", "evidence", "safety", "practical"}


def test_the_home_page_asks_four_questions() -> None:
    assert len([seed for seed in seeds("question") if seed.fields.get("is_on_home")]) == 4


@pytest.mark.parametrize("item", ONLY_THE_CLINIC)
def test_what_only_the_clinic_can_answer_waits_and_stays_hidden(item: str) -> None:
    keys = {seed.key for seed in all_seeds()}

    assert ONLY_THE_CLINIC[item] in keys
    assert ONLY_THE_CLINIC[item] not in SHOWN


def test_every_treatment_page_can_show_the_notices_it_needs() -> None:
    kinds = {seed.fields["kind"] for seed in seeds("notice")}

    assert kinds == {
        "off_label",
        "safety",
        "not_advice",
        "not_emergency",
        "clinic_figure",
        "fda_warning",
        "form",
        "legal",
    }


def test_only_pages_without_treatment_claims_go_without_the_off_label_line() -> None:
    without = {seed.slug for seed in seeds("page") if not seed.fields.get("is_treatment")}

    # The crisis page opens with help alone and says "off-label" beside what it says of ketamine;
    # the safety page carries the notice in full.
    assert without == {"thoughts-of-suicide", "safety", "contact", "privacy", "accessibility"}
    assert "off-label" in SHOWN["section:ketamine-and-suicide"].text()
    assert SHOWN["section:off-label-use"].fields["lists"] == "off_label"
