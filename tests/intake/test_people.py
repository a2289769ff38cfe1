"""A person asks what is held about them, or to be deleted."""

import io
import json
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from intake.holds import set_legal_hold
from intake.models import (
    AuditEvent,
    CallbackRequest,
    Consent,
    Message,
    Note,
    PurgeTombstone,
    Submission,
)
from intake.queue import record_attempt
from tests.intake.making import make_request, make_user, reload, send
from tests.tampering import guards_down

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = "+13035550177"
EMAIL = "zephyrine@quuxly.example"


@pytest.fixture
def dana() -> None:
    make_user()


@pytest.fixture
def typed(monkeypatch):
    """What stands on standard input."""

    def type_in(*lines: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return type_in


def make_person(**changes: object) -> CallbackRequest:
    request = make_request(
        name="Zephyrine", phone=PHONE, email=EMAIL, comment="Evenings", email_receipt=True
    )
    send(key=request.submission_key, phone=PHONE, email=EMAIL, comment="Mornings", **changes)
    return request


def exported(capsys) -> dict:
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("asked", ["reference", PHONE, "(303) 555-0177", EMAIL, EMAIL.upper()])
def test_everything_is_exported_for_whoever_is_meant_and_nobody_else(
    dana, typed, capsys, asked: str
) -> None:
    request, _ = make_person(), make_request(name="Somebody else")
    user = make_user("mo")
    record_attempt(request_id=request.pk, user=user, outcome="no_answer", note="speaks slowly")
    typed(request.reference if asked == "reference" else asked)

    call_command("export_person", by="dana")

    (held,) = exported(capsys)["requests"]
    assert held["reference"] == request.reference
    assert [form["answers"]["comment"] for form in held["forms"]] == ["Evenings", "Mornings"]
    assert held["forms"][0]["answers"]["name"] == "Zephyrine"
    assert [note["text"] for note in held["notes"]] == ["speaks slowly"]
    assert [call["outcome"] for call in held["calls"]] == ["No answer"]
    assert any(
        c["to"] == "be called" and c["answer"] == "yes" and c["words"] for c in held["consents"]
    )
    assert {message["kind"] for message in held["messages"]} >= {"new request"}
    assert any(event["what"] == "admitted" for event in held["who_did_what"])


def test_each_opening_for_an_export_is_in_the_audit_under_a_name(dana, typed) -> None:
    request = make_person()
    typed(request.reference)

    call_command("export_person", by="dana")

    opened = AuditEvent.objects.filter(actor__username="dana", action="opened")
    assert {event.detail["purpose"] for event in opened} == {"export"}
    assert opened.count() == 2
    assert AuditEvent.objects.filter(actor__username="dana", action="exported").count() == 1


def test_an_export_goes_into_a_new_file_that_nobody_else_can_read(
    dana, typed, capsys, tmp_path: Path
) -> None:
    request = make_person()
    target = tmp_path / "zephyrine.json"
    typed(request.reference)

    call_command("export_person", by="dana", to=target)

    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert json.loads(target.read_text())["requests"][0]["reference"] == request.reference
    assert "Zephyrine" not in capsys.readouterr().out
    typed(request.reference)
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("export_person", by="dana", to=target)


@pytest.mark.parametrize("command", ["export_person", "erase_person"])
def test_what_names_a_person_is_never_an_argument(dana, typed, command: str) -> None:
    with pytest.raises(CommandError, match="unrecognized arguments"):
        call_command(command, "--by", "dana", PHONE)


@pytest.mark.parametrize("command", ["export_person", "erase_person"])
@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("+13035550199", "Nothing is held"),
        ("nobody@quuxly.example", "Nothing is held"),
        ("AAAAAAAAAA", "Nothing is held"),
        ("Zephyrine", "neither a reference"),
        ("", "neither a reference"),
    ],
)
def test_what_cannot_be_found_is_said(dana, typed, command: str, asked: str, answer: str) -> None:
    make_person()
    typed(asked)

    with pytest.raises(CommandError, match=answer):
        call_command(command, by="dana")
    assert CallbackRequest.objects.exists()


@pytest.mark.parametrize("command", ["export_person", "erase_person"])
def test_somebody_of_the_staff_must_answer_for_it(typed, command: str) -> None:
    typed(make_person().reference)

    with pytest.raises(CommandError, match="no active staff account 'nobody'"):
        call_command(command, by="nobody")


def test_an_erasure_leaves_nothing_but_a_tombstone_and_the_audit(dana, typed, capsys) -> None:
    request, other = make_person(), make_request()
    typed(PHONE, "erase")

    call_command("erase_person", by="dana")

    assert list(CallbackRequest.objects.all()) == [other]
    assert Submission.objects.count() == 1
    for model in (Note, Consent, Message):
        assert not model.objects.exclude(request=other).exists(), model
    assert PurgeTombstone.objects.get().reason == "erased"
    event = AuditEvent.objects.get(action="erased")
    assert (event.reference, event.actor.username) == (request.reference, "dana")
    said = capsys.readouterr()
    assert "was erased" in said.out
    assert "Zephyrine" not in said.out + said.err


@pytest.mark.parametrize("answer", ["", "yes", "Erase it", "no"])
def test_without_the_exact_word_nothing_is_erased(dana, typed, answer: str) -> None:
    request = make_person()
    typed(request.reference, answer)

    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase_person", by="dana")

    assert reload(request)


def test_what_is_on_legal_hold_is_not_erased_and_nothing_else_either(dana, typed) -> None:
    held, free = make_person(), make_request(phone=PHONE)
    set_legal_hold(request=held, user=None, is_on_hold=True)
    typed(PHONE, "erase")

    with pytest.raises(CommandError, match=f"{held.reference} is on legal hold"):
        call_command("erase_person", by="dana")

    assert reload(held)
    assert reload(free)


def test_what_waits_to_be_admitted_is_erased_too(dana, typed) -> None:
    accepted = send(phone=PHONE)
    typed(PHONE, "erase")

    call_command("erase_person", by="dana")

    assert not Submission.objects.filter(reference=accepted.reference).exists()


def test_a_form_that_does_not_open_can_still_be_erased_by_its_reference(dana, typed) -> None:
    accepted = send()
    with guards_down():
        Submission.objects.update(envelope=b"broken")
    typed(accepted.reference, "erase")

    call_command("erase_person", by="dana")

    assert not Submission.objects.exists()
    assert PurgeTombstone.objects.count() == 1
