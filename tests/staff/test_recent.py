"""What cannot be taken back asks again who is there."""

from __future__ import annotations

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from tests.staff.people import PASSWORD, app_code, give_app, make_staff, sign_in, sign_in_fully

pytestmark = pytest.mark.django_db


def test_signing_in_counts_for_five_minutes(client: Client) -> None:
    make_staff()
    with time_machine.travel("2026-11-23 17:00:00", tick=False) as clock:
        sign_in(client)
        clock.shift(299)
        soon = client.get("/staff/sessions/")
        clock.shift(2)
        later = client.get("/staff/sessions/?day=1")

    assert soon.status_code == 200
    assert later["Location"] == "/staff/confirm/?next=%2Fstaff%2Fsessions%2F%3Fday%3D1"


def test_confirming_leads_back_and_counts_again(client: Client) -> None:
    make_staff()
    with time_machine.travel("2026-11-23 17:00:00", tick=False) as clock:
        sign_in(client)
        clock.shift(400)
        response = client.post("/staff/confirm/?next=/staff/sessions/", {"password": PASSWORD})
        opened = client.get("/staff/sessions/")

    assert response["Location"] == "/staff/sessions/"
    assert opened.status_code == 200


def test_after_confirming_the_old_key_of_the_session_opens_nothing(client: Client) -> None:
    make_staff()
    sign_in(client)
    old = client.cookies[settings.SESSION_COOKIE_NAME].value

    client.post("/staff/confirm/?next=/staff/", {"password": PASSWORD})

    assert client.cookies[settings.SESSION_COOKIE_NAME].value != old
    assert client.get("/staff/").status_code == 200
    assert UserSession.objects.filter(session_key=client.session.session_key).count() == 1
    client.cookies[settings.SESSION_COOKIE_NAME] = old
    assert client.get("/staff/").status_code == 302


def test_who_has_a_second_factor_confirms_with_it_and_not_with_the_password(client: Client) -> None:
    secret = give_app(make_staff())
    with time_machine.travel("2026-11-23 17:00:00", tick=False) as clock:
        sign_in_fully(client, "dana.w", secret)
        clock.shift(400)
        asked = client.get("/staff/sessions/")
        by_password = client.post("/staff/confirm/?next=/staff/sessions/", {"password": PASSWORD})
        still_asked = client.get("/staff/sessions/")
        client.post("/staff/confirm/code/", {"code": app_code(secret)})
        opened = client.get("/staff/sessions/")

    assert asked["Location"].startswith("/staff/confirm/code/")
    assert by_password["Location"].startswith("/staff/confirm/code/")
    assert still_asked.status_code == 302
    assert opened.status_code == 200


def test_a_wrong_answer_confirms_nothing(client: Client) -> None:
    make_staff()
    with time_machine.travel("2026-11-23 17:00:00", tick=False) as clock:
        sign_in(client)
        clock.shift(400)
        refused = client.post("/staff/confirm/", {"password": "wrong but long enough"})
        asked = client.get("/staff/sessions/")

    assert refused.status_code == 422
    assert asked.status_code == 302


def test_what_was_posted_is_not_kept_in_the_session(client: Client) -> None:
    make_staff()
    with time_machine.travel("2026-11-23 17:00:00", tick=False) as clock:
        sign_in(client)
        clock.shift(400)
        response = client.post("/staff/sessions/", {"note": "a patient's words"})

    assert response.status_code == 302
    kept = [str(session.get_decoded()) for session in Session.objects.all()]
    assert kept
    assert not any("words" in text for text in kept)


@pytest.mark.parametrize(
    "path",
    [
        "/admin/auth/user/",
        "/admin/auth/user/add/",
        "/admin/auth/group/add/",
        "/staff/password/",
        "/staff/app/new/",
        "/staff/passkeys/new/",
        "/staff/recovery-codes/new/",
    ],
)
def test_roles_and_ways_of_signing_in_are_guarded(client: Client, path: str) -> None:
    make_staff("root", is_superuser=True, is_staff=True)
    with time_machine.travel("2026-11-23 17:00:00", tick=False) as clock:
        sign_in(client, "root")
        clock.shift(400)

        response = client.get(path)

    assert response.status_code == 302
    assert response["Location"].startswith("/staff/confirm/")


def test_the_decorator_asks_the_same(rf, client: Client) -> None:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpResponse

    from clinic_site.staff.access import recently_authenticated

    @recently_authenticated
    def export(request) -> HttpResponse:
        return HttpResponse("rows")

    request = rf.get("/export/")
    request.user = AnonymousUser()

    response = export(request)

    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=/export/"


def test_a_password_given_before_the_factor_was_set_up_no_longer_counts(client: Client) -> None:
    user = make_staff()
    with time_machine.travel("2026-11-23 17:00:00", tick=False) as clock:
        sign_in(client)
        clock.shift(400)
        client.post("/staff/confirm/", {"password": PASSWORD})
        before = client.get("/staff/sessions/")
        give_app(user)
        after = client.get("/staff/sessions/")

    assert before.status_code == 200
    assert after["Location"].startswith("/staff/confirm/code/")
