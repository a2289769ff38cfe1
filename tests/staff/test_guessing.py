"""Guessing is slow for everybody, and a stranger cannot shut the door for its owner."""

from __future__ import annotations

import threading

import pytest
import time_machine
from django.conf import settings as live_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django import Settings

from tests.staff.people import PASSWORD, is_signed_in, make_staff, sign_in

pytestmark = pytest.mark.django_db

WRONG = "wrong but long enough"


def guess(times: int, *, name: str = "dana.w", address: str = "203.0.113.5") -> list[int]:
    return [sign_in(Client(), name, WRONG, REMOTE_ADDR=address).status_code for _ in range(times)]


def test_after_five_guesses_one_address_waits_a_quarter_of_an_hour() -> None:
    make_staff()
    with time_machine.travel("2026-11-23 17:00:00", tick=False) as clock:
        answers = guess(6)
        right = sign_in(Client(), REMOTE_ADDR="203.0.113.5").status_code
        clock.shift(15 * 60 + 1)
        later = sign_in(Client(), REMOTE_ADDR="203.0.113.5").status_code

    assert answers == [422] * 5 + [429]
    assert right == 429
    assert later == 302


def test_who_knows_the_password_is_never_taken_for_a_guesser() -> None:
    make_staff()

    browsers = [sign_in(Client(), REMOTE_ADDR="203.0.113.5").status_code for _ in range(8)]

    assert browsers == [302] * 8


def test_a_team_that_signs_in_for_the_first_time_from_one_address_is_no_crowd_of_guessers() -> None:
    team = [make_staff(f"person{n}").get_username() for n in range(16)]

    answers = [sign_in(Client(), name, REMOTE_ADDR="203.0.113.5").status_code for name in team]
    guesses = [guess(1, name=f"name{n}")[0] for n in range(12)]

    assert answers == [302] * 16
    assert guesses == [422] * 10 + [429] * 2


def test_somebody_who_signs_in_from_everywhere_is_no_guesser() -> None:
    make_staff()

    answers = [sign_in(Client(), REMOTE_ADDR=f"203.0.113.{n}").status_code for n in range(1, 25)]

    assert answers == [302] * 24


def test_the_limit_says_nothing_about_whether_the_name_exists() -> None:
    make_staff()

    assert guess(7, name="dana.w") == guess(7, name="nobody", address="203.0.113.6")


def test_many_addresses_together_are_slowed_at_one_account() -> None:
    make_staff()

    answers = [guess(1, address=f"203.0.113.{n}")[0] for n in range(1, 25)]

    assert answers[:20] == [422] * 20
    assert answers[20:] == [429] * 4


def test_one_address_is_slowed_across_many_names() -> None:
    answers = [guess(1, name=f"name{n}")[0] for n in range(12)]

    assert answers == [422] * 10 + [429] * 2


def test_addresses_of_one_ipv6_network_count_as_one() -> None:
    answers = [guess(1, name=f"name{n}", address=f"2001:db8::{n + 1:x}")[0] for n in range(12)]

    assert answers[10:] == [429] * 2


def test_a_stranger_does_not_lock_out_a_browser_that_signed_in_before(client: Client) -> None:
    make_staff()
    sign_in(client, REMOTE_ADDR="203.0.113.5")
    client.post("/sign-out/")

    for n in range(1, 25):
        guess(1, address=f"203.0.113.{n}")
    guess(6, address="203.0.113.5")  # from behind the clinic's own address, too
    stranger = sign_in(Client(), REMOTE_ADDR="198.51.100.1").status_code
    owner = sign_in(client, REMOTE_ADDR="203.0.113.5").status_code

    assert stranger == 429
    assert owner == 302
    assert is_signed_in(client)


def test_a_known_browser_may_not_guess_without_end_either(client: Client) -> None:
    make_staff()
    sign_in(client)
    client.post("/sign-out/")

    answers = [sign_in(client, password=WRONG).status_code for _ in range(11)]

    assert answers[-1] == 429


def test_the_mark_of_a_browser_opens_nothing_for_another_account(client: Client) -> None:
    make_staff()
    make_staff("kim")
    sign_in(client)
    client.post("/sign-out/")
    for n in range(1, 25):
        guess(1, name="kim", address=f"203.0.113.{n}")

    assert sign_in(client, "kim").status_code == 429


def test_a_forged_mark_is_a_stranger(client: Client) -> None:
    make_staff()
    guess(6, address="127.0.0.1")
    client.cookies[live_settings.KNOWN_BROWSER_COOKIE] = "WyJ4IiwieSJd:1abcde:forged"

    assert sign_in(client).status_code == 429


def test_the_mark_shows_no_name_and_is_sent_to_this_site_only(client: Client) -> None:
    make_staff()

    cookie = sign_in(client).cookies[live_settings.KNOWN_BROWSER_COOKIE]

    assert "dana" not in cookie.value
    assert (cookie["path"], cookie["domain"]) == ("/", "")  # as the prefix __Host- demands
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"


def test_a_header_that_no_trusted_proxy_wrote_does_not_change_the_address(
    settings: Settings,
) -> None:
    make_staff()
    settings.TRUSTED_PROXIES = []

    answers = [
        sign_in(
            Client(), "dana.w", WRONG, REMOTE_ADDR="203.0.113.5", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}"
        ).status_code
        for n in range(6)
    ]

    assert answers[-1] == 429


def test_the_limits_are_kept_where_all_processes_look() -> None:
    guess(1)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM clinic_shared_counter")
        (count,) = cursor.fetchone()

    assert count >= 3


@pytest.mark.django_db(transaction=True)
def test_of_many_who_use_a_code_at_once_one_succeeds() -> None:
    won: list[bool] = []
    start = threading.Barrier(6)

    def use() -> None:
        start.wait()
        won.append(cache.add("staff.totp.used.1.123456", True, timeout=120))
        connection.close()

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == [False] * 5 + [True]


def test_confirming_with_the_password_is_counted_too(client: Client) -> None:
    make_staff()
    sign_in(client)

    answers = [client.post("/staff/confirm/", {"password": WRONG}).status_code for _ in range(11)]

    assert answers[0] == 422
    assert answers[-1] == 429
    assert PASSWORD
