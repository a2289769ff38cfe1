"""Which passwords are refused as guessable, and that nothing else is asked of them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from tests.staff.people import make_staff, sign_in


@pytest.mark.parametrize(
    "guessable",
    [
        "password2026!",  # common, dressed up
        "P4ssw0rd!!!2027",  # and disguised
        "qwertyqwerty",  # common, twice
        "Sunshine#12345",
        "123456789012",
        "aaaaaaaaaaaaaaaa",
        "ketamine2026!!",  # the clinic's own words
        "InfusionClinic1",
        "Supervisor-2027",
    ],
)
def test_what_anybody_would_try_is_refused(guessable: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(guessable, User(username="dana.w"))


@pytest.mark.parametrize(
    "good",
    [
        "quiet lantern over gravel",
        "onlysmallletters and spaces",
        "8417 2093 5561 7740 12",  # any kind of character will do
        "пароль из четырёх разных слов",
        "clinic of seven yellow herons",  # one word of ours among others
        "x" + "abcdefghij" * 8,  # long
    ],
)
def test_any_other_kind_of_password_is_welcome(good: str) -> None:
    validate_password(good, User(username="dana.w"))


@pytest.mark.django_db
@pytest.mark.parametrize("typed", [" quiet lantern over gravel", "Quiet lantern over gravel"])
def test_a_password_counts_exactly_as_it_was_typed(client: Client, typed: str) -> None:
    make_staff()

    assert sign_in(client, password=typed).status_code == 422
