"""The numbers page against a slow, plain count of the same requests."""

from __future__ import annotations

import csv
import io
import math
import random
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake import queue
from intake.desk.export import plain_cell
from intake.desk.numbers import first_moment, numbers
from intake.models import AuditEvent, CallAttempt, CallbackRequest
from tests.desk.conftest import MONDAY
from tests.intake.making import make_request


def some_history(user: User, *, seed: int, count: int = 40) -> None:
    """Requests of the last weeks with calls at all sorts of times."""
    chance = random.Random(seed)
    for _ in range(count):
        received = MONDAY - timedelta(hours=chance.uniform(0.1, 24 * 16))
        made = make_request(received_at=received)
        at = received
        for _ in range(chance.randint(0, 3)):
            at += timedelta(hours=chance.expovariate(1 / 12) + 0.1)
            if at >= MONDAY:
                break
            outcome = chance.choice(["no_answer", "no_answer", "booked", "declined", "thinking"])
            queue.record_attempt(request_id=made.pk, user=user, outcome=outcome, now=at)
            if outcome != "no_answer":
                break


def nearest_rank(waits: list[timedelta], share: float) -> timedelta | None:
    return sorted(waits)[math.ceil(len(waits) * share) - 1] if waits else None


def same(found: timedelta | None, wanted: timedelta | None) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return abs(found - wanted) < timedelta(milliseconds=50)  # julianday() keeps no microseconds


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_figure_agrees_with_a_plain_count(dana: User, seed: int) -> None:
    some_history(dana, seed=seed)
    since = first_moment(MONDAY, 14)
    rows = [r for r in CallbackRequest.objects.all() if r.received_at >= since]

    found = numbers(now=MONDAY, days=14)

    kept = [r for r in rows if r.first_attempt_at and r.first_attempt_at <= r.attempt_due_at]
    counted = [r for r in rows if r.first_attempt_at or r.attempt_due_at <= MONDAY]
    reached = [
        r
        for r in rows
        if (r.first_contact_at and r.first_contact_at <= r.contact_due_at)
        or (r.closed_at and r.closed_at <= r.contact_due_at)
    ]
    to_attempt = [r.first_attempt_at - r.received_at for r in rows if r.first_attempt_at]
    to_contact = [r.first_contact_at - r.received_at for r in rows if r.first_contact_at]
    assert found.received == len(rows)
    assert (found.attempted.kept, found.attempted.of) == (len(kept), len(counted))
    assert found.reached.kept == len(reached)
    assert same(found.median_to_attempt, nearest_rank(to_attempt, 0.5))
    assert same(found.ninety_to_attempt, nearest_rank(to_attempt, 0.9))
    assert same(found.median_to_contact, nearest_rank(to_contact, 0.5))
    assert same(found.ninety_to_contact, nearest_rank(to_contact, 0.9))
    assert sum(bar.count for bar in found.waits) == len(to_attempt)
    assert found.waits[-1].count == sum(w >= timedelta(hours=24) for w in to_attempt)
    assert sum(bar.count for bar in found.outcomes) == len(rows)
    assert sum(day.received for day in found.days) == len(rows)
    for day in found.days:
        that_day = [r for r in rows if timezone.localtime(r.received_at).date() == day.date]
        assert day.received == len(that_day)
        assert day.attempted.kept == sum(r in kept for r in that_day)
    late = {r.pk for r in rows if r in counted and r not in kept}
    assert {r.pk for r in found.slipped} == late
    assert sum(week.received for week in found.weeks) == len(rows)
    for week in found.weeks:
        that_week = [r for r in rows if _week_of(r.received_at) == week.date]
        assert week.received == len(that_week)
        assert week.reached.kept == sum(r in reached for r in that_week)
    reached_ones = [r for r in rows if r.first_contact_at]
    tries = sum(r.attempt_count for r in reached_ones)
    assert found.tries_per_contact == (tries / len(reached_ones) if reached_ones else None)


