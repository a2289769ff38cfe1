"""Error pages: the right status, the way to help, and no database or session needed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.views.decorators.csrf import csrf_protect

from clinic_site import errors

RAISES: dict[str, Exception] = {
    "bad": BadRequest("The form broke off on its way to us."),
    "secret": SuspiciousOperation("Invalid HTTP_HOST header: <secret>"),
    "fields": TooManyFieldsSent("secret"),
    "large": RequestDataTooBig("secret"),
    "denied": PermissionDenied("secret"),
    "missing": Http404("secret"),
    "broken": ZeroDivisionError("secret"),
}


def _raise(request: HttpRequest, name: str) -> HttpResponse:
    raise RAISES[name]


urlpatterns = [
    path("guarded/", csrf_protect(lambda request: HttpResponse("in"))),
    path("<name>/", _raise),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error


@pytest.fixture
def _these_urls(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.form.test_error_pages"


@pytest.mark.usefixtures("_these_urls")
@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("bad", 400, "The form broke off on its way to us."),
        ("secret", 400, "could not be read"),
        ("fields", 400, "more fields than our form has"),
        ("large", 413, "too much at once"),
        ("denied", 403, "not open to you"),
        ("missing", 404, "not here"),
        ("broken", 500, "Something broke on our side"),
    ],
)
def test_each_error_has_its_status_and_words_without_a_database(
    client: Client, name: str, status: int, words: str
) -> None:
    client.raise_request_exception = False

    response = client.get(f"/{name}/")

    page = response.content.decode()
    assert response.status_code == status
    assert words in page
    assert "secret" not in page
    assert 'href="tel:988"' in page
    assert 'href="tel:911"' in page
    assert 'href="tel:+18669514325"' in page
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.usefixtures("_these_urls")
def test_a_failed_csrf_check_has_a_page_of_its_own() -> None:
    response = Client(enforce_csrf_checks=True).post("/guarded/")

    assert response.status_code == 403
    assert "The form stood open too long" in response.content.decode()


@pytest.mark.parametrize(
    ("response", "status", "retry_after"),
    [
        (lambda request: errors.too_many(request, retry_after=30), 429, "30"),
        (lambda request: errors.unavailable(request, retry_after=60), 503, "60"),
    ],
)
def test_a_page_that_asks_to_wait_says_how_long(
    response: Any, status: int, retry_after: str, rf: RequestFactory
) -> None:
    page = response(rf.get("/"))

    assert page.status_code == status
    assert page["Retry-After"] == retry_after
    assert b"866-951-HEAL" in page.content


def test_when_even_the_template_fails_the_crisis_line_is_shown(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> str:
        raise ValueError

    monkeypatch.setattr("django.template.loader.render_to_string", broken)

    response = errors.server_error(rf.get("/"))

    assert response.status_code == 500
    assert b'href="tel:988"' in response.content
    assert b"866-951-HEAL (866-951-4325)" in response.content
