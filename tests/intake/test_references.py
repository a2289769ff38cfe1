"""A reference is short, stable and can be said over the phone."""

from uuid import UUID, uuid4

import pytest

from intake.references import ALPHABET, parse_reference, reference_for, show_reference

FULL_WIDTH = "".join(chr(ord(letter) + 0xFEE0) for letter in "R4TXN-W7KQC")
KEY = UUID("7d2f2ad0-5f52-4a55-9a3c-0f4f3b0c7a11")


def test_the_same_form_has_the_same_reference() -> None:
    assert reference_for(KEY) == reference_for(UUID(str(KEY)))


def test_other_forms_have_other_references() -> None:
    assert len({reference_for(uuid4()) for _ in range(2000)}) == 2000


def test_nobody_without_the_secret_can_compute_it(settings) -> None:
    before = reference_for(KEY)

    settings.SECRET_KEY = "another secret"

    assert reference_for(KEY) != before


def test_it_has_only_letters_that_nobody_confuses() -> None:
    assert len(ALPHABET) == 31
    assert not set("01ILO") & set(ALPHABET)
    assert set(reference_for(KEY)) <= set(ALPHABET)
    assert len(reference_for(KEY)) == 10


@pytest.mark.parametrize(
    "typed",
    ["R4TXN-W7KQC", "r4txn w7kqc", " R4TXNW7KQC ", "R4TXN\u2011W7KQC", FULL_WIDTH],
)
def test_it_is_understood_however_it_is_typed(typed: str) -> None:
    assert parse_reference(typed) == "R4TXNW7KQC"


@pytest.mark.parametrize("typed", ["", "R4TXN", "R4TXN-W7KQ0", "R4TXN-W7KQCC", "'; DROP TABLE"])
def test_what_is_no_reference_is_none(typed: str) -> None:
    assert parse_reference(typed) is None


def test_it_is_shown_in_two_halves() -> None:
    assert show_reference("R4TXNW7KQC") == "R4TXN-W7KQC"
    assert parse_reference(show_reference("R4TXNW7KQC")) == "R4TXNW7KQC"