def _week_of(moment: datetime) -> date:
    day = timezone.localtime(moment).date()
    return day - timedelta(days=day.weekday())


@pytest.mark.parametrize("seed", [1, 2])
def test_calls_by_coordinator_and_hour_agree_with_a_plain_count(
    dana: User, iris: User, seed: int
) -> None:
    some_history(dana, seed=seed, count=25)
    some_history(iris, seed=seed + 10, count=15)
    taken_back = make_request(received_at=MONDAY)
    queue.record_attempt(request_id=taken_back.pk, user=dana, outcome="booked", now=MONDAY)
    queue.undo_attempt(request_id=taken_back.pk, user=dana, now=MONDAY)
    since = first_moment(MONDAY, 14)
    calls = CallAttempt.objects.filter(at__gte=since, undone_at=None)

    found = numbers(now=MONDAY, days=14)

    for caller in found.callers:
        own = [c for c in calls if c.by.username == caller.name]
        spoken = sum(c.outcome in CallAttempt.CONTACTS for c in own)
        assert (caller.calls, caller.reached.kept) == (len(own), spoken)
        assert caller.booked == sum(c.outcome == "booked" for c in own)
    assert {c.name for c in found.callers} == {"dana", "iris"}
    for hour in found.hours:
        then = [c for c in calls if timezone.localtime(c.at).hour == hour.hour]
        spoken = sum(c.outcome in CallAttempt.CONTACTS for c in then)
        assert (hour.reached.of, hour.reached.kept) == (len(then), spoken)
    assert sum(hour.reached.of for hour in found.hours) == len(calls)


@pytest.mark.sqlite_only  # PostgreSQL decides by the size of the tables
def test_each_question_walks_an_index(dana: User) -> None:
    some_history(dana, seed=4)
    with CaptureQueriesContext(connection) as asked:
        numbers(now=MONDAY, days=14)

    with connection.cursor() as cursor:
        for query in asked:
            cursor.execute("EXPLAIN QUERY PLAN " + query["sql"].replace("%", "%%"))
            plan = [row[3] for row in cursor.fetchall()]
            walks = [step for step in plan if step.startswith(("SCAN intake", "SEARCH intake"))]
            assert walks or "auth_user" in query["sql"], plan
            assert [step for step in walks if "INDEX" not in step] == [], query["sql"]


def test_names_are_exported_only_when_asked_for_and_each_opening_is_on_record(
    office: Client,
) -> None:
    made = make_request(name="=Wilhelmina()", phone="+13035550142", email="w@example.org")

    response = office.get("/desk/numbers/requests.csv", {"people": "yes"})

    (row,) = csv.DictReader(io.StringIO(response.text))
    assert row["phone"] == "+13035550142"
    assert row["name"] == "'=Wilhelmina()"
    opened = AuditEvent.objects.get(action="opened", actor__username="sue")
    assert (opened.reference, opened.detail["purpose"]) == (made.reference, "export")
    assert AuditEvent.objects.get(action="exported").detail["people"] is True


