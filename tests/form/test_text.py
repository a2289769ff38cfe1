"""What may stand in a text, and what is refused."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.text import BadText, fold, read_line, read_paragraph


@pytest.mark.parametrize(
    "kept",
    [
        "Ana",
        "Mar\u00eda-Jos\u00e9 O\u2019Neill",
        "\u05d3\u05d5\u05d3",
        "\u0639\u0644\u064a",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u5f20\u4f1f",
        "X \u00c6 A-12",
        "\U0001f469\u200d\u2695\ufe0f",
        "=HYPERLINK(1)",
        "<script>alert(1)</script>",
        "\u202eana",
        "a" * 300,
    ],
)
def test_names_of_every_script_are_kept_as_typed(kept: str) -> None:
    assert read_line(kept) == kept


@pytest.mark.parametrize("hidden", ["\0", "\x01", "\x1b", "\x7f", "\x9f"])
@pytest.mark.parametrize("reader", [read_line, read_paragraph])
def test_control_characters_are_refused(reader: object, hidden: str) -> None:
    with pytest.raises(BadText, match="hidden control character"):
        reader(f"An{hidden}a")  # type: ignore[operator]


@pytest.mark.parametrize(
    "damaged", [chr(c) for c in (0xD800, 0xDFFF, 0xFFFD, 0xFFFF, 0xFDD0, 0x1FFFF)]
)
@pytest.mark.parametrize("reader", [read_line, read_paragraph])
def test_characters_that_did_not_arrive_whole_are_refused(reader: object, damaged: str) -> None:
    with pytest.raises(BadText, match="did not reach us whole"):
        reader(f"An{damaged}a")  # type: ignore[operator]


def test_of_all_characters_just_those_are_refused_that_no_text_holds() -> None:
    def is_refused(character: str) -> bool:
        try:
            read_paragraph(character)
        except BadText:
            return True
        return False

    def should_be(character: str) -> bool:
        category, code = unicodedata.category(character), ord(character)
        is_noncharacter = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
        return (
            (category == "Cc" and character not in "\t\n\r")
            or category == "Cs"
            or is_noncharacter
            or character == "\ufffd"
        )

    characters = map(chr, range(sys.maxunicode + 1))
    assert [hex(ord(c)) for c in characters if is_refused(c) != should_be(c)] == []


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_a_line_break_is_refused_where_one_line_is_asked(line_break: str) -> None:
    with pytest.raises(BadText, match="must be on one line"):
        read_line(f"Ana{line_break}Bcc: all@example.org")


def test_a_line_break_counts_once_in_a_paragraph() -> None:
    assert read_paragraph("one\r\ntwo\rthree\u2028four") == "one\ntwo\nthree\nfour"


def test_a_tab_from_a_table_becomes_a_space() -> None:
    assert read_line("\tAna\tB.\t") == "Ana B."


def test_letters_are_kept_in_composed_form() -> None:
    assert read_line("Jose\u0301") == "Jos\u00e9"


@pytest.mark.parametrize("nothing", ["", "   ", "\u200b\u200d", "\u202e\u202c", "\u3164"])
def test_what_nobody_can_see_is_nothing(nothing: str) -> None:
    assert read_line(nothing) == ""
    assert read_paragraph(nothing) == ""


def test_invisible_marks_and_wide_letters_mean_nothing_in_an_address() -> None:
    assert fold("\u200bana\uff20example\uff0eorg\u202c ") == "ana@example.org"


@given(st.text())
def test_what_is_accepted_can_be_stored_and_read_again_unchanged(typed: str) -> None:
    for reader in (read_line, read_paragraph):
        try:
            kept = reader(typed)
        except BadText:
            continue
        assert kept.encode("utf-8").decode("utf-8") == kept
        assert "\0" not in kept
        assert reader(kept) == kept
