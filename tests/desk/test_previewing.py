"""Before hours change, the page says which requests that touches; then the change is made."""

from __future__ import annotations

import html
import re
from datetime import timedelta

from django.contrib.auth.models import User
from django.test import Client

from intake import queue
from intake.models import AuditEvent, Closure, OpeningHours
from intake.references import show_reference
from tests.desk.conftest import MONDAY, words
from tests.intake.making import make_request, reload

TUESDAY = {
    "form": "closure",
    "closure-starts_on": "2026-11-24",
    "closure-ends_on": "2026-11-24",
    "closure-reason": "Snow",
}


def tried(user: User):
    made = make_request(received_at=MONDAY - timedelta(hours=1))
    queue.record_attempt(
        request_id=made.pk, user=user, outcome="no_answer", next_at=MONDAY + timedelta(hours=24)
    )
    return made


def test_a_change_that_moves_requests_is_shown_before_it_is_made(
    office: Client, dana: User
) -> None:
    made = tried(dana)

    page = office.post("/desk/hours/", TUESDAY)

    assert page.status_code == 200
    text = words(page.text)
    assert "1 request would get another time for the next try." in text
    assert f"{show_reference(made.reference)} tomorrow 10:14 am Wed 25 Nov 8:00 am" in text
    assert not Closure.objects.exists()
    assert reload(made).next_action_at == MONDAY + timedelta(hours=24)


def test_the_button_of_the_preview_makes_the_very_change(office: Client, dana: User) -> None:
    made = tried(dana)
    page = office.post("/desk/hours/", TUESDAY).text
    form = page[page.index('<form method="post" action="/desk/hours/"') :]
    fields = {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    }

    response = office.post("/desk/hours/", fields, follow=True)

    assert "Closure added. 1 next try moved." in response.text
    assert Closure.objects.get().reason == "Snow"
    assert reload(made).next_action_at > MONDAY + timedelta(hours=24)
    event = AuditEvent.objects.get(action="changed_hours")
    assert event.detail["requests"] == [made.reference]
    assert event.detail["now"] == "2026-11-24 to 2026-11-24: Snow"


def test_a_change_that_touches_nobody_is_made_at_once(office: Client) -> None:
    response = office.post("/desk/hours/", TUESDAY, follow=True)

    assert "Closure added." in response.text
    assert Closure.objects.count() == 1


def test_removing_hours_is_shown_first_too(office: Client, dana: User) -> None:
    made = make_request(received_at=MONDAY)
    monday = OpeningHours.objects.get(weekday=0)

    page = office.post(f"/desk/hours/{monday.pk}/remove/").text
    assert "1 request could be called later than now planned." in words(page)
    assert OpeningHours.objects.filter(weekday=0).exists()

    office.post(f"/desk/hours/{monday.pk}/remove/", {"confirmed": "yes"})
    assert not OpeningHours.objects.filter(weekday=0).exists()
    assert queue.waiting(now=MONDAY)[0].request.pk == made.pk


def test_promises_that_a_closure_would_break_are_named(office: Client) -> None:
    made = make_request(received_at=MONDAY - timedelta(hours=20))
    today = TUESDAY | {"closure-starts_on": "2026-11-23", "closure-even_today": "on"}

    text = words(office.post("/desk/hours/", today).text)

    assert "1 request could not be called in time any more" in text
    assert f"Promises that would be broken {show_reference(made.reference)}" in text


def test_a_coordinator_changes_no_hours(desk: Client) -> None:
    assert desk.post("/desk/hours/", TUESDAY | {"confirmed": "yes"}).status_code == 403
    assert not Closure.objects.exists()
