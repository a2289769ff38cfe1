"""Telephone numbers are found however they are written, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from pages.telephones import dialled, numbers_in


@pytest.mark.parametrize(
    "number",
    [
        "866-951-4325",
        "866-951-HEAL",
        "(866) 951-4325",
        "866.951.4325",
        "8669514325",
        "1-866-951-4325",
        "1 866 951 4325",
        "+18669514325",
        "+1 (866) 951-4325",
    ],
)
def test_a_number_is_found_and_dialled_the_same_however_it_is_written(number: str) -> None:
    for text in (number, f"Call {number}.", f'<a href="tel:{number}">us</a>', f"({number})"):
        assert [dialled(found) for found in numbers_in(text)] == ["+18669514325"], text


@pytest.mark.parametrize(
    "text",
    ["988", "text 838255", "10.1001/8669514325", "NCT03158896", "PMC8669514325", "86695143259"],
)
def test_what_is_no_number_is_left_alone(text: str) -> None:
    assert list(numbers_in(text)) == []
