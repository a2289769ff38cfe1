"""Phone numbers as people write them, and the sentence for those that nobody can call."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.phone import BadPhone, read_phone

MILLS = "+13035550142"
TOO_LONG = (
    "The phone number has 11 digits; a US number has 10. "
    "If it is not a US number, begin with + and the country code"
)


@pytest.mark.parametrize(
    "typed",
    [
        "3035550142",
        "303-555-0142",
        "303.555.0142",
        "303 555 0142",
        "303/555/0142",
        "303\u2022555\u20220142",
        "(303) 555-0142",
        "( 303 )555 0142",
        "3 0 3 5 5 5 0 1 4 2",
        "1 303 555 0142",
        "1-303-555-0142",
        "+1 303 555 0142",
        "+1.303.555.0142",
        "+1(303)555-0142",
        "001 303 555 0142",
        "tel:+1-303-555-0142",
        "303\u00a0555\u00a00142",
        "303\u2011555\u20130142",
        "  303-555-0142  ",
        "\u202a+1 (303) 555-0142\u202c",
        "303\u200b555\u200b0142",
        "303-555-0142 (cell)",
        "cell: 303-555-0142",
        "303 555 0142 please",
        "\u0663\u0660\u0663\u0665\u0665\u0665\u0660\u0661\u0664\u0662",
        "\u06f3\u06f0\u06f3-\u06f5\u06f5\u06f5-\u06f0\u06f1\u06f4\u06f2",
        "\u0969\u0966\u0969 \u096b\u096b\u096b \u0966\u0967\u096a\u0968",
        "\uff11\uff08\uff13\uff10\uff13\uff09\uff15\uff15\uff15\uff0d\uff10\uff11\uff14\uff12",
    ],
)
def test_one_number_in_every_form_a_person_writes(typed: str) -> None:
    number = read_phone(typed)

    assert number.as_e164 == MILLS
    assert not number.extension


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("866-951-HEAL", "+18669514325"),
        ("866 951 heal", "+18669514325"),
        ("866-951-\uff28\uff25\uff21\uff2c", "+18669514325"),
        ("1-800-FLOWERS", "+18003569377"),
        ("+44 20 7946 0018", "+442079460018"),
        ("011 44 20 7946 0018", "+442079460018"),
        ("0044 20 7946 0018", "+442079460018"),
        ("+52 55 1234 5678", "+525512345678"),
        ("787-555-0142", "+17875550142"),
    ],
)
def test_vanity_letters_territories_and_other_countries(typed: str, e164: str) -> None:
    assert read_phone(typed).as_e164 == e164


@pytest.mark.parametrize(
    "typed",
    [
        "303-555-0142 ext. 12",
        "303-555-0142 ext 12",
        "303 555 0142x12",
        "303-555-0142 #12",
        "303-555-0142, extension 12",
        "303 555 0142 extensi\u00f3n 12",
        "tel:+1-303-555-0142;ext=12",
        "work 303-555-0142 ext 12",
    ],
)
def test_an_extension_is_kept_beside_the_number(typed: str) -> None:
    number = read_phone(typed)

    assert (number.as_e164, number.extension) == (MILLS, "12")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("303-555-014", "The phone number has 9 digits; a US number has 10"),
        ("+1-303-555-014", "The phone number has 9 digits; a US number has 10"),
        ("303-555-014 cell", "The phone number has 9 digits; a US number has 10"),
        ("1", "The phone number has 1 digit; a US number has 10"),
        ("555-0142", "The phone number has 7 digits; put the area code before it"),
        ("303-555-01422", TOO_LONG),
        (
            "303 555 0142 or 720 555 0142",
            "The phone number has 20 digits; give one number of 10 digits",
        ),
        (
            "911",
            "911 is the line to call for help now. Here, give the number we can reach you on",
        ),
        (
            "988",
            "988 is the line to call for help now. Here, give the number we can reach you on",
        ),
        ("411", "411 is a service number; give the number we can reach you on"),
        ("000-000-0000", "No US area code begins with 0; check the first 3 digits"),
        ("123-555-0142", "No US area code begins with 1; check the first 3 digits"),
        ("303-155-0142", "After the area code, no US number goes on with 1; check the digits"),
        ("555-555-5555", "555-555-5555 is not a US number in use; check each digit"),
        ("900-555-0142", "We cannot call a premium-rate number; give another number"),
        ("+44 909 879 0000", "We cannot call a premium-rate number; give another number"),
        (
            "+44 12",
            "That number is not in use in the country it begins with; check each digit",
        ),
        ("ask my sister", "Write the phone number in digits, such as 303-555-0142"),
        ("+", "Write the phone number in digits, such as 303-555-0142"),
        ("\U0001f4de", "Write the phone number in digits, such as 303-555-0142"),
    ],
)
def test_a_number_nobody_can_call_says_how_to_put_it_right(typed: str, sentence: str) -> None:
    with pytest.raises(BadPhone) as refused:
        read_phone(typed)

    assert str(refused.value) == sentence


@given(st.text(max_size=60))
def test_whatever_is_typed_gives_a_number_or_a_sentence(typed: str) -> None:
    try:
        outcome = read_phone(typed).as_e164
    except BadPhone as refused:
        outcome = str(refused)

    assert outcome[0] == "+" or outcome[0].isupper() or outcome[0].isdigit()


@given(
    st.sampled_from(["+1303", "+1900", "+44", "+49", "+52", "+800", "+979", "+"]),
    st.text("0123456789", min_size=3, max_size=12),
)
def test_what_has_a_kind_is_what_the_library_calls_valid(start: str, rest: str) -> None:
    typed = start + rest
    try:
        number = phonenumbers.parse(typed)
    except phonenumbers.NumberParseException:
        return
    is_premium = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PREMIUM_RATE

    try:
        taken = read_phone(typed).is_valid()
    except BadPhone:
        taken = False

    assert taken == (phonenumbers.is_valid_number(number) and not is_premium)
