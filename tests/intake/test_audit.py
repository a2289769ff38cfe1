"""The chain of events: unbroken under load, and any tampering is found."""

import pytest
from django.core.management import CommandError, call_command

from intake import audit
from intake.models import AuditEvent
from tests.intake.making import all_at_once, make_user
from tests.tampering import guards_down

pytestmark = pytest.mark.django_db


def make_events(count: int = 5) -> None:
    dana = make_user()
    for number in range(count):
        audit.record(
            actor=dana if number % 2 else None,
            action="opened",
            reference="R4TXNW7KQC",
            detail={"purpose": "sheet", "n": number},
        )


def test_events_follow_one_another() -> None:
    make_events()

    assert audit.verify() is None
    assert list(AuditEvent.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]


def test_an_empty_chain_is_whole() -> None:
    assert audit.verify() is None
    assert audit.head() == (0, audit.GENESIS)


@pytest.mark.parametrize(
    "change",
    [
        {"action": "searched"},
        {"reference": "AAAAAAAAAA"},
        {"detail": {"purpose": "other"}},
        {"actor": None},
        {"digest": "0" * 64},
    ],
)
def test_a_changed_event_is_named(change: dict[str, object]) -> None:
    make_events()
    with guards_down():
        AuditEvent.objects.filter(sequence=4).update(**change)

    problem = audit.verify()

    assert problem is not None
    assert problem.sequence == 4
    assert "was changed" in problem.reason


def test_a_changed_time_is_named() -> None:
    make_events()
    event = AuditEvent.objects.get(sequence=2)
    with guards_down():
        AuditEvent.objects.filter(pk=event.pk).update(at=event.at.replace(year=2020))

    assert audit.verify().sequence == 2


def test_a_removed_event_is_named() -> None:
    make_events()
    with guards_down():
        AuditEvent.objects.filter(sequence=3).delete()

    assert audit.verify() == audit.Problem(3, "event 3 is missing")


def test_a_changed_event_with_a_fitting_digest_breaks_the_next_link() -> None:
    make_events()
    event = AuditEvent.objects.get(sequence=2)
    event.action = "searched"
    event.digest = audit.digest_of(event)
    with guards_down():
        event.save()

    assert audit.verify() == audit.Problem(3, "event 3 does not follow the event before it")


def test_the_command_names_the_first_broken_link(capsys) -> None:
    make_events()
    call_command("verify_audit")
    assert "5 events, unbroken" in capsys.readouterr().out
    with guards_down():
        AuditEvent.objects.filter(sequence=2).delete()

    with pytest.raises(CommandError, match="event 2 is missing"):
        call_command("verify_audit")


def test_a_rolled_back_event_leaves_no_gap() -> None:
    from django.db import transaction

    make_events(2)
    with transaction.atomic():
        audit.record(actor=None, action="claimed")
        transaction.set_rollback(True)
    audit.record(actor=None, action="claimed")

    assert audit.verify() is None


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_make_one_unbroken_chain() -> None:
    def write(number: int) -> None:
        for step in range(5):
            audit.record(actor=None, action="opened", detail={"n": number, "step": step})

    results = all_at_once(12, write)

    assert results == [None] * 12
    assert audit.head()[0] == 60
    assert audit.verify() is None
