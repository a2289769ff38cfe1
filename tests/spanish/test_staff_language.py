"""Staff read their pages in the language they chose; readers' pages never look at that choice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from pytest_django import Settings

from intake import audit, outbox
from intake.models import AuditEvent, OpeningHours
from tests.desk.conftest import (  # noqa: F401  a desk on a Monday
    clinic,
    clock,
    dana,
    desk,
    office,
    place,
    sue,
)
from tests.desk.test_supervisor import add
from tests.intake.making import make_request

pytestmark = pytest.mark.django_db


def choose(client: Client, language: str, back: str = "/desk/") -> str:
    """Press the button of that language; where the answer leads."""
    response = client.post("/staff/language/", {"language": language, "next": back})
    assert response.status_code == 302
    return str(response["Location"])


def test_the_desk_is_english_until_somebody_chooses(desk: Client) -> None:  # noqa: F811
    page = desk.get("/desk/", HTTP_ACCEPT_LANGUAGE="es").content.decode()

    assert '<html lang="en-US">' in page
    assert "Who to call" in page
    assert 'name="language" value="es" lang="es">Español</button>' in page


def test_a_choice_holds_on_every_page_of_staff_and_comes_back_to_the_page(desk: Client) -> None:  # noqa: F811
    assert choose(desk, "es", "/desk/find/") == "/desk/find/"

    page = desk.get("/desk/").content.decode()
    assert '<html lang="es-US">' in page
    assert "A quién llamar" in page
    assert "Who to call" not in page
    assert "Su cuenta" in desk.get("/staff/").content.decode()

    choose(desk, "en")
    assert "Who to call" in desk.get("/desk/").content.decode()


def test_somebody_who_has_not_signed_in_can_choose_too(client: Client) -> None:
    choose(client, "es", "/sign-in/")

    page = client.get("/sign-in/").content.decode()

    assert "<h1>Iniciar sesión</h1>" in page
    assert 'href="/es/contact/"' in page


def test_no_page_of_readers_looks_at_the_choice(client: Client) -> None:
    choose(client, "es", "/sign-in/")

    assert '<html lang="en-US">' in client.get("/contact/").content.decode()
    assert '<html lang="es-US">' in client.get("/es/contact/").content.decode()


def test_a_choice_leads_to_no_other_site_and_is_posted(client: Client) -> None:
    assert choose(client, "es", "https://elsewhere.example/") == "/"
    assert client.get("/staff/language/").status_code == 405


def test_a_language_that_is_none_of_ours_is_english(desk: Client) -> None:  # noqa: F811
    desk.cookies["language"] = "tlh"

    assert '<html lang="en-US">' in desk.get("/desk/").content.decode()


def test_a_clinic_may_speak_spanish_to_its_staff(desk: Client, settings: Settings) -> None:  # noqa: F811
    settings.STAFF_LANGUAGE = "es"

    assert "A quién llamar" in desk.get("/desk/").content.decode()

    choose(desk, "en")
    assert "Who to call" in desk.get("/desk/").content.decode()


@pytest.mark.parametrize(
    ("language", "subject", "promise"),
    [
        ("en", "New callback request ", "First attempt by: "),
        ("es", "Nueva solicitud de llamada ", "Primer intento a más tardar: "),
    ],
)
def test_mail_to_staff_is_in_the_language_of_the_clinic(
    clinic: object,  # noqa: F811
    settings: Settings,
    language: str,
    subject: str,
    promise: str,
) -> None:
    settings.STAFF_LANGUAGE = language
    settings.NOTIFY_EMAILS = ["desk@clinic.example"]
    make_request()

    outbox.send_due()

    assert mail.outbox[0].subject.startswith(subject)
    assert promise in mail.outbox[0].body


def test_the_record_reads_the_same_whoever_acted(office: Client) -> None:  # noqa: F811
    choose(office, "es")
    OpeningHours.objects.all().delete()

    add(office, "hours", weekday="0", opens_at="08:00", closes_at="17:00")
    hours = OpeningHours.objects.get()
    office.post(f"/desk/hours/{hours.pk}/remove/", {"confirmed": "yes"})

    kept = [event.detail for event in AuditEvent.objects.filter(action="changed_hours")]
    assert kept[0]["now"] == kept[1]["removed"] == "Monday 08:00 to 17:00"
    assert audit.verify() is None


def test_months_are_short_and_begin_small_in_spanish(desk: Client) -> None:  # noqa: F811
    at_the_top = re.compile(r"<time[^>]*>(\w+ \d+ \w+), <b")
    english = at_the_top.findall(desk.get("/desk/").content.decode())
    choose(desk, "es")

    spanish = at_the_top.findall(desk.get("/desk/").content.decode())

    assert english == ["Mon 23 Nov"]
    assert spanish == ["lun 23 nov"]


def test_no_template_writes_a_month_that_spanish_cannot_begin_small() -> None:
    """Django writes ``M`` with a capital in every language; ``b`` is the Spanish translation."""
    marked = re.compile(r"""date:(?!_\()(["'])[^"']*M[^"']*\1""")
    found = [
        path.name
        for path in Path(settings.BASE_DIR, "templates").rglob("*.html")
        if marked.search(path.read_text())
    ]

    assert found == []
