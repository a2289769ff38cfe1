"""An invitation works once, for two days, and then never again."""

from __future__ import annotations

import io

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from clinic_site.staff.invitations import invite
from intake.models import AuditEvent
from tests.staff.people import (
    PASSWORD,
    give_app,
    give_codes,
    is_signed_in,
    kinds,
    make_staff,
    sign_in,
)

pytestmark = pytest.mark.django_db

NEW = "seven geese over marble"


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def accept(client: Client, link: str, password: str = NEW):
    client.get(path_of(link), follow=True)
    return client.post("/staff/invitation/", {"new_password1": password, "new_password2": password})


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("invite_staff", *arguments, stdout=out)
    return out.getvalue().splitlines()[-1]


def test_somebody_invited_chooses_a_password_and_signs_in(client: Client) -> None:
    link = command("sam", "--role", "coordinator")

    response = accept(client, link)

    assert response["Location"] == "/sign-in/"
    assert sign_in(client, "sam", NEW).status_code == 302
    assert User.objects.get(username="sam").has_perm("intake.use_desk")


def test_the_secret_leaves_the_address_at_once(client: Client) -> None:
    link = command("sam", "--role", "editor")

    response = client.get(path_of(link))

    assert response["Location"] == "/staff/invitation/"


def test_opening_the_link_uses_nothing_up(client: Client) -> None:
    link = command("sam", "--role", "editor")
    Client().get(path_of(link), follow=True)  # a mail scanner

    assert accept(client, link)["Location"] == "/sign-in/"


def test_the_link_works_once(client: Client) -> None:
    link = command("sam", "--role", "editor")
    accept(client, link)

    again = Client().get(path_of(link))
    late = accept(Client(), link, "another four words here")

    assert again.status_code == late.status_code == 410
    assert sign_in(client, "sam", NEW).status_code == 302


def test_two_browsers_with_the_link_open_cannot_both_use_it() -> None:
    link = command("sam", "--role", "editor")
    first, second = Client(), Client()
    first.get(path_of(link), follow=True)
    second.get(path_of(link), follow=True)

    first.post("/staff/invitation/", {"new_password1": NEW, "new_password2": NEW})
    response = second.post(
        "/staff/invitation/", {"new_password1": PASSWORD, "new_password2": PASSWORD}
    )

    assert response.status_code == 410
    assert sign_in(Client(), "sam", PASSWORD).status_code == 422


def test_the_link_works_for_two_days() -> None:
    with time_machine.travel("2026-11-23 17:00:00", tick=False) as clock:
        link = command("sam", "--role", "editor")
        clock.shift(48 * 3600 - 1)
        in_time = Client().get(path_of(link)).status_code
        clock.shift(2)
        late = Client().get(path_of(link)).status_code

    assert in_time == 302
    assert late == 410


@pytest.mark.parametrize(
    "path", ["MQ/abc-def", "%00/x", "OTk5OTk5/cx1234-" + "0" * 32, "..../...."]
)
def test_a_forged_link_is_answered_like_an_old_one(client: Client, path: str) -> None:
    response = client.get(f"/staff/invitation/{path}/")

    assert response.status_code == 410


def test_the_link_of_one_person_opens_nothing_for_another(client: Client) -> None:
    kim = make_staff("kim")
    link = command("sam", "--role", "editor")
    from django.utils.http import urlsafe_base64_encode

    token = path_of(link).strip("/").split("/")[-1]
    uid = urlsafe_base64_encode(str(kim.pk).encode())

    assert client.get(f"/staff/invitation/{uid}/{token}/").status_code == 410


def test_a_new_invitation_makes_the_old_one_void() -> None:
    first = command("sam", "--role", "editor")
    second = command("sam", "--again")

    assert Client().get(path_of(first)).status_code == 410
    assert Client().get(path_of(second)).status_code == 302


def test_a_closed_account_cannot_be_opened_with_its_link() -> None:
    link = command("sam", "--role", "editor")
    User.objects.filter(username="sam").update(is_active=False)

    assert Client().get(path_of(link)).status_code == 410


def test_a_weak_password_is_refused_and_the_link_stays(client: Client) -> None:
    link = command("sam", "--role", "editor")

    refused = accept(client, link, "password1234")
    accepted = accept(client, link)

    assert refused.status_code == 422
    assert accepted.status_code == 302


def test_inviting_again_ends_sessions_and_the_old_password(client: Client) -> None:
    make_staff()
    sign_in(client)

    command("dana.w", "--again")

    assert not is_signed_in(client)
    assert sign_in(Client()).status_code == 422


def test_factors_are_forgotten_only_when_asked() -> None:
    user = make_staff()
    give_app(user)
    give_codes(user)

    command("dana.w", "--again")
    kept = kinds(user)
    command("dana.w", "--again", "--forget-factors")

    assert kept == {"totp", "recovery_codes"}
    assert kinds(user) == set()


def test_invitations_are_on_record_without_the_link() -> None:
    user, boss = make_staff(), make_staff("root", is_superuser=True)

    link = invite(user=user, actor=boss)

    event = AuditEvent.objects.get(action="staff_invited")
    assert event.actor == boss
    assert event.detail == {"user": user.pk, "factors_forgotten": False}
    assert link.rstrip("/").split("/")[-1] not in str(event.detail)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sam"], "--role"),
        (["dana.w", "--role", "editor"], "--again"),
        (["nobody", "--again"], "nobody called"),
        (["two words", "--role", "editor"], "cannot be a name"),
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str], says: str) -> None:
    make_staff()

    with pytest.raises(CommandError, match=says):
        command(*arguments)


def test_a_superuser_invites_from_the_admin_and_sees_the_link_once(client: Client) -> None:
    user = make_staff()
    make_staff("root", is_superuser=True, is_staff=True)
    sign_in(client, "root")

    response = client.post(
        "/admin/auth/user/", {"action": "give_invitation", "_selected_action": [user.pk]}
    )

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert b"/staff/invitation/" in response.content
    assert not User.objects.get(pk=user.pk).has_usable_password()


def test_somebody_who_may_change_users_but_is_no_superuser_cannot_invite(client: Client) -> None:
    from django.contrib.auth.models import Permission

    victim = make_staff("root", is_superuser=True, is_staff=True)
    clerk = make_staff("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    sign_in(client, "clerk")

    client.post("/admin/auth/user/", {"action": "give_invitation", "_selected_action": [victim.pk]})

    assert User.objects.get(pk=victim.pk).has_usable_password()


def test_a_new_account_in_the_admin_has_no_password(client: Client) -> None:
    make_staff("root", is_superuser=True, is_staff=True)
    sign_in(client, "root")

    response = client.post(
        "/admin/auth/user/add/", {"username": "sam", "first_name": "", "last_name": "", "email": ""}
    )

    assert response.status_code == 302, response.content
    assert not User.objects.get(username="sam").has_usable_password()


def test_inviting_anew_from_the_admin_forgets_the_lost_phone(client: Client) -> None:
    user = make_staff()
    give_app(user)
    make_staff("root", is_superuser=True, is_staff=True)
    sign_in(client, "root")

    response = client.post(
        "/admin/auth/user/", {"action": "give_invitation_anew", "_selected_action": [user.pk]}
    )

    assert b"/staff/invitation/" in response.content
    assert kinds(user) == set()


def test_a_closed_account_is_not_invited_again() -> None:
    make_staff(is_active=False)

    with pytest.raises(CommandError, match="is closed"):
        command("dana.w", "--again")
