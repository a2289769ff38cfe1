"""Reminders of reviews: in time, once, to the right people."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic_site.roles import EDITOR, REVIEWER
from intake import worker
from pages.models import OutcomeFigure, ReviewWarning
from pages.publishing import publish_all
from pages.reviews import recipients, warn_due
from tests.pages.factories import make_figure, make_study
from tests.pages.people import make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]

DUE = dt.date(2026, 6, 10)
NOON = dt.datetime(2026, 6, 10, 18, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _published(site_rows: None) -> None:
    make_staff("dana", REVIEWER, email="dana@example.org")
    with time_machine.travel(NOON - dt.timedelta(days=100)):
        make_figure(make_study(), review_due_on=DUE)
        publish_all(by=None)


def run_days_before(*days: int) -> list[int]:
    """How many reminders each run sends."""
    sent = []
    for count in days:
        with time_machine.travel(NOON - dt.timedelta(days=count)):
            sent.append(warn_due())
    return sent


def test_it_is_mailed_30_days_and_7_days_before_and_when_it_has_passed() -> None:
    assert run_days_before(31, 30, 29, 8, 7, 6, 0, -1, -2) == [0, 1, 0, 0, 1, 0, 0, 1, 0]

    assert [message.to for message in mail.outbox] == [["dana@example.org"]] * 3
    assert "47 in 100 on ketamine responded" in mail.outbox[0].body
    assert "Due on June 10, 2026" in mail.outbox[0].body
    assert "no longer see it: its place" in mail.outbox[2].body
    assert mail.outbox[2].subject == "1 figure to review, 1 no longer shown"


def test_running_again_sends_nothing() -> None:
    assert run_days_before(7, 7) == [1, 0]
    assert len(mail.outbox) == 1


def test_a_late_first_run_sends_only_the_latest_reminder() -> None:
    assert run_days_before(3, 2) == [1, 0]
    assert ReviewWarning.objects.get().milestone == 7


def test_a_new_date_is_reminded_of_anew() -> None:
    run_days_before(7)
    OutcomeFigure.objects.update(review_due_on=DUE + dt.timedelta(days=300))
    with time_machine.travel(NOON):
        publish_all(by=None)

    assert run_days_before(-293) == [1]


def test_several_figures_are_one_message() -> None:
    for n in range(2):
        make_figure(OutcomeFigure.objects.get(slug="trial-response").study, slug=f"f{n}")
    OutcomeFigure.objects.update(review_due_on=DUE)
    with time_machine.travel(NOON - dt.timedelta(days=90)):
        publish_all(by=None)

    assert run_days_before(30) == [3]
    assert [message.subject for message in mail.outbox] == ["3 figures to review"]


def test_a_reminder_that_could_not_be_sent_is_sent_by_the_next_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*args: object) -> int:
        raise OSError("no mail server")

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", refuse)
        with pytest.raises(OSError, match="no mail server"):
            run_days_before(7)

    assert run_days_before(7) == [1]


def test_two_workers_at_once_send_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    deliver, others = EmailBackend.send_messages, []

    def while_another_runs(backend: EmailBackend, messages: list[object]) -> int:
        others.append(warn_due())
        return deliver(backend, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", while_another_runs)

    assert run_days_before(7) == [1]
    assert others == [0]


def test_no_transaction_is_open_while_the_mail_server_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    depth = len(transaction.get_connection().savepoint_ids)
    seen = []
    monkeypatch.setattr(
        EmailBackend,
        "send_messages",
        lambda *args: seen.append(len(transaction.get_connection().savepoint_ids)),
    )

    run_days_before(7)

    assert seen == [depth]


def test_a_reminder_of_a_run_that_was_killed_is_sent_later() -> None:
    with time_machine.travel(NOON - dt.timedelta(days=7, minutes=31)):
        one = {"key": "outcomefigure:trial-response", "due_on": DUE, "milestone": 7}
        ReviewWarning.objects.create(**one, claimed_at=timezone.now())
        assert warn_due() == 0

    assert run_days_before(7, 7) == [1, 0]


def test_the_worker_sends_them_without_being_told() -> None:
    with time_machine.travel(NOON - dt.timedelta(days=7)):
        worker.run_once()

    assert ["review" in message.subject for message in mail.outbox] == [True]


def test_only_reviewers_are_told_and_the_desk_where_none_has_an_address() -> None:
    make_staff("erin", EDITOR, email="erin@example.org")
    make_staff("left", REVIEWER, email="left@example.org", is_active=False)
    assert recipients() == ["dana@example.org"]

    type(make_staff("nobody", REVIEWER)).objects.update(email="")

    assert recipients() == ["desk@localhost"]


def test_the_database_keeps_one_reminder_of_each_milestone() -> None:
    one = {"key": "outcomefigure:x", "due_on": DUE, "milestone": 7, "claimed_at": NOON}
    ReviewWarning.objects.create(**one)

    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewWarning.objects.create(**one)


def test_the_command_says_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(NOON):
        call_command("warn_reviews")

    assert capsys.readouterr().out == "1 reminders sent.\n"
