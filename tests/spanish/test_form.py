"""The form, its confirmation and its receipt, in the language in which it was filled in."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client

from intake.admission import admit_pending
from intake.models import Consent
from intake.outbox import send_due
from intake.wordings import SPANISH, keep_wordings
from tests.form.conftest import var_dir  # noqa: F401  keys and a spool of its own
from tests.form.sending import fields, stored_one

pytestmark = pytest.mark.django_db

URL = "/es/contact/"


def test_a_form_sent_in_spanish_is_confirmed_kept_and_receipted_in_spanish(client: Client) -> None:
    keep_wordings()
    answers = fields(email="ana@example.com", email_receipt="on", voicemail="on")

    page = client.get(URL).content.decode()
    response = client.post(URL, answers, follow=True)
    confirmation = response.content.decode()

    for wording in SPANISH.values():
        assert wording.text in page
    assert response.redirect_chain[0][0].startswith("/es/contact/received/?")
    assert "Tenemos su solicitud" in confirmation
    assert "Le llamaremos a más tardar el" in confirmation
    assert 'href="/es/contact/?r=' in confirmation

    content = stored_one()
    assert (content["form_language"], content["language"]) == ("es", "Español")
    assert content["wordings"]["call"] == "call-es-1"

    admit_pending()
    kept = {one.purpose: one.wording for one in Consent.objects.select_related("wording")}
    assert {kind: row.text for kind, row in kept.items() if row} == {
        kind: wording.text for kind, wording in SPANISH.items()
    }
    send_due()
    (receipt,) = [message for message in mail.outbox if message.to == ["ana@example.com"]]
    assert receipt.subject.startswith("Recibimos su solicitud")
    assert "oprima 2" in receipt.body
    assert all("Recibimos" not in m.subject for m in mail.outbox if m is not receipt)


def test_who_names_another_language_is_called_in_that_one(client: Client) -> None:
    client.post(URL, fields(language="Mixteco"))

    assert stored_one()["language"] == "Mixteco"


def test_what_is_wrong_is_said_in_spanish(client: Client) -> None:
    response = client.post(URL, fields(name="", phone="123", call_consent=None))
    page = response.content.decode()

    assert response.status_code == 422
    assert "Hay 3 cosas que corregir" in page
    assert "Díganos cómo llamarle" in page
    assert "El teléfono tiene 3 cifras; un número de EE. UU. tiene 10" in page
    assert "Marque la casilla para que podamos llamarle" in page