def test_an_export_of_very_many_names_is_refused(
    office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.desk.export.PEOPLE_ROWS", 1)
    make_request(), make_request()

    response = office.get("/desk/numbers/requests.csv", {"people": "yes"}, follow=True)

    assert "That would open 2 requests" in response.text
    assert not AuditEvent.objects.filter(action="opened", actor__isnull=False).exists()


def test_a_coordinator_exports_nothing(desk: Client) -> None:
    assert desk.get("/desk/numbers/requests.csv").status_code == 403


def test_days_are_the_clinics_days_across_the_clock_change(dana: User) -> None:
    in_the_last_hour_of_summer = datetime.fromisoformat("2026-11-01T05:30:00+00:00")  # 23:30, Sat
    make_request(received_at=in_the_last_hour_of_summer)

    found = numbers(now=MONDAY, days=28)

    busy = [day.date.isoformat() for day in found.days if day.received]
    assert busy == ["2026-10-31"]
    assert len(found.days) == 28


def test_nothing_is_divided_by_nothing(office: Client) -> None:
    response = office.get("/desk/numbers/")

    assert response.status_code == 200
    assert "Nobody asked for a call in this time." in response.text


@pytest.mark.parametrize("days", ["14", "28", "91", "-1", "1e9", "x"])
def test_each_chart_has_its_table_beneath(office: Client, sue: User, days: str) -> None:
    some_history(sue, seed=5, count=12)

    response = office.get("/desk/numbers/", {"days": days})

    assert response.status_code == 200
    assert response.text.count('<svg class="chart"') == 6
    assert response.text.count("As a table") == 6
    assert "&lt;" not in response.text
    for drawing in re.findall(r'<svg class="chart".*?</svg>', response.text, re.DOTALL):
        assert re.search(r'<path class="c-[ab]" d="M[\d.]+ |<circle class="c-a"', drawing)


def test_the_number_of_queries_does_not_grow(
    office: Client, sue: User, django_assert_num_queries
) -> None:
    some_history(sue, seed=6, count=5)
    office.get("/desk/numbers/")  # the first answer of a session also begins it
    with CaptureQueriesContext(connection) as few:
        office.get("/desk/numbers/")
    some_history(sue, seed=7, count=30)

    with django_assert_num_queries(len(few)):
        office.get("/desk/numbers/")


def test_the_export_is_on_record_and_holds_nothing_personal(office: Client) -> None:
    made = make_request(name="Wilhelmina", phone="+13035550142", email="w@example.org")

    response = office.get("/desk/numbers/requests.csv")

    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [row["reference"].replace("-", "") for row in rows] == [made.reference]
    assert "Wilhelmina" not in response.text
    assert "5550142" not in response.text
    assert AuditEvent.objects.filter(action="exported", actor__username="sue").count() == 1


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-cmd", "'-cmd"),
        ("\tx", "'\tx"),
        ("+13035550142", "+13035550142"),
        ("plain", "plain"),
    ],
)
def test_a_spreadsheet_shows_a_cell_and_does_not_run_it(cell: str, shown: str) -> None:
    assert plain_cell(cell) == shown


def test_merged_and_held_requests_count_nowhere(dana: User) -> None:
    older = make_request(received_at=MONDAY - timedelta(hours=30))
    newer = make_request(received_at=MONDAY - timedelta(hours=29))
    make_request(received_at=MONDAY - timedelta(hours=28), suspicion="too quick")
    queue.record_attempt(request_id=newer.pk, user=dana, outcome="no_answer", now=MONDAY)
    queue.merge(request_id=newer.pk, into_id=older.pk, user=dana)

    found = numbers(now=MONDAY, days=14)

    assert (found.received, found.waiting, found.late) == (1, 1, 1)
    assert sum(bar.count for bar in found.outcomes) == 1
    assert sum(bar.count for bar in found.waits) == 0
    assert found.median_to_attempt is None
    assert found.attempted.of == 1
    assert sum(caller.calls for caller in found.callers) == 1  # the call was made all the same


def test_very_many_waits_have_the_same_quantiles(
    dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_history(dana, seed=8)
    few = numbers(now=MONDAY, days=14)
    monkeypatch.setattr("intake.desk.counts.FEW", 0)

    many = numbers(now=MONDAY, days=14)

    assert few.median_to_attempt is not None
    for name in (
        "median_to_attempt",
        "ninety_to_attempt",
        "median_to_contact",
        "ninety_to_contact",
    ):
        assert getattr(many, name) == getattr(few, name)


def test_an_export_stops_where_an_envelope_does_not_open(office: Client, place: Path) -> None:
    make_request(name="Wilhelmina")
    for key in (place / "keys").glob("intake-*.key"):
        key.unlink()

    response = office.get("/desk/numbers/requests.csv", {"people": "yes"}, follow=True)

    assert response["Content-Type"].startswith("text/html")
    assert "An envelope does not open" in response.text
    assert office.get("/desk/numbers/requests.csv").status_code == 200  # without people
