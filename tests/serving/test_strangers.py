"""The form without sessions answers as all of Django does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings as configured
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings

from clinic_site.strangers import FORM, LEFT_OUT, Django
from intake import keys
from intake.tokens import Receipt, open_receipt, seal_receipt
from tests.form.sending import fields, key_of, make_token
from tests.serving.conftest import publish_faq

pytestmark = pytest.mark.django_db

FORM_TYPE = "application/x-www-form-urlencoded"
# What differs from one answer to the next, whoever gives it.
FRESH = re.compile(rb'(name="token" value=")[^"]+|(href="[^"]*\?r=)[^"]+')


@pytest.fixture(autouse=True)
def _open_clinic(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR, settings.KEYS_DIR = tmp_path, tmp_path / "keys"
    settings.METRICS_DIR = tmp_path / "metrics"
    settings.ALLOWED_HOSTS = ["testserver"]
    keys.create()
    publish_faq()


def request(method: str, address: str, body: bytes = b"", **environ: str) -> dict[str, Any]:
    kind = environ.pop("content_type", FORM_TYPE)
    return RequestFactory().generic(method, address, body, kind, **environ).environ | {
        "wsgi.input": BytesIO(body)
    }


def sent(**changes: Any) -> bytes:
    return urlencode(fields(**changes)).encode()


class Answer:
    def __init__(self, app: Any, environ: dict[str, Any]) -> None:
        content = app(environ, self.begin)
        self.content = FRESH.sub(rb"\1\2", b"".join(content))
        content.close()

    def begin(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        self.status, self.headers = status, dict(headers)
        assert len(self.headers) == len(headers)
        del self.headers["X-Request-ID"]
        self.place, _, query = self.headers.pop("Location", "").partition("?r=")
        self.receipt = open_receipt(query)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answer) and self.__dict__ == other.__dict__


def receipt() -> str:
    made = Receipt("R4TXNW7KQC", key_of(make_token()), timezone.now(), False, True)
    return f"?{urlencode({'r': seal_receipt(made)})}"


TOKEN = make_token()
REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "the form": ("200", {"method": "GET", "address": "/contact/"}),
    "the form in Spanish": ("200", {"method": "GET", "address": "/es/contact/"}),
    "its head": ("200", {"method": "HEAD", "address": "/contact/"}),
    "a correction": ("200", {"method": "GET", "address": f"/contact/{receipt()}"}),
    "a form that was sent": ("303", {"body": sent(token=TOKEN)}),
    "one in Spanish": ("303", {"address": "/es/contact/", "body": sent(token=TOKEN)}),
    "a mistake": ("422", {"body": sent(phone="12", token=TOKEN)}),
    "one from another site": (
        "422",
        {"body": sent(token=TOKEN), "HTTP_SEC_FETCH_SITE": "cross-site"},
    ),
    "garbage": ("400", {"body": b"\x00\xff" * 40}),
    "JSON": ("400", {"body": b"{}", "content_type": "application/json"}),
    "too much": ("413", {"body": b"name=" + b"a" * 70_000}),
    "another method": ("405", {"method": "PUT"}),
    "another host": ("400", {"method": "GET", "HTTP_HOST": "elsewhere.example"}),
    "a confirmation": ("200", {"method": "GET", "address": f"/contact/received/{receipt()}"}),
    "a broken one": ("410", {"method": "GET", "address": "/es/contact/received/?r=x"}),
    "none": ("200", {"method": "GET", "address": "/contact/received/"}),
}


def nobody(environ: dict[str, Any], start_response: object) -> Iterable[bytes]:
    pytest.fail("all of Django was asked")


@pytest.mark.parametrize("name", REQUESTS)
def test_a_stranger_gets_the_same_answer(name: str) -> None:
    status, asked = REQUESTS[name]
    asked = {"method": "POST", "address": "/contact/", **asked}

    answer = Answer(Django(nobody), request(**asked))

    assert answer == Answer(get_wsgi_application(), request(**asked))
    assert answer.status.startswith(status)
    assert "Set-Cookie" not in answer.headers
    assert (answer.receipt is not None) == (status == "303")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_stranger_is_led_to_tls_like_everybody(scheme: str, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 60
    asked = {"method": "GET", "address": "/contact/", "wsgi.url_scheme": scheme}

    answer = Answer(Django(nobody), request(**asked))

    assert answer == Answer(get_wsgi_application(), request(**asked))
    assert answer.place == ("https://testserver/contact/" if scheme == "http" else "")
    assert ("Strict-Transport-Security" in answer.headers) == (scheme == "https")


def test_posting_to_a_confirmation_is_refused() -> None:
    """By its method; all of Django would ask for a token against forgery first."""
    assert Answer(Django(nobody), request("POST", "/contact/received/")).status.startswith("405")


@pytest.mark.parametrize(
    ("address", "cookie"),
    [
        ("/contact/", f"{configured.SESSION_COOKIE_NAME}=x"),
        ("/contact/", f"a=b; {configured.SESSION_COOKIE_NAME}=x"),
        ("/faq/", ""),
        ("/contact", ""),
        (f"/{configured.DESK_PATH}/", ""),
        (f"/{configured.ADMIN_PATH}/", ""),
    ],
)
def test_everything_else_is_for_all_of_django(address: str, cookie: str) -> None:
    asked: list[str] = []

    def whole(environ: dict[str, Any], start_response: object) -> Iterable[bytes]:
        asked.append(environ["PATH_INFO"])
        return []

    Django(whole)(request("GET", address, HTTP_COOKIE=cookie), lambda *_: None)

    assert asked == [urlsplit(address).path]


def test_what_is_left_out_is_there_to_be_left_out(client: Any) -> None:
    """A name that is wrong would leave nothing out; an address that is wrong, nobody would use."""
    assert set(configured.MIDDLEWARE) >= LEFT_OUT
    assert {client.get(path).status_code for path in FORM} == {200}
