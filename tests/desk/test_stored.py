"""What a visitor writes stays words, from the public form to every page of the desk, CSV and mail."""

from __future__ import annotations

import csv
import io

import pytest
from django.core import mail
from django.test import Client

from intake import outbox
from intake.admission import admit_pending
from intake.desk.urls import urlpatterns
from intake.models import CallbackRequest
from tests.desk.test_access import DOORS, address
from tests.form.sending import fields

SCRIPT = "<script>alert(1)</script>"
HOSTILE = f"=cmd|'/c calc'!A1 \"'>{SCRIPT}<img src=x onerror=alert(2)>"
READABLE = [name for name, (method, _) in DOORS.items() if method == "get"]


@pytest.fixture
def sent(clinic: object, office: Client) -> CallbackRequest:
    """As it came through the form of the site, taken and opened by a supervisor."""
    words = {"name": HOSTILE[:80], "comment": HOSTILE, "language": HOSTILE[:40]}
    answer = Client().post("/contact/", fields(**words))
    assert answer.status_code == 303
    admit_pending()
    made = CallbackRequest.objects.get()
    office.post(f"/desk/{made.pk}/claim/")
    office.post(f"/desk/{made.pk}/reveal/")
    return made


def test_it_runs_on_no_page_of_the_desk(office: Client, sent: CallbackRequest) -> None:
    assert {p.name for p in urlpatterns} == set(DOORS)
    pages = {name: office.get(address(name)).text for name in READABLE if name != "export"}

    assert "&lt;script&gt;" in pages["sheet"]  # it is there, as words; the sheet is also the print
    for name, page in pages.items():
        assert SCRIPT not in page, name
        assert "<img src=x" not in page, name


def test_it_is_no_formula_in_the_export(office: Client, sent: CallbackRequest) -> None:
    text = office.get("/desk/numbers/requests.csv?people=yes").text

    rows = list(csv.reader(io.StringIO(text)))
    assert any(cell.startswith("'=cmd") for cell in rows[1])
    assert not [cell for row in rows for cell in row if cell[:1] in set("=@\t\r-")]


def test_it_is_in_no_mail(sent: CallbackRequest) -> None:
    outbox.send_due()

    assert mail.outbox
    for message in mail.outbox:
        assert "cmd|" not in str(message.message())
        assert "script" not in str(message.message())
