"""The front answers exactly as Django would, and leaves to Django what is Django's."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import override_settings

from clinic_site import metrics
from pages import live
from tests.serving.conftest import Site

PRODUCTION = {
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_HSTS_PRELOAD": True,
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
}


@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_headers_are_djangos_own(site: Site, encoding: str, scheme: str) -> None:
    asked = {"HTTP_ACCEPT_ENCODING": encoding, "wsgi.url_scheme": scheme}

    ours, djangos = site.ask("/faq/", **asked), site.ask("/faq/", to_django=True, **asked)

    assert not ours.by_django
    assert ours.status == djangos.status == 200
    assert ours.lines == djangos.lines
    assert ours.content == djangos.content
    assert "default-src 'none'" in ours.headers["Content-Security-Policy"]


@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
def test_a_304_is_djangos_own_without_what_a_cache_keeps(site: Site, encoding: str) -> None:
    full = site.ask("/faq/", HTTP_ACCEPT_ENCODING=encoding)
    asked = {"HTTP_ACCEPT_ENCODING": encoding, "HTTP_IF_NONE_MATCH": full.headers["ETag"]}

    ours, djangos = site.ask("/faq/", **asked), site.ask("/faq/", to_django=True, **asked)

    assert not ours.by_django
    assert ours.status == djangos.status == 304
    assert ours.lines < djangos.lines <= full.lines
    assert {name for name, _ in ours.lines} == {"etag", "vary", "cache-control"}


@override_settings(**PRODUCTION)
def test_in_production_the_headers_are_djangos_own_too(site: Site) -> None:
    production = Site()
    asked = {"HTTP_X_FORWARDED_PROTO": "https"}

    ours = production.ask("/faq/", **asked)

    assert not ours.by_django
    assert ours.lines == production.ask("/faq/", to_django=True, **asked).lines
    assert "preload" in ours.headers["Strict-Transport-Security"]


@override_settings(**PRODUCTION)
@pytest.mark.parametrize("said", [None, "http", "HTTPS", "http,https"])
def test_plain_http_is_sent_to_tls(site: Site, said: str | None) -> None:
    """What the proxy says counts; the line between it and us is plain anyhow."""
    answer = Site().ask("/faq/", HTTP_X_FORWARDED_PROTO=said)

    assert answer.status == 301
    assert answer.headers["Location"] == "https://testserver/faq/"


@override_settings(SECURE_SSL_REDIRECT=True, SECURE_PROXY_SSL_HEADER=None)
def test_a_protocol_that_nobody_trusted_claims_is_not_believed(site: Site) -> None:
    assert Site().ask("/faq/", HTTP_X_FORWARDED_PROTO="https").status == 301


@pytest.mark.parametrize("cookie", ["{}=abc", "a=b; {}=abc", "{}=", "a=b, {}=abc"])
def test_whoever_has_a_session_is_answered_by_django(site: Site, cookie: str) -> None:
    answer = site.ask("/faq/", HTTP_COOKIE=cookie.format(settings.SESSION_COOKIE_NAME))

    assert answer.by_django


def test_other_cookies_change_nothing(site: Site) -> None:
    assert not site.ask("/faq/", HTTP_COOKIE="theme=dark; _ga=1").by_django


def test_each_answer_has_an_id(site: Site) -> None:
    ids = {site.ask("/faq/").headers["X-Request-ID"] for _ in range(3)}

    assert len(ids) == 3
    assert all(len(name) == 32 for name in ids)


@override_settings(TRUSTED_PROXIES=["127.0.0.1"])
def test_the_id_is_the_trusted_proxys(site: Site) -> None:
    given = "0123456789abcdef" * 2

    assert site.ask("/faq/", HTTP_X_REQUEST_ID=given).headers["X-Request-ID"] == given
    other = site.ask("/faq/", HTTP_X_REQUEST_ID=given, REMOTE_ADDR="203.0.113.9")
    assert other.headers["X-Request-ID"] != given


def test_answers_from_memory_are_counted(site: Site) -> None:
    counter = metrics.REQUESTS
    metrics.count_hits()
    before = {(m, s): counter.labels("pages", m, s)._value.get() for m, s in COUNTED}
    tag = site.ask("/faq/").headers["ETag"]
    site.ask("/faq/", "HEAD")
    site.ask("/faq/", HTTP_IF_NONE_MATCH=tag)

    metrics.count_hits()

    after = {(m, s): counter.labels("pages", m, s)._value.get() for m, s in COUNTED}
    assert {key: after[key] - before[key] for key in COUNTED} == dict.fromkeys(COUNTED, 1)


COUNTED = [("GET", "2xx"), ("HEAD", "2xx"), ("GET", "3xx")]


def test_another_day_is_djangos_to_begin(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = live.live()
    for moment, by_django in ((kept.ends_at - 1, False), (kept.ends_at, True)):
        monkeypatch.setattr(live.time, "time", lambda moment=moment: moment)
        assert site.ask("/faq/").by_django is by_django


def test_what_goes_wrong_before_django_costs_nobody_a_page(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("clinic_site.front.known", fail)

    answer = site.ask("/faq/")

    assert answer.by_django
    assert answer.status == 200
