"""What supervisors decide: who has a request, what is held, when we call, who did what."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from intake import audit, queue
from intake.models import AuditEvent, CallbackRequest, CallPolicy, Closure, OpeningHours
from intake.references import show_reference
from tests.desk.conftest import MONDAY, signed_in, words
from tests.intake.making import make_request, reload
from tests.tampering import guards_down

# -- people --------------------------------------------------------------------------


def test_a_supervisor_gives_a_request_to_somebody_else(
    office: Client, dana: User, iris: User
) -> None:
    made = make_request()
    queue.claim(request_id=made.pk, user=dana)

    response = office.post(f"/desk/{made.pk}/assign/", {"to": iris.pk}, follow=True)

    assert "is with iris now." in response.text
    assert reload(made).owner == iris
    event = AuditEvent.objects.get(action="assigned")
    assert (event.actor.username, event.detail["to_user"]) == ("sue", "iris")  # type: ignore[union-attr]
    assert "Given to iris by you" in response.text


def test_a_supervisor_frees_a_request(office: Client, dana: User) -> None:
    made = make_request()
    queue.claim(request_id=made.pk, user=dana)

    office.post(f"/desk/{made.pk}/assign/", {"to": "nobody"})

    assert reload(made).owner is None


@pytest.mark.parametrize("to", ["", "0", "x", "editor"])
def test_a_request_is_only_given_to_the_team(office: Client, to: str) -> None:
    made = make_request()
    outsider = User.objects.create_user("eddy")

    target = str(outsider.pk) if to == "editor" else to
    response = office.post(f"/desk/{made.pk}/assign/", {"to": target})

    assert response.status_code == 409
    assert "Choose somebody of the team." in response.text
    assert reload(made).owner is None


def test_the_team_page_shows_everyones_load(office: Client, dana: User, iris: User) -> None:
    held, called = make_request(), make_request()
    queue.claim(request_id=held.pk, user=dana)
    queue.record_attempt(request_id=called.pk, user=dana, outcome="booked", now=MONDAY)

    text = words(office.get("/desk/team/").text)

    assert f"dana {show_reference(held.reference)} until 10:44 am 1 1 never" in text
    assert "iris nothing 0 0 never" in text


def test_a_closed_request_is_reopened_with_a_reason(office: Client, dana: User) -> None:
    made = make_request()
    queue.record_attempt(request_id=made.pk, user=dana, outcome="declined")

    assert office.post(f"/desk/{made.pk}/reopen/", {"reason": " "}).status_code == 409
    office.post(f"/desk/{made.pk}/reopen/", {"reason": "She called us back"})

    assert reload(made).state == "awaiting_retry"
    assert queue.waiting(now=MONDAY)[0].group == "now"


def test_what_is_held_shows_why_and_can_be_let_through(office: Client) -> None:
    made = make_request(suspicion="filled in 1 second")

    page = office.get("/desk/held/").text
    assert "filled in 1 second" in page
    assert '<span class="count">1</span>' in page
    office.post(f"/desk/{made.pk}/free/")

    assert reload(made).state == "new"
    assert "Nothing is held." in office.get("/desk/held/").text


def test_a_coordinator_does_not_see_what_is_held(desk: Client) -> None:
    made = make_request(suspicion="filled in 1 second")

    assert show_reference(made.reference) not in desk.get("/desk/").text


# -- hours ---------------------------------------------------------------------------


def add(client: Client, form: str, **fields: str):
    confirmed = {k: fields.pop(k) for k in ("confirmed",) if k in fields}
    return client.post(
        "/desk/hours/", {"form": form} | confirmed | {f"{form}-{k}": v for k, v in fields.items()}
    )


def test_hours_are_added_and_removed_on_record(office: Client) -> None:
    add(office, "hours", weekday="5", opens_at="09:00", closes_at="12:00")
    saturday = OpeningHours.objects.get(weekday=5)
    assert (saturday.opens_at, saturday.closes_at) == (time(9), time(12))

    office.post(f"/desk/hours/{saturday.pk}/remove/")

    assert not OpeningHours.objects.filter(weekday=5).exists()
    assert AuditEvent.objects.filter(action="changed_hours").count() == 2


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"opens_at": "12:00", "closes_at": "09:00"}, "Closing time must be after opening time."),
        ({"opens_at": "09:00", "closes_at": "12:00"}, "That overlaps with Monday 08:00 to 18:00."),
        ({"opens_at": "soon", "closes_at": "12:00"}, "Enter a valid time."),
    ],
)
def test_hours_that_cannot_be_are_explained(
    office: Client, fields: dict[str, str], sentence: str
) -> None:
    response = add(office, "hours", weekday="0", **fields)

    assert response.status_code == 422
    assert sentence in response.text
    assert OpeningHours.objects.count() == 5


def test_a_closure_takes_people_off_the_list_of_now(office: Client) -> None:
    make_request(received_at=MONDAY - timedelta(hours=1))

    add(
        office,
        "closure",
        starts_on="2026-11-23",
        ends_on="2026-11-23",
        reason="Snow",
        even_today="on",
        confirmed="yes",
    )

    assert "Tomorrow 8:00 am" in words(office.get("/desk/").text)


def test_a_closure_of_today_must_be_meant(office: Client) -> None:
    make_request()

    response = add(office, "closure", starts_on="2026-11-23", ends_on="2026-11-23", reason="Snow")

    assert response.status_code == 422
    assert "nobody of the 1 waiting could be called today" in response.text
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2026-11-26", "2026-11-25", "The last day cannot be before the first."),
        ("2026-11-20", "2026-11-22", "Those days are over."),
        ("2027-01-01", "2027-03-02", "60 days at most"),
    ],
)
def test_closures_that_cannot_be_are_explained(
    office: Client, first: str, last: str, sentence: str
) -> None:
    response = add(office, "closure", starts_on=first, ends_on=last, reason="Holiday")

    assert response.status_code == 422
    assert sentence in response.text


def test_a_closure_is_listed_and_removed(office: Client) -> None:
    closure = Closure.objects.create(
        starts_on=date(2026, 11, 26), ends_on=date(2026, 11, 27), reason="Thanksgiving"
    )
    assert "Thu 26 Nov 2026 to Fri 27 Nov 2026 Thanksgiving" in words(
        office.get("/desk/hours/").text
    )

    office.post(f"/desk/closures/{closure.pk}/remove/")

    assert not Closure.objects.exists()


def test_the_policy_is_kept_as_one_row(office: Client) -> None:
    add(office, "policy", max_attempts="3", waits="60, 90", lease_minutes="20")

    policy = CallPolicy.objects.get()
    assert (policy.max_attempts, policy.retry_minutes, policy.lease_minutes) == (3, [60, 90], 20)


@pytest.mark.parametrize(
    "fields",
    [
        {"waits": ""},
        {"waits": "soon"},
        {"waits": "60,,90"},
        {"waits": "-5"},
        {"waits": "1"},
        {"max_attempts": "0"},
        {"max_attempts": "99"},
        {"lease_minutes": "1"},
    ],
)
def test_a_policy_that_cannot_work_is_refused(office: Client, fields: dict[str, str]) -> None:
    form = {"max_attempts": "5", "waits": "60", "lease_minutes": "30"} | fields

    assert add(office, "policy", **form).status_code == 422
    assert CallPolicy.objects.get().retry_minutes == [120, 240, 1140, 1560]


# -- the record ----------------------------------------------------------------------


def test_the_record_shows_who_opened_what(office: Client, desk: Client) -> None:
    made = make_request(name="Wilhelmina")
    desk.post(f"/desk/{made.pk}/claim/")
    desk.post(f"/desk/{made.pk}/reveal/", follow=True)

    text = office.get("/desk/record/").text

    assert "Wilhelmina" not in text
    assert f"dana was opened {show_reference(made.reference)}" in words(text)


def test_the_record_can_be_filtered(office: Client, dana: User, iris: User) -> None:
    one, other = make_request(), make_request()
    audit.record(actor=dana, action="opened", reference=one.reference)
    audit.record(actor=iris, action="opened", reference=other.reference)

    def shown(**query: object) -> set[str]:
        lines = office.get("/desk/record/", query).text.split("<tbody>")
        refs = {show_reference(r.reference) for r in (one, other)}
        return {r for r in refs if len(lines) > 1 and r in lines[1]}

    assert shown(who=dana.pk) == {show_reference(one.reference)}
    assert shown(reference=show_reference(other.reference)) == {show_reference(other.reference)}
    assert shown(what="searched") == set()
    assert shown(since="2026-11-23", until="2026-11-23") == {
        show_reference(one.reference),
        show_reference(other.reference),
    }
    assert shown(until="2026-11-22") == set()


def test_a_filter_that_makes_no_sense_is_named(office: Client) -> None:
    response = office.get("/desk/record/", {"reference": "x", "since": "soon"})

    assert response.status_code == 422
    assert "A reference has ten letters and digits" in response.text
    assert "Enter a valid date." in response.text


def test_older_events_are_a_page_further(office: Client, dana: User) -> None:
    for _ in range(105):
        audit.record(actor=dana, action="claimed")

    first = office.get("/desk/record/").text
    link = re.search(r'href="\?(before=\d+)">Older events', first)
    assert link is not None
    second = office.get(f"/desk/record/?{link[1]}").text

    assert first.count("<tr><td>") == 100
    assert "<tr><td>1</td>" in second


def test_unusual_readings_are_marked(
    office: Client, dana: User, sue: User, clinic: time_machine.Coordinates
) -> None:
    for _ in range(21):
        audit.record(actor=dana, action="opened", reference="A" * 10)
    assert "21 openings in an hour" in office.get("/desk/record/").text

    clinic.shift(timedelta(hours=12))
    audit.record(actor=dana, action="opened", reference="B" * 10)
    text = signed_in(sue).get("/desk/record/").text

    assert text.count("outside our hours") == 1


def test_the_chain_is_checked_on_request(office: Client, dana: User) -> None:
    audit.record(actor=dana, action="opened", reference="A" * 10)
    assert "The record is whole" in office.get("/desk/record/?verify=1").text

    with guards_down():
        AuditEvent.objects.filter(action="opened").update(reference="B" * 10)

    assert "The record is broken at event" in office.get("/desk/record/?verify=1").text


def test_a_request_is_never_given_twice(office: Client, iris: User) -> None:
    made = make_request()
    CallbackRequest.objects.filter(pk=made.pk).update(
        state="declined", outcome="declined", closed_at=MONDAY
    )

    assert office.post(f"/desk/{made.pk}/assign/", {"to": iris.pk}).status_code == 409
