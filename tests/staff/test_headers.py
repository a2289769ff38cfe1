"""Every answer carries the headers; what the policy stops is reported to us, without detail."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import Client

from clinic_site import headers

STRICT = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "report-uri /csp-report/",
    "report-to csp",
}


@pytest.fixture(autouse=True)
def _no_reports_yet() -> None:
    headers._logged.clear()


def directives(response) -> set[str]:
    return set(response["Content-Security-Policy"].split("; "))


@pytest.mark.parametrize("path", ["/health/live", "/no/such/page", "/sign-in/", "/sign-out/"])
@pytest.mark.django_db
def test_every_answer_carries_the_strict_policy(client: Client, path: str) -> None:
    response = client.get(path)

    assert directives(response) == STRICT
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in response["Permissions-Policy"]


def test_nothing_unsafe_is_allowed_anywhere(client: Client) -> None:
    response = client.get("/admin/")

    assert "unsafe" not in response["Content-Security-Policy"]
    assert "data:" not in response["Content-Security-Policy"]
    assert "*" not in response["Content-Security-Policy"]


def test_only_the_admin_may_run_what_the_prose_editor_brings(client: Client) -> None:
    inside = directives(client.get("/admin/"))
    outside = directives(client.get("/health/live"))

    assert any("sha256-" in directive for directive in inside)
    assert not any("sha256-" in directive for directive in outside)


def test_a_report_is_logged_without_queries(client: Client, caplog) -> None:
    caplog.set_level(logging.WARNING, "clinic_site.csp")
    body = {
        "csp-report": {
            "document-uri": "https://clinic.example.org/contact/?name=Marisol",
            "effective-directive": "script-src-elem",
            "blocked-uri": "https://evil.example/x.js?stolen=1\nforged line",
            "script-sample": "secret",
        }
    }

    response = client.post("/csp-report/", json.dumps(body), content_type="application/csp-report")

    assert response.status_code == 204
    (line,) = [record.getMessage() for record in caplog.records]
    assert line == (
        "stopped script-src-elem page=https:clinic.example.org/contact/ by=https:evil.example/x.js"
    )


def test_an_older_browser_names_the_directive_in_its_own_words(client: Client, caplog) -> None:
    caplog.set_level(logging.WARNING, "clinic_site.csp")
    body = {"csp-report": {"document-uri": "/x", "violated-directive": "script-src 'self' a.b"}}

    client.post("/csp-report/", json.dumps(body), content_type="application/csp-report")

    assert [record.getMessage() for record in caplog.records] == ["stopped script-src page=/x by="]


def test_the_newer_form_of_report_is_understood(client: Client, caplog) -> None:
    caplog.set_level(logging.WARNING, "clinic_site.csp")
    body = [
        {
            "type": "csp-violation",
            "body": {"documentURL": "/x", "effectiveDirective": "img-src", "blockedURL": "data"},
        }
    ]

    client.post("/csp-report/", json.dumps(body), content_type="application/reports+json")

    assert [record.getMessage() for record in caplog.records] == ["stopped img-src page=/x by=data"]


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"null", b'{"csp-report": 3}', b"x" * 20_000])
def test_nonsense_is_answered_the_same_and_logged_not_at_all(
    client: Client, caplog, body: bytes
) -> None:
    caplog.set_level(logging.WARNING, "clinic_site.csp")

    response = client.post("/csp-report/", body, content_type="application/csp-report")

    assert response.status_code == 204
    assert not caplog.records


def test_a_flood_of_reports_does_not_fill_the_log(client: Client, caplog) -> None:
    caplog.set_level(logging.WARNING, "clinic_site.csp")
    body = json.dumps({"csp-report": {"effective-directive": "img-src"}})

    for _ in range(headers.REPORTS_A_MINUTE + 5):
        client.post("/csp-report/", body, content_type="application/csp-report")

    assert len(caplog.records) == headers.REPORTS_A_MINUTE
