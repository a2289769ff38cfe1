"""One request: covered until somebody who may reads it, each reading on record."""

from __future__ import annotations

import html
import logging
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from intake import audit, queue
from intake.admission import admit_pending
from intake.envelope import seal_note
from intake.models import AuditEvent, CallbackRequest, Note, Submission
from tests.desk.conftest import MONDAY, signed_in, words
from tests.intake.making import make_request, send
from tests.tampering import guards_down, tampered


def openings(made: CallbackRequest) -> int:
    return AuditEvent.objects.filter(
        action="opened", reference=made.reference, actor__isnull=False
    ).count()


def take(client: Client, made: CallbackRequest) -> str:
    client.post(f"/desk/{made.pk}/claim/")
    return f"/desk/{made.pk}/"


def test_a_sheet_is_covered_until_it_is_revealed(desk: Client) -> None:
    made = make_request(name="Wilhelmina", email="w@example.org", comment="my back hurts")
    sheet = take(desk, made)

    covered = desk.get(sheet).text

    for secret in ("Wilhelmina", "w@example.org", "back hurts", "555-0142"):
        assert secret not in covered
    assert openings(made) == 0


def test_revealing_shows_what_the_person_gave_and_goes_on_record(desk: Client, dana: User) -> None:
    made = make_request(
        name="Wilhelmina",
        phone_extension="12",
        email="w@example.org",
        comment="my back hurts",
        access_needs="speak slowly",
    )
    sheet = take(desk, made)

    response = desk.post(f"{sheet}reveal/", follow=True)

    assert response.redirect_chain == [(sheet, 302)]
    shown = words(response.text)
    for fact in ("Wilhelmina", "(303) 555-0142", "w@example.org", "my back hurts", "speak slowly"):
        assert fact in shown
    assert 'href="tel:+13035550142;ext=12"' in response.text
    assert "Then extension 12" in shown
    event = AuditEvent.objects.get(action="opened", actor=dana)
    assert event.reference == made.reference
    assert event.detail["purpose"] == "sheet"
    assert audit.verify() is None


def test_each_reading_is_on_record(desk: Client) -> None:
    made = make_request()
    sheet = take(desk, made)
    desk.post(f"{sheet}reveal/", follow=True)

    desk.get(sheet)

    assert openings(made) == 2


def test_a_name_covers_itself_after_a_quarter_of_an_hour(
    desk: Client, clinic: time_machine.Coordinates
) -> None:
    made = make_request(name="Wilhelmina")
    sheet = take(desk, made)
    desk.post(f"{sheet}reveal/", follow=True)
    for _ in range(4):  # somebody works on other pages meanwhile
        clinic.shift(timedelta(minutes=4))
        desk.get("/desk/find/")

    assert "Wilhelmina" not in desk.get(sheet).text
    assert openings(made) == 1


def test_what_one_person_revealed_is_covered_for_the_next(desk: Client, iris: User) -> None:
    made = make_request(name="Wilhelmina")
    sheet = take(desk, made)
    desk.post(f"{sheet}reveal/")
    desk.post(f"{sheet}release/")
    other = Client()
    other.force_login(iris)
    take(other, made)

    assert "Wilhelmina" not in other.get(sheet).text
    assert "Wilhelmina" not in desk.get(sheet).text


def test_a_supervisor_may_read_what_a_coordinator_holds(office: Client, dana: User) -> None:
    made = make_request(name="Wilhelmina")
    queue.claim(request_id=made.pk, user=dana)

    shown = office.post(f"/desk/{made.pk}/reveal/", follow=True).text

    assert "Wilhelmina" in shown
    assert "How did it go?" not in shown


def test_names_are_in_no_title_address_session_or_log(
    desk: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = make_request(name="Wilhelmina", email="w@example.org")
    sheet = take(desk, made)

    response = desk.post(f"{sheet}reveal/", follow=True)

    title = re.search(r"<title>(.*?)</title>", response.text, re.DOTALL)
    assert title is not None
    assert "Wilhelmina" not in title[1]
    addresses = re.findall(r'(?:href|action|src)="([^"]*)"', response.text)
    own = [a for a in addresses if not a.startswith(("tel:", "mailto:"))]
    assert not [a for a in own if "Wilhelmina" in a or "5550142" in a or "example.org" in a]
    stored = str([session.get_decoded() for session in Session.objects.all()])
    for secret in ("Wilhelmina", "5550142", "w@example.org"):
        assert secret not in caplog.text
        assert secret not in stored


HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:7 }}'`"


def test_hostile_words_are_shown_as_words(desk: Client) -> None:
    made = make_request(
        name=HOSTILE,
        email=f"a{HOSTILE}@example.org",
        comment=HOSTILE,
        access_needs=HOSTILE,
        language=HOSTILE,
        state=HOSTILE,
        topic=HOSTILE,
        for_whom=HOSTILE,
        phone_as_typed=HOSTILE,
        phone_extension=HOSTILE,
    )
    sheet = take(desk, made)
    desk.post(f"{sheet}attempt/", {"outcome": "busy", "note": HOSTILE[:80], "next": "other"})

    shown = desk.post(f"{sheet}reveal/", follow=True).text

    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "{{ 7|add:7 }}" in html.unescape(shown)


