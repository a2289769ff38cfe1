"""Roles, and the command that makes accounts."""

from __future__ import annotations

import io
import re

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command

from clinic_site.roles import ROLES, ensure_roles, permissions_of

pytestmark = pytest.mark.django_db


def create(*args: str, stdin: str = "", monkeypatch: pytest.MonkeyPatch) -> str:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    call_command("create_staff", *args, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_exactly_its_permissions(role: str) -> None:
    ensure_roles()

    found = Group.objects.get(name=role).permissions.select_related("content_type")

    assert {f"{p.content_type.app_label}.{p.codename}" for p in found} == permissions_of(role)


def test_only_the_desk_roles_may_use_the_desk_and_only_one_may_run_it() -> None:
    assert [r for r in ROLES if "intake.use_desk" in permissions_of(r)] == [
        "coordinator",
        "supervisor",
    ]
    assert [r for r in ROLES if "intake.supervise_desk" in permissions_of(r)] == ["supervisor"]


def test_making_the_roles_again_takes_back_what_was_added_by_hand() -> None:
    ensure_roles()
    editors = Group.objects.get(name="editor")
    editors.permissions.add(*Group.objects.get(name="supervisor").permissions.all())

    ensure_roles()

    names = {p.codename for p in editors.permissions.all()}
    assert "use_desk" not in names
    assert "change_question" in names


@pytest.mark.parametrize(
    ("role", "has_admin"),
    [("editor", True), ("reviewer", True), ("coordinator", False), ("supervisor", True)],
)
def test_a_new_account_can_sign_in_with_its_role(
    role: str, has_admin: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = create("dana", "--role", role, stdin="orange lamp on porch\n", monkeypatch=monkeypatch)

    user = User.objects.get(username="dana")
    assert user.check_password("orange lamp on porch")
    assert [g.name for g in user.groups.all()] == [role]
    assert user.is_staff is has_admin
    assert not user.is_superuser
    assert "orange lamp" not in out


def test_without_a_password_one_is_made_and_shown_once(monkeypatch: pytest.MonkeyPatch) -> None:
    out = create("dana", "--role", "editor", monkeypatch=monkeypatch)

    shown = re.search(r"Password, shown this once: (\S+)", out)
    assert shown is not None
    assert User.objects.get(username="dana").check_password(shown[1])


@pytest.mark.parametrize(
    ("args", "stdin", "sentence"),
    [
        (["dana", "--role", "editor"], "short\n", "too weak. This password is too short"),
        (["dana", "--role", "editor"], "password1234\n", "This password is too common."),
        (["dana.winter", "--role", "editor"], "dana.winter1\n", "too similar to the username"),
        (["dana w", "--role", "editor"], "", "'dana w' cannot be a name."),
        (["", "--role", "editor"], "", "cannot be a name"),
        (["dana", "--role", "editor", "--password-stdin"], "", "standard input is empty"),
        (["dana", "--role", "boss"], "", "invalid choice: 'boss'"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(
    args: list[str], stdin: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match=re.escape(sentence)):
        create(*args, stdin=stdin, monkeypatch=monkeypatch)

    assert not User.objects.exists()


@pytest.mark.parametrize("again", ["dana", "Dana", "DANA"])
def test_a_name_is_given_once(again: str, monkeypatch: pytest.MonkeyPatch) -> None:
    create("dana", "--role", "editor", monkeypatch=monkeypatch)

    with pytest.raises(CommandError, match="already somebody called"):
        create(again, "--role", "supervisor", monkeypatch=monkeypatch)

    assert User.objects.get().groups.get().name == "editor"
