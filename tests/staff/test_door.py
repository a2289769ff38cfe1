"""One door for the desk and the admin, which says the same to everybody it does not let in."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.staff.people import PASSWORD, is_signed_in, make_staff, sign_in

pytestmark = pytest.mark.django_db


def test_a_coordinator_signs_in_and_lands_on_the_desk(client: Client) -> None:
    make_staff()

    response = sign_in(client)

    assert response.status_code == 302
    assert response["Location"] == "/desk/"
    assert is_signed_in(client)


def test_an_editor_who_may_not_open_the_desk_lands_in_the_admin(client: Client) -> None:
    make_staff("ed", "editor")

    assert sign_in(client, "ed")["Location"] == "/admin/"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client: Client) -> None:
    make_staff()

    response = client.post(
        "/sign-in/", {"username": "dana.w", "password": PASSWORD, "next": "/desk/measures/"}
    )

    assert response["Location"] == "/desk/measures/"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"]
)
def test_signing_in_never_leads_to_another_site(client: Client, elsewhere: str) -> None:
    make_staff()

    response = client.post(
        "/sign-in/", {"username": "dana.w", "password": PASSWORD, "next": elsewhere}
    )

    assert response["Location"] == "/desk/"


def test_everybody_who_is_refused_reads_the_same(client: Client) -> None:
    make_staff("dana.w")
    make_staff("closed", is_active=False)
    invited = make_staff("invited")
    invited.set_unusable_password()
    invited.save()

    answers = {
        name: sign_in(client, name, password)
        for name, password in [
            ("dana.w", "not the password at all"),
            ("nobody", PASSWORD),
            ("closed", PASSWORD),
            ("invited", PASSWORD),
        ]
    }

    assert {response.status_code for response in answers.values()} == {422}
    texts = {
        response.content.decode().split("<h1>")[0].split('role="alert"')[1]
        for response in answers.values()
    }
    assert len(texts) == 1
    assert not is_signed_in(client)


def test_a_password_is_hashed_once_whether_or_not_the_name_exists(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    make_staff("dana.w")
    make_staff("closed", is_active=False)
    counted: list[str] = []
    encode = MD5PasswordHasher.encode

    def count(self: MD5PasswordHasher, password: str, salt: str) -> str:
        counted.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)
    work = {}
    for name in ["dana.w", "nobody", "closed"]:
        counted.clear()
        sign_in(client, name, "wrong and long enough")
        work[name] = len(counted)

    assert set(work.values()) == {1}


def test_nobody_can_sign_up() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


@pytest.mark.parametrize("path", ["/sign-in/", "/desk/", "/admin/", "/admin/pages/question/"])
def test_desk_and_admin_lead_strangers_to_the_same_door(client: Client, path: str) -> None:
    response = client.get(path, follow=True)

    assert response.status_code == 200
    assert response.wsgi_request.path == "/sign-in/"


def test_the_admins_own_form_signs_nobody_in(client: Client) -> None:
    make_staff("ed", "editor")

    response = client.post("/admin/login/", {"username": "ed", "password": PASSWORD})

    assert response["Location"].startswith("/sign-in/")
    assert not is_signed_in(client)


def test_a_coordinator_is_told_no_by_the_admin_instead_of_going_in_circles(client: Client) -> None:
    make_staff()
    sign_in(client)

    response = client.get("/admin/", follow=True)

    assert response.status_code == 403


def test_the_admins_password_page_leads_to_ours(client: Client) -> None:
    make_staff("ed", "editor")
    sign_in(client, "ed")

    assert client.get("/admin/password_change/")["Location"] == "/staff/password/"


def test_signing_out_is_a_post_and_following_a_link_only_asks(client: Client) -> None:
    make_staff()
    sign_in(client)

    asked = client.get("/sign-out/")
    still_in = is_signed_in(client)
    client.post("/sign-out/")

    assert asked.status_code == 200
    assert still_in
    assert not is_signed_in(client)


def test_signing_in_changes_the_session_key(client: Client) -> None:
    make_staff()
    client.get("/sign-in/passkey/", headers={"accept": "application/json"})
    before = client.session.session_key

    sign_in(client)

    assert before
    assert client.session.session_key != before


def test_signing_in_needs_the_token_of_the_form() -> None:
    make_staff()
    strict = Client(enforce_csrf_checks=True)

    response = sign_in(strict)

    assert response.status_code == 403


@pytest.mark.parametrize("name", ["authenticator", "usersession", "emailaddress"])
def test_nobody_looks_at_secrets_or_sessions_in_the_admin(name: str) -> None:
    registered = {model._meta.model_name for model in admin.site._registry}

    assert name not in registered
    assert "user" in registered


def test_a_superuser_cannot_set_another_persons_password(client: Client) -> None:
    dana = make_staff()
    make_staff("root", is_superuser=True, is_staff=True)
    sign_in(client, "root")

    response = client.get(f"/admin/auth/user/{dana.pk}/password/")

    assert response.status_code == 403