def test_marks_of_direction_and_unseen_marks_stay_within_what_was_typed(desk: Client) -> None:
    name, note = "\u202eAna\u200b \u05d3\u05d5\u05d3", "\u2066left open \u202e" + "w" * 280
    sheet = take(desk, make_request(name=name, comment=note))

    shown = desk.post(f"{sheet}reveal/", follow=True).text

    before = [shown[: found.start()] for text in (name, note) for found in re.finditer(text, shown)]
    assert len(before) >= 2
    assert all(re.search(r'<bdi[^<>]*>$|dir="auto"[^<>]*>$', page) for page in before), before


@pytest.mark.parametrize("phone", ["javascript:alert(1)", "+1303555014x", "tel:1", "+0"])
def test_only_a_number_becomes_a_link(desk: Client, phone: str) -> None:
    made = make_request(phone=phone, state="CO")
    sheet = take(desk, made)

    shown = desk.post(f"{sheet}reveal/", follow=True).text

    assert f'href="{phone}' not in shown
    assert 'href="tel:+1303555014x' not in shown
    assert "No phone number" in shown


def test_a_correction_stands_beside_what_it_corrects(desk: Client) -> None:
    key = uuid4()
    send(key=key, phone="+13035550142", now=MONDAY - timedelta(hours=2))
    send(key=key, phone="+13035550177", now=MONDAY - timedelta(hours=1))
    admit_pending()
    made = CallbackRequest.objects.get(submission_key=key)

    shown = desk.post(f"{take(desk, made)}reveal/", follow=True).text

    assert 'href="tel:+13035550177"' in shown
    assert "They sent it again, with changes" in shown
    assert "<del>(303) 555-0142</del>" in shown
    assert "<ins>(303) 555-0177</ins>" in shown


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"voicemail": True}, "Voicemail is fine."),
        ({"voicemail": False}, "No voicemail."),
    ],
)
def test_the_voicemail_rule_is_in_plain_sight(
    desk: Client, changes: dict[str, bool], sentence: str
) -> None:
    made = make_request(**changes)

    shown = desk.get(take(desk, made)).text

    assert sentence in shown
    assert ('name="outcome" value="voicemail"' in shown) is changes["voicemail"]


def test_words_that_may_mean_a_crisis_are_marked_even_while_covered(desk: Client) -> None:
    made = make_request(comment="I want to kill myself")

    assert "may mean a crisis" in desk.get(take(desk, made)).text


def test_another_request_of_the_same_number_is_proposed_with_its_reason(desk: Client) -> None:
    first = make_request(email="w@example.org")
    second = make_request(email="W@example.org")

    shown = desk.get(take(desk, second)).text

    assert f'href="/desk/{first.pk}/"' in shown
    assert "same phone number and same email address" in shown


def test_a_request_with_an_address_only_offers_mail_and_no_phone_outcomes(desk: Client) -> None:
    made = make_request(phone="", email="w+x@example.org")

    shown = desk.post(f"{take(desk, made)}reveal/", follow=True).text

    assert 'href="mailto:w%2Bx@example.org"' in shown
    assert 'value="emailed"' in shown
    assert 'value="no_answer"' not in shown


def test_an_envelope_that_was_changed_is_said_and_not_shown(
    desk: Client, caplog: pytest.LogCaptureFixture
) -> None:
    made = make_request()
    sheet = take(desk, made)
    submission = Submission.objects.get()
    with guards_down():
        Submission.objects.update(envelope=tampered(submission.envelope))

    response = desk.post(f"{sheet}reveal/", follow=True)

    assert response.status_code == 200
    assert "It was changed after it was sealed." in response.text
    assert made.reference in caplog.text


def test_a_missing_key_is_said(desk: Client, place: Path) -> None:
    made = make_request()
    sheet = take(desk, made)
    for key in (place / "keys").glob("intake-*.key"):
        key.unlink()

    assert "This envelope does not open." in desk.post(f"{sheet}reveal/", follow=True).text


def test_the_strip_says_the_day_in_words_too(desk: Client) -> None:
    made = make_request(
        received_at=MONDAY - timedelta(hours=22), phone="+12125550111", state="NY", window="morning"
    )

    shown = desk.get(take(desk, made)).text

    label = re.search(r'<svg class="strip"[^>]*aria-label="([^"]*)"', shown)
    assert label is not None
    assert label[1] == (
        "Today and tomorrow where the person is, noon to noon. "
        "Lawful noon to 9:00 pm and 8:00 am to noon; "
        "we are open noon to 8:00 pm and 10:00 am to noon; they asked for 8:00 am to noon; "
        "now 12:14 pm; due 2:14 pm."
    )


