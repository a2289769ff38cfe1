"""Sessions end: left alone, too old, or because something about their owner changed."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from intake.models import AuditEvent
from tests.staff.people import PASSWORD, is_signed_in, make_staff, sign_in

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2026, 11, 23, 16, 0, tzinfo=dt.UTC)


def minutes(count: float) -> dt.timedelta:
    return dt.timedelta(minutes=count)


def test_a_session_that_is_used_goes_on(client: Client) -> None:
    make_staff()
    with time_machine.travel(NINE, tick=False) as clock:
        sign_in(client)
        for _ in range(5):
            clock.shift(minutes(14))
            assert is_signed_in(client)


def test_a_session_left_alone_for_fifteen_minutes_is_over(client: Client) -> None:
    make_staff()
    with time_machine.travel(NINE, tick=False) as clock:
        sign_in(client)
        clock.shift(minutes(15.1))

        response = client.get("/desk/", follow=True)

    assert response.wsgi_request.path == "/sign-in/"
    assert b"nothing was touched for 15 minutes" in response.content


def test_a_page_that_refreshes_itself_does_not_keep_a_session_open(client: Client) -> None:
    make_staff()
    with time_machine.travel(NINE, tick=False) as clock:
        sign_in(client)
        for _ in range(3):
            clock.shift(minutes(5.1))
            client.get("/desk/", headers={"X-Desk-Part": "queue"})

        assert not is_signed_in(client)


def test_a_busy_session_is_over_after_twelve_hours_all_the_same(client: Client) -> None:
    make_staff()
    with time_machine.travel(NINE, tick=False) as clock:
        sign_in(client)
        for _ in range(12 * 5):
            clock.shift(minutes(12))
            assert is_signed_in(client)
        clock.shift(minutes(1))

        assert not is_signed_in(client)


def change_group(user: User) -> None:
    user.groups.set([Group.objects.get(name="editor")])


def give_permission(user: User) -> None:
    user.user_permissions.add(Permission.objects.get(codename="supervise_desk"))


def make_superuser(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_superuser=True)


def take_admin(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=not user.is_staff)


def close(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize(
    "change", [change_group, give_permission, make_superuser, take_admin, close]
)
def test_every_session_ends_when_the_role_changes_or_the_account_closes(change) -> None:
    user = make_staff()
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)

    change(user)

    assert not is_signed_in(here)
    assert not is_signed_in(there)


def test_a_superuser_signs_somebody_out_everywhere(client: Client) -> None:
    dana, _ = make_staff(), make_staff("root", is_superuser=True, is_staff=True)
    sign_in(client)
    boss = Client()
    sign_in(boss, "root")

    boss.post("/admin/auth/user/", {"action": "end_sessions", "_selected_action": [dana.pk]})

    assert not is_signed_in(client)
    assert is_signed_in(boss)


def test_a_refusal_is_logged_with_who_and_what_and_no_name(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    user = make_staff(role="editor")
    sign_in(client)

    client.get("/desk/")

    assert f"refused user={user.pk} view=desk:list" in caplog.text
    assert user.get_username() not in caplog.text


def test_a_session_does_not_come_back_when_an_account_closed_in_the_admin_opens_again(
    client: Client,
) -> None:
    dana, root = make_staff(), make_staff("root", is_superuser=True, is_staff=True)
    sign_in(client)
    boss = Client()
    sign_in(boss, "root")
    form = {
        "username": "dana.w",
        "groups": [group.pk for group in dana.groups.all()],
        "_save": "Save",
    }

    closed = boss.post(f"/admin/auth/user/{dana.pk}/change/", form)
    opened = boss.post(f"/admin/auth/user/{dana.pk}/change/", {**form, "is_active": "on"})

    assert closed.status_code == opened.status_code == 302
    assert User.objects.get(pk=dana.pk).is_active
    assert not is_signed_in(client)
    assert root.pk


def test_all_sessions_end_on_a_password_change_this_one_too() -> None:
    make_staff()
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)

    response = here.post(
        "/staff/password/",
        {
            "oldpassword": PASSWORD,
            "password1": "a new one with words",
            "password2": "a new one with words",
        },
    )

    assert response["Location"] == "/sign-in/"
    assert not is_signed_in(here)
    assert not is_signed_in(there)
    assert sign_in(here, password="a new one with words").status_code == 302


@pytest.mark.parametrize("weak", ["short", "password123456"])
def test_a_weak_new_password_is_refused(client: Client, weak: str) -> None:
    make_staff()
    sign_in(client)

    response = client.post(
        "/staff/password/", {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
    )

    assert response.status_code == 422
    assert is_signed_in(client)


def test_sessions_are_listed_and_one_can_be_ended_from_another() -> None:
    make_staff()
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there, headers={"user-agent": "Browser of a stolen phone"})
    stolen = UserSession.objects.get(user_agent="Browser of a stolen phone")

    listed = here.get("/staff/sessions/").content.decode()
    here.post(f"/staff/sessions/{stolen.pk}/end/")

    assert "Browser of a stolen phone" in listed
    assert not is_signed_in(there)
    assert is_signed_in(here)


def test_all_other_sessions_can_be_ended_at_once() -> None:
    make_staff()
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)

    here.post("/staff/sessions/")

    assert not is_signed_in(there)
    assert is_signed_in(here)


def test_another_persons_session_cannot_be_ended(client: Client) -> None:
    make_staff()
    make_staff("kim")
    other = Client()
    sign_in(other, "kim")
    sign_in(client)

    response = client.post(
        f"/staff/sessions/{UserSession.objects.get(user__username='kim').pk}/end/"
    )

    assert response.status_code == 404
    assert is_signed_in(other)


def test_a_visitor_without_a_session_gets_no_cookie_and_costs_no_query(
    client: Client, django_assert_num_queries
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/health/live")

    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("path", ["/sign-in/", "/staff/", "/staff/sessions/", "/staff/password/"])
def test_no_browser_or_proxy_keeps_a_page_of_the_staff(client: Client, path: str) -> None:
    make_staff()
    sign_in(client)

    assert client.get(path)["Cache-Control"] == "no-store, private"


def test_what_changes_how_somebody_signs_in_is_on_record(client: Client) -> None:
    user = make_staff()
    sign_in(client)
    new = "a new one with words"
    client.post("/staff/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    events = AuditEvent.objects.filter(actor=user).values_list("action", "detail")

    assert list(events) == [("signed_in", {"by": ["password"]}), ("password_changed", {})]


def test_a_new_role_given_in_the_admin_ends_the_sessions_of_who_has_it(client: Client) -> None:
    dana = make_staff()
    make_staff("root", is_superuser=True, is_staff=True)
    sign_in(client)
    boss = Client()
    sign_in(boss, "root")
    form = {"username": "dana.w", "first_name": "", "last_name": "", "email": ""}
    joined = dana.date_joined.astimezone()
    form |= {"is_active": "on", "date_joined_0": f"{joined:%Y-%m-%d}", "date_joined_1": "10:00:00"}

    same = boss.post(f"/admin/auth/user/{dana.pk}/change/", {**form, "groups": groups_of(dana)})
    assert same.status_code == 302, same.content
    assert is_signed_in(client)
    editor = Group.objects.get(name="editor").pk
    changed = boss.post(f"/admin/auth/user/{dana.pk}/change/", {**form, "groups": [editor]})

    assert changed.status_code == 302, changed.content
    assert not UserSession.objects.filter(user=dana).exists()
    assert not is_signed_in(client)
    assert is_signed_in(boss)


def groups_of(user: User) -> list[int]:
    return list(user.groups.values_list("pk", flat=True))
