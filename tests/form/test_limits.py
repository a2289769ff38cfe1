"""How often the form may be sent, and whose address counts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client, RequestFactory

from intake import limits
from intake.models import Submission
from intake.tally import Tally, Wish
from tests.form.sending import make_token, receipt_of, send
from tests.intake.making import all_at_once


def address(remote: str, forwarded: str = "") -> str:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return limits.client_address(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers))


# -- The answer ------------------------------------------------------------------------


@pytest.mark.django_db
def test_beyond_the_limit_the_form_comes_back_with_the_number_to_call(
    client: Client, settings: Any
) -> None:
    settings.FORM_LIMITS = {"address": 2}
    for _ in range(2):
        receipt_of(send(client, token=make_token()))

    response = send(client, token=make_token(), comment="Evenings")

    page = response.content.decode()
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 600
    assert "please wait a few minutes" in page
    assert "866-951-HEAL" in page
    assert "Evenings" in page
    assert Submission.objects.count() == 2


@pytest.mark.django_db
def test_a_form_that_was_let_through_is_let_through_again(client: Client, settings: Any) -> None:
    settings.FORM_LIMITS = {"address": 1}
    token = make_token()
    first = receipt_of(send(client, token=token))
    assert send(client, token=make_token()).status_code == 429

    again = receipt_of(send(client, token=token))

    assert again.reference == first.reference


@pytest.mark.django_db
def test_a_form_that_was_turned_away_stays_so_until_the_time_is_over(
    client: Client, settings: Any
) -> None:
    settings.FORM_LIMITS = {"address": 1}
    with time_machine.travel("2026-11-23T10:00:01Z", tick=False) as clock:
        receipt_of(send(client, token=make_token()))
        late = make_token()
        assert send(client, token=late).status_code == 429
        assert send(client, token=late).status_code == 429

        clock.shift(600)

        receipt_of(send(client, token=late))


@pytest.mark.django_db
def test_another_address_is_not_held_back(client: Client, settings: Any) -> None:
    settings.FORM_LIMITS = {"address": 1}
    receipt_of(send(client))

    receipt_of(send(Client(REMOTE_ADDR="203.0.113.9"), token=make_token()))


@pytest.mark.django_db
def test_all_addresses_together_have_a_limit_too(settings: Any) -> None:
    settings.FORM_LIMITS = {"everybody": 1}
    receipt_of(send(Client(REMOTE_ADDR="203.0.113.8")))

    assert send(Client(REMOTE_ADDR="203.0.113.9"), token=make_token()).status_code == 429


@pytest.mark.django_db
def test_one_form_can_be_corrected_only_so_often(client: Client, settings: Any) -> None:
    settings.FORM_LIMITS = {"versions": 2}
    token = make_token()
    for number in range(2):
        receipt_of(send(client, token=token, comment=str(number)))

    assert send(client, token=token, comment="2").status_code == 429
    receipt_of(send(client, token=token, comment="1"))


@pytest.mark.django_db
def test_counters_that_cannot_be_written_turn_nobody_away(
    client: Client, settings: Any, var_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.FORM_LIMITS = {"address": 0}
    (var_dir / "limits").write_text("a file where the folder should be")

    receipt_of(send(client))

    assert "rate limits are not counted" in caplog.text


# -- Counting ----------------------------------------------------------------------------


def test_different_things_count_and_the_same_thing_counts_once() -> None:
    answers = [limits.admits("kind", "name", thing, 2) for thing in ("a", "a", "b", "c", "a")]

    assert answers == [True, True, True, False, True]


def test_another_process_sees_the_count(var_dir: Path, settings: Any) -> None:
    code = (
        "import django; django.setup()\n"
        "from pathlib import Path\n"
        "from django.conf import settings\n"
        "from intake import limits\n"
        f"settings.VAR_DIR = Path({str(var_dir)!r})\n"
        f"settings.SECRET_KEY = {settings.SECRET_KEY!r}\n"
        "print(limits.admits('kind', 'name', 'mine', 1))\n"
    )
    assert limits.admits("kind", "name", "ours", 1)

    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": ""},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip().endswith("False")


def test_of_many_at_once_exactly_as_many_as_the_limit_are_let_through(var_dir: Path) -> None:
    def ask(number: int) -> bool:
        tally = Tally(var_dir / "count")  # as another process would
        return tally.admits(Wish(b"counter", b"mark-%d" % number, 5))

    assert sum(all_at_once(20, ask)) == 5


def test_where_one_counter_is_full_the_others_are_not_used_up(var_dir: Path) -> None:
    tally = Tally(var_dir / "count")

    assert not tally.admits(Wish(b"address", b"form-1", 1), Wish(b"everybody", b"form-1!", 0))
    assert tally.admits(Wish(b"address", b"form-2", 1), Wish(b"everybody", b"form-2!", 1))
    assert not tally.admits(Wish(b"address", b"form-3", 1))


def test_a_line_that_broke_off_costs_no_later_count(var_dir: Path) -> None:
    assert limits.admits("kind", "name", "a", 2)
    (path,) = (var_dir / "limits").iterdir()
    with path.open("ab") as file:
        file.write(b"half a li")

    answers = [limits.admits("kind", "name", thing, 2) for thing in ("b", "c", "d")]

    assert answers == [True, True, False]


def test_counts_are_kept_in_the_shared_cache_when_there_is_one(
    settings: Any, var_dir: Path
) -> None:
    settings.CACHES = {
        **settings.CACHES,
        "limits": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    }
    caches["limits"].clear()

    answers = [limits.admits("kind", "name", thing, 2) for thing in ("a", "a", "b", "c", "c", "a")]

    assert answers == [True, True, True, False, False, True]
    assert not (var_dir / "limits").exists()


def test_no_address_is_written_anywhere(var_dir: Path) -> None:
    request = RequestFactory().post("/contact/", REMOTE_ADDR="203.0.113.77")

    limits.seconds_to_wait(request, form_key=uuid4().hex, words="words")

    names = [str(path.relative_to(var_dir)) for path in (var_dir / "limits").rglob("*")]
    assert names
    assert not [name for name in names if "203.0.113" in name]
    for path in (var_dir / "limits").rglob("*"):
        assert re.fullmatch(rb"(?:count [0-9a-f]{32} [0-9a-f]{32}\n)+", path.read_bytes())


def test_the_counters_of_an_earlier_stretch_are_removed(var_dir: Path) -> None:
    with time_machine.travel("2026-11-23T10:00:01Z", tick=False) as clock:
        limits.admits("kind", "name", "thing", 1)
        (before,) = (var_dir / "limits").iterdir()
        clock.shift(600)
        assert limits.admits("kind", "name", "other", 1)

    (after,) = (var_dir / "limits").iterdir()
    assert after.name != before.name


# -- Whose address -------------------------------------------------------------------------


def test_a_forwarded_address_is_not_believed_when_no_proxy_is_named(settings: Any) -> None:
    settings.TRUSTED_PROXIES = []

    assert address("203.0.113.5", "198.51.100.1") == "203.0.113.5"


@pytest.mark.parametrize(
    ("remote", "forwarded", "seen"),
    [
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_a_forwarded_address_is_believed_as_far_as_named_proxies_wrote_it(
    settings: Any, remote: str, forwarded: str, seen: str
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/24"]

    assert address(remote, forwarded) == seen


def test_a_proxy_on_a_unix_socket_is_named_unix(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["unix"]

    assert address("", "198.51.100.1") == "198.51.100.1"


def wait(remote: str) -> bool:
    request = RequestFactory().post("/contact/", REMOTE_ADDR=remote)
    return limits.seconds_to_wait(request, form_key=uuid4().hex, words="") > 0


def test_one_customer_of_an_ipv6_network_is_one_address(settings: Any) -> None:
    settings.FORM_LIMITS = {"address": 1}

    waits = [wait(remote) for remote in ("2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1")]

    assert waits == [False, True, False]


def test_an_ipv4_address_in_ipv6_clothes_is_itself(settings: Any) -> None:
    settings.FORM_LIMITS = {"address": 1}

    waits = [wait(remote) for remote in ("203.0.113.5", "::ffff:203.0.113.5", "::ffff:203.0.113.6")]

    assert waits == [False, True, False]