@pytest.mark.parametrize(
    ("state", "phone", "at", "begins", "ends"),
    [
        # 7:14 pm in Denver: we open again at 8 am, which lies beyond midnight there.
        ("CO", "+13035550142", 9, "Today and tomorrow", "7:00 pm to 7:00 pm"),
        # 10:14 pm in Denver is past midnight in New York, where we call in the morning.
        ("NY", "+12125550111", 12, "Today", "midnight to 10:00 pm"),
        # We open at 8 am, 5 am in Hawaii; calls there are lawful from 8 am, 11 am here.
        ("HI", "+18085550111", 0, "Today", "5:00 am to 10:00 pm"),
        # 7:14 am in Denver is 4:14 am in Hawaii.
        ("HI", "+18085550111", -3, "Today", "4:00 am to 10:00 pm"),
    ],
)
def test_the_strip_shows_the_hours_that_matter(
    desk: Client,
    clinic: time_machine.Coordinates,
    dana: User,
    state: str,
    phone: str,
    at: int,
    begins: str,
    ends: str,
) -> None:
    made = make_request(received_at=MONDAY, phone=phone, state=state)
    clinic.move_to(MONDAY + timedelta(hours=at))

    shown = signed_in(dana).get(f"/desk/{made.pk}/").text

    label = re.search(r'<svg class="strip"[^>]*aria-label="([^"]*)"', shown)
    assert label is not None
    assert label[1].startswith(f"{begins} where the person is, {ends}. ")


def test_a_request_that_is_gone_is_a_404(desk: Client) -> None:
    assert desk.get("/desk/999/").status_code == 404
    assert desk.post("/desk/999/claim/").status_code == 404


def test_reading_costs_the_same_queries_whatever_was_written(
    desk: Client, dana: User, django_assert_num_queries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    made, part = make_request(email="w@example.org"), make_request(phone="", email="w@example.org")
    queue.merge(request_id=part.pk, into_id=made.pk, user=dana)
    sheet = take(desk, made)
    desk.post(f"{sheet}reveal/", follow=True)
    write_notes(made, dana, 1)
    with CaptureQueriesContext(connection) as little:
        desk.get(sheet)
    write_notes(made, dana, 12)
    write_notes(part, dana, 3)
    for n in range(4):
        send(key=made.submission_key, comment=f"version {n}", email="w@example.org")
    for n in range(15):
        make_request(phone=f"+13035551{n:03}")

    with django_assert_num_queries(len(little)):
        shown = desk.get(sheet)

    assert shown.text.count("Note by you") == 16
    assert "version 3" in shown.text


def test_one_look_is_one_event_for_each_request_with_all_that_was_opened(
    desk: Client, dana: User
) -> None:
    made, part = make_request(email="w@example.org"), make_request(phone="", email="w@example.org")
    queue.merge(request_id=part.pk, into_id=made.pk, user=dana)
    write_notes(made, dana, 2)
    sheet = take(desk, made)

    desk.post(f"{sheet}reveal/", follow=True)

    assert openings(made) == openings(part) == 1
    event = AuditEvent.objects.get(action="opened", actor=dana, reference=made.reference)
    assert event.detail == {
        "purpose": "sheet",
        "submissions": [str(made.submissions.get().pk)],
        "notes": [str(note.pk) for note in made.notes.all()],
    }
    assert audit.verify() is None


def test_a_note_that_does_not_open_hides_nothing_else(desk: Client, dana: User) -> None:
    made = make_request(name="Wilhelmina")
    write_notes(made, dana, 2)
    broken = made.notes.first()
    Note.objects.filter(pk=broken.pk).update(envelope=tampered(broken.envelope))
    sheet = take(desk, made)

    shown = desk.post(f"{sheet}reveal/", follow=True).text

    assert "Wilhelmina" in shown
    assert "This note does not open." in shown
    assert "Note number 1" in shown


def write_notes(request: CallbackRequest, user: User, count: int) -> None:
    for n in range(count):
        envelope = seal_note(f"Note number {n}", reference=request.reference)
        Note.objects.create(request=request, at=timezone.now(), by=user, envelope=envelope)


def test_a_name_is_covered_as_soon_as_a_supervisor_gives_the_request_away(
    desk: Client, office: Client, iris: User
) -> None:
    made = make_request(name="Wilhelmina")
    sheet = take(desk, made)
    assert "Wilhelmina" in desk.post(f"{sheet}reveal/", follow=True).text

    office.post(f"{sheet}assign/", {"to": iris.pk})

    assert "Wilhelmina" not in desk.get(sheet).text


def test_taking_a_request_again_does_not_uncover_it(desk: Client) -> None:
    made = make_request(name="Wilhelmina")
    sheet = take(desk, made)
    desk.post(f"{sheet}reveal/")
    desk.post(f"{sheet}release/")

    take(desk, made)

    assert "Wilhelmina" not in desk.get(sheet).text
