"""Who gets through which door of the desk, and what a browser may keep."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from clinic_site.roles import create_staff
from intake import queue
from intake.desk.access import desk_page
from intake.desk.urls import urlpatterns
from intake.models import CallbackRequest, Closure, OpeningHours, QuickPhrase
from tests.desk.conftest import MONDAY, PASSWORD, signed_in
from tests.intake.making import make_request

# Each address with its method and who may use it: C coordinators, S supervisors.
DOORS = {
    "list": ("get", "CS"),
    "day": ("get", "CS"),
    "next": ("post", "CS"),
    "find": ("post", "CS"),
    "sheet": ("get", "CS"),
    "reveal": ("post", "CS"),
    "claim": ("post", "CS"),
    "renew": ("post", "CS"),
    "release": ("post", "CS"),
    "leave": ("post", "CS"),
    "attempt": ("post", "CS"),
    "undo": ("post", "CS"),
    "unreachable": ("post", "CS"),
    "consent": ("post", "CS"),
    "assign": ("post", "S"),
    "free": ("post", "S"),
    "merge": ("post", "CS"),
    "unmerge": ("post", "CS"),
    "find-name": ("post", "CS"),
    "phrases": ("get", "S"),
    "drop-phrase": ("post", "S"),
    "raise-phrase": ("post", "S"),
    "wording": ("get", "S"),
    "unsent": ("get", "S"),
    "send-again": ("post", "S"),
    "reopen": ("post", "S"),
    "measures": ("get", "S"),
    "export": ("get", "S"),
    "team": ("get", "S"),
    "held": ("get", "S"),
    "hours": ("get", "S"),
    "drop-hours": ("post", "S"),
    "drop-closure": ("post", "S"),
    "audit": ("get", "S"),
}


def address(name: str) -> str:
    """The door's address, for rows that exist."""
    if name == "drop-hours":
        return reverse(f"desk:{name}", args=[OpeningHours.objects.values_list("pk")[0][0]])
    if name in {"drop-phrase", "raise-phrase"}:
        return reverse(f"desk:{name}", args=[QuickPhrase.objects.get().pk])
    if name == "drop-closure":
        return reverse(f"desk:{name}", args=[Closure.objects.get().pk])
    route = next(p for p in urlpatterns if p.name == name)
    needs_row = "<int:pk>" in str(route.pattern)
    return reverse(f"desk:{name}", args=[CallbackRequest.objects.get().pk] if needs_row else [])


def knock(client: Client, name: str) -> int:
    return int(getattr(client, DOORS[name][0])(address(name)).status_code)


@pytest.fixture
def rows(clinic: object) -> CallbackRequest:
    QuickPhrase.objects.create(text="Rang out")
    Closure.objects.create(starts_on="2027-01-01", ends_on="2027-01-01", reason="New Year")
    return make_request()


def test_every_door_is_in_this_test() -> None:
    assert {p.name for p in urlpatterns} == set(DOORS)


@pytest.mark.parametrize("name", DOORS)
def test_a_stranger_is_sent_to_sign_in(rows: CallbackRequest, name: str) -> None:
    response = getattr(Client(), DOORS[name][0])(address(name))

    assert response.status_code == 302
    assert response.url.startswith("/sign-in/?next=/desk/")
    assert response["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("role", ["editor", "reviewer"])
@pytest.mark.parametrize("name", DOORS)
def test_staff_of_the_website_are_refused(rows: CallbackRequest, name: str, role: str) -> None:
    client = signed_in(create_staff(name="eddy", role=role, password=PASSWORD))

    assert knock(client, name) == 403


@pytest.mark.parametrize("name", DOORS)
def test_coordinators_go_where_they_may(desk: Client, rows: CallbackRequest, name: str) -> None:
    assert (knock(desk, name) == 403) is ("C" not in DOORS[name][1] or name == "reveal")


@pytest.mark.parametrize("name", DOORS)
def test_supervisors_go_everywhere(office: Client, rows: CallbackRequest, name: str) -> None:
    assert knock(office, name) not in {403, 404, 405, 500}


@pytest.mark.parametrize(
    "name",
    [
        n for n, (method, _) in DOORS.items() if method == "post" and n != "find"
    ],  # its GET: the form
)
def test_what_changes_something_is_never_a_link(
    office: Client, rows: CallbackRequest, name: str
) -> None:
    assert office.get(address(name)).status_code == 405


@pytest.mark.parametrize("name", DOORS)
def test_no_answer_is_kept_by_a_browser(office: Client, rows: CallbackRequest, name: str) -> None:
    response = getattr(office, DOORS[name][0])(address(name))

    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"


def test_a_forged_form_is_refused(dana: User, rows: CallbackRequest) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(dana)

    assert client.post("/desk/next/").status_code == 403
    assert CallbackRequest.objects.get().owner is None


def test_a_closed_account_is_out_at_once(desk: Client, dana: User) -> None:
    User.objects.filter(pk=dana.pk).update(is_active=False)

    assert desk.get("/desk/").status_code == 302


def test_nothing_personal_is_registered_in_the_admin() -> None:
    from django.contrib import admin

    assert not [m for m in admin.site._registry if m._meta.app_label == "intake"]


def test_a_coordinator_cannot_read_a_request_that_nobody_took(desk: Client) -> None:
    made = make_request(name="Wilhelmina")

    response = desk.post(f"/desk/{made.pk}/reveal/")

    assert response.status_code == 403
    assert "Take the request before you open it." in response.text
    assert "Wilhelmina" not in desk.get(f"/desk/{made.pk}/").text


def test_a_coordinator_cannot_read_what_somebody_else_holds(desk: Client, iris: User) -> None:
    made = make_request(name="Wilhelmina")
    queue.claim(request_id=made.pk, user=iris, now=MONDAY)

    desk.post(f"/desk/{made.pk}/reveal/")

    assert "Wilhelmina" not in desk.get(f"/desk/{made.pk}/").text


def test_the_door_itself_forbids_keeping_whatever_stands_before_it(dana: User) -> None:
    request = RequestFactory().get("/desk/")
    request.user = dana

    response = desk_page()(lambda request: HttpResponse("names"))(request)

    assert response["Cache-Control"] == "no-store, private"
