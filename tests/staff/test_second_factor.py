"""Where a second factor is required, nothing opens without one."""

from __future__ import annotations

import re

import pytest
import time_machine
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django import Settings

from intake.models import AuditEvent
from tests.staff.people import (
    app_code,
    give_app,
    give_codes,
    is_signed_in,
    kinds,
    make_staff,
    sign_in,
    sign_in_fully,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _required(settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


def set_up_app(client: Client) -> str:
    page = client.get("/staff/app/new/").content.decode()
    match = re.search(r'class="key">([A-Z2-7]+)<', page)
    assert match, page
    secret = match[1]
    response = client.post("/staff/app/new/", {"code": app_code(secret)})
    assert response.status_code == 302, response.content
    assert response["Location"] == "/staff/recovery-codes/"
    return secret


@pytest.mark.parametrize(
    "path", ["/desk/", "/admin/", "/staff/sessions/", "/staff/password/", "/", "/contact/"]
)
def test_without_a_factor_every_page_leads_to_setting_one_up(client: Client, path: str) -> None:
    make_staff(is_staff=True)
    sign_in(client)

    response = client.get(path)

    assert response.status_code == 302
    assert response["Location"] == "/staff/"


def test_nothing_can_be_posted_without_a_factor_either(client: Client) -> None:
    user = make_staff()
    sign_in(client)

    response = client.post("/staff/sessions/")

    assert response["Location"] == "/staff/"
    assert kinds(user) == set()


def test_an_app_is_set_up_at_the_first_sign_in_and_then_the_desk_opens(client: Client) -> None:
    user = make_staff()
    sign_in(client)

    set_up_app(client)

    assert kinds(user) == {"totp", "recovery_codes"}
    assert client.get("/staff/sessions/").status_code == 200


def test_recovery_codes_are_shown_once(client: Client) -> None:
    make_staff()
    sign_in(client)
    set_up_app(client)

    first = client.get("/staff/recovery-codes/").content.decode()
    second = client.get("/staff/recovery-codes/").content.decode()

    assert len(re.findall(r"<code>\d{8}</code>", first)) == 10
    assert not re.findall(r"\d{8}", second.split("<main")[1].split("</main>")[0])


def test_a_wrong_first_code_sets_nothing_up(client: Client) -> None:
    user = make_staff()
    sign_in(client)
    client.get("/staff/app/new/")

    response = client.post("/staff/app/new/", {"code": "000000"})

    assert response.status_code == 422
    assert kinds(user) == set()


def test_the_password_alone_no_longer_signs_in(client: Client) -> None:
    give_app(make_staff())

    response = sign_in(client)

    assert response["Location"] == "/sign-in/code/"
    assert not is_signed_in(client)


def test_a_code_of_the_app_finishes_signing_in(client: Client) -> None:
    secret = give_app(make_staff())

    sign_in_fully(client, "dana.w", secret)

    assert client.get("/staff/sessions/").status_code == 200


def test_a_wrong_code_is_refused(client: Client) -> None:
    give_app(make_staff())
    sign_in(client)

    response = client.post("/sign-in/code/", {"code": "123456"})

    assert not is_signed_in(client)
    assert b"That code is not right" in response.content


@pytest.mark.parametrize("later", [0, 29, 45, 59])
def test_a_code_works_once_even_while_it_would_still_be_accepted(later: int) -> None:
    secret = give_app(make_staff())
    with time_machine.travel("2026-11-23 17:00:00", tick=False) as clock:
        code = app_code(secret, steps=1)  # of a phone that is half a minute fast
        first, second = Client(), Client()
        sign_in(first)
        first.post("/sign-in/code/", {"code": code})
        assert is_signed_in(first)

        clock.shift(later)
        sign_in(second)
        second.post("/sign-in/code/", {"code": code})

    assert not is_signed_in(second)


def test_the_code_that_set_up_the_app_cannot_sign_in(client: Client) -> None:
    make_staff()
    with time_machine.travel("2026-11-23 17:00:00", tick=False):
        sign_in(client)
        secret = set_up_app(client)
        other = Client()
        sign_in(other)
        other.post("/sign-in/code/", {"code": app_code(secret)})

    assert not is_signed_in(other)


def test_a_recovery_code_signs_in_once() -> None:
    user = make_staff()
    give_app(user)
    code = give_codes(user)[3]
    first, second = Client(), Client()

    sign_in(first)
    first.post("/sign-in/code/", {"code": code})
    sign_in(second)
    second.post("/sign-in/code/", {"code": code})

    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_somebody_with_only_recovery_codes_must_set_up_a_factor(client: Client) -> None:
    give_codes(make_staff())
    sign_in(client)

    assert client.get("/desk/")["Location"] == "/staff/"


def test_a_session_waiting_with_the_password_alone_ends_when_the_owner_sets_up_a_factor() -> None:
    make_staff()
    thief, owner = Client(), Client()
    sign_in(thief)
    sign_in(owner)

    set_up_app(owner)

    assert not is_signed_in(thief)
    assert thief.get("/desk/")["Location"].startswith("/sign-in/")
    assert is_signed_in(owner)


def test_a_factor_set_up_elsewhere_does_not_make_a_password_session_whole(client: Client) -> None:
    user = make_staff()
    sign_in(client)

    give_app(user)

    assert client.get("/desk/")["Location"].startswith("/sign-in/")
    assert not is_signed_in(client)


def test_the_last_factor_cannot_be_removed(client: Client) -> None:
    user = make_staff()
    sign_in_fully(client, "dana.w", give_app(user))

    response = client.post("/staff/app/remove/")

    assert response.status_code == 422
    assert "totp" in kinds(user)


def test_the_last_passkey_cannot_be_removed(client: Client) -> None:
    user = make_staff()
    sign_in_fully(client, "dana.w", give_app(user))
    Authenticator.objects.filter(user=user, type="totp").delete()
    key = Authenticator.objects.create(
        user=user, type="webauthn", data={"name": "key", "credential": {}}
    )

    client.post(f"/staff/passkeys/{key.pk}/remove/")

    assert "webauthn" in kinds(user)


def test_another_persons_passkey_cannot_be_removed_or_renamed(client: Client) -> None:
    secret = give_app(make_staff())
    other = make_staff("kim")
    key = Authenticator.objects.create(
        user=other, type="webauthn", data={"name": "key", "credential": {}}
    )
    sign_in_fully(client, "dana.w", secret)

    removed = client.post(f"/staff/passkeys/{key.pk}/remove/")
    renamed = client.post(f"/staff/passkeys/{key.pk}/rename/", {"name": "mine"})

    assert removed.status_code == renamed.status_code == 404
    assert kinds(other) == {"webauthn"}


def test_secrets_are_sealed_in_the_database() -> None:
    user = make_staff()
    secret = give_app(user)
    codes = give_codes(user)

    stored = str(list(Authenticator.objects.filter(user=user).values_list("data", flat=True)))

    assert secret not in stored
    assert all(code not in stored for code in codes)


def test_factors_still_open_after_the_secret_key_was_replaced(
    client: Client, settings: Settings
) -> None:
    secret = give_app(make_staff())
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key " * 6

    sign_in_fully(client, "dana.w", secret)

    assert is_signed_in(client)


def test_five_wrong_codes_make_the_sixth_wait(client: Client) -> None:
    secret = give_app(make_staff())
    sign_in(client)
    for _ in range(5):
        client.post("/sign-in/code/", {"code": "000000"})

    client.post("/sign-in/code/", {"code": app_code(secret)})

    assert not is_signed_in(client)


def test_adding_and_removing_a_factor_is_on_record(client: Client) -> None:
    user = make_staff()
    sign_in(client)
    set_up_app(client)
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "key", "credential": {}})

    client.post("/staff/app/remove/")

    events = AuditEvent.objects.filter(actor=user, action__startswith="factor")
    assert [(event.action, event.detail) for event in events] == [
        ("factor_added", {"kind": "totp"}),
        ("factor_removed", {"kind": "totp"}),
    ]
    assert kinds(user) == {"webauthn", "recovery_codes"}


def test_setting_up_the_first_factor_ends_other_sessions_even_where_none_is_required(
    settings: Settings,
) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    make_staff()
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)

    set_up_app(here)

    assert is_signed_in(here)
    assert not is_signed_in(there)


def test_a_factor_sealed_with_a_lost_key_says_what_to_do(settings: Settings) -> None:
    sealed = get_adapter().encrypt("a secret")
    settings.SECRET_KEY = "another key " * 6

    with pytest.raises(LookupError, match="invite_staff NAME --again --forget-factors"):
        get_adapter().decrypt(sealed)


def test_a_passkey_beside_another_can_be_removed_on_record(client: Client) -> None:
    user = make_staff()
    sign_in_fully(client, "dana.w", give_app(user))
    key = Authenticator.objects.create(
        user=user, type="webauthn", data={"name": "key", "credential": {}}
    )

    client.post(f"/staff/passkeys/{key.pk}/remove/")

    assert kinds(user) == {"totp"}
    event = AuditEvent.objects.get(actor=user, action="factor_removed")
    assert event.detail == {"kind": "webauthn"}
