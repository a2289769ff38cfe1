"""When neither the database nor the spool can take a form, and what the logs say of any form."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client

from clinic_site.log_lines import JsonFormatter, LineFormatter
from intake.models import Submission
from intake.references import reference_for, show_reference
from tests.form.sending import URL, key_of, make_token, press_again, receipt_of, send, stored_one

CANARY = {
    "name": "KANARI-Name",
    "email": "kanari@example.org",
    "phone": "303-555-0177",
    "comment": "KANARI-Note",
    "language": "KANARI-Tongue",
    "access_needs": "KANARI-Need",
}


def sings(text: str) -> list[str]:
    """What of the canary is in a text."""
    return [word for word in ("kanari", "5550177", "555-0177") if word in text.lower()]


@pytest.fixture
def restore_key(var_dir: Path) -> Callable[[], int]:
    """Takes the public key away, so that nothing can be sealed; call it to bring the key back."""
    key = var_dir / "keys" / "intake.pub"
    text = key.read_text()
    key.unlink()
    return lambda: key.write_text(text)


@pytest.mark.django_db
@pytest.mark.usefixtures("restore_key")
def test_the_typing_stays_and_the_number_to_call_is_shown(client: Client) -> None:
    response = send(client, comment="Evenings are best")

    page = response.content.decode()
    assert response.status_code == 503
    assert response["Retry-After"] == "120"
    assert "Not sent: please call 866-951-HEAL" in page
    assert "Evenings are best" in page
    assert 'value="Ana"' in page
    assert not Submission.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("restore_key")
def test_no_reference_is_ever_shown_then(client: Client) -> None:
    token = make_token()
    reference = reference_for(key_of(token))

    page = send(client, token=token).content.decode()

    assert reference not in page
    assert show_reference(reference) not in page


@pytest.mark.django_db
def test_the_same_form_is_taken_when_it_works_again(
    client: Client, restore_key: Callable[[], int]
) -> None:
    response = send(client, comment="Evenings are best")
    restore_key()

    receipt_of(press_again(client, response))

    assert stored_one()["comment"] == "Evenings are best"
    assert Submission.objects.get().suspicion == ""


@pytest.mark.django_db(transaction=True)
def test_the_form_is_shown_and_taken_without_a_database(
    client: Client, var_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("the database is away")

    connection.close()
    monkeypatch.setattr(connection, "get_new_connection", away)

    assert client.get(URL).status_code == 200
    response = send(client)

    receipt_of(response)
    assert client.get(response["Location"]).status_code == 200
    assert len(list((var_dir / "spool").glob("*.json"))) == 1


@pytest.mark.django_db
def test_no_log_line_has_anything_that_was_typed(
    client: Client, caplog: pytest.LogCaptureFixture, restore_key: Callable[[], int]
) -> None:
    caplog.set_level(logging.DEBUG)

    send(client, **CANARY)
    send(client, **CANARY, window="KANARI-Window")
    client.generic("POST", URL, b"name=KANARI%FF", content_type="application/x-www-form-urlencoded")
    client.generic("POST", URL, b"KANARI" * 100_000, content_type="text/plain")
    restore_key()
    receipt_of(send(client, **CANARY))

    assert caplog.records
    assert not sings("\n".join(f"{r.getMessage()} {r.args} {r.exc_text}" for r in caplog.records))


@pytest.mark.django_db
@pytest.mark.parametrize("formatter", [LineFormatter, JsonFormatter])
def test_an_error_of_ours_shows_and_logs_nothing_that_was_typed(
    monkeypatch: pytest.MonkeyPatch, formatter: type[logging.Formatter]
) -> None:
    def quote(*, content: dict[str, object], **_: object) -> None:
        raise ValueError(f"cannot work with {content}")

    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(formatter())
    monkeypatch.setattr("intake.views.accept", quote)
    monkeypatch.setattr(logging.root, "handlers", [handler])
    monkeypatch.setattr(logging.root, "level", logging.DEBUG)

    response = send(Client(raise_request_exception=False), **CANARY)

    assert response.status_code == 500
    assert 'href="tel:988"' in response.content.decode()
    assert "ValueError" in log.getvalue()
    assert not sings(response.content.decode() + log.getvalue())
