"""What HTTP asks of a page from memory: RFC 9110 (semantics) and RFC 9111 (caching), by section."""

from __future__ import annotations

import gzip

import brotli
import pytest

from tests.serving.conftest import Site

OPEN = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}


def test_once_drawn_a_page_is_answered_without_django(site: Site) -> None:
    assert not site.ask("/faq/").by_django
    assert site.asked == 3  # one for each encoding, when it was first asked for


def test_a_page_is_answered_without_a_query(
    site: Site, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        site.ask("/faq/", HTTP_ACCEPT_ENCODING="br")


# -- RFC 9110, section 9.3.2, HEAD; section 8.6, Content-Length ---------------------------


@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
def test_head_has_every_header_of_get_and_no_content(site: Site, encoding: str) -> None:
    get = site.ask("/faq/", HTTP_ACCEPT_ENCODING=encoding)
    head = site.ask("/faq/", "HEAD", HTTP_ACCEPT_ENCODING=encoding)

    assert head.lines == get.lines
    assert head.content == b""
    assert head.headers["Content-Length"] == str(len(get.content))
    assert not head.by_django


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PROPFIND", "OPTIONS", "TRACE"])
def test_other_methods_are_for_django(site: Site, method: str) -> None:
    answer = site.ask("/faq/", method)

    assert answer.by_django
    assert answer.status == (403 if method == "POST" else 405)


# -- RFC 9110, section 12.5.3, Accept-Encoding --------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        (None, None),
        ("", None),
        ("br", "br"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.001", "br"),
        ("*", "br"),
        ("*;q=0.5, br;q=0", "gzip"),
        ("identity", None),
        ("identity, br;q=0.5", None),
        ("identity;q=0.5, gzip;q=1", "gzip"),
        ("deflate, zstd", None),
        ("compress;q=0.5", None),
        # What nobody can be sent: the text as it is, for that is more use than a refusal.
        ("identity;q=0", None),
        ("*;q=0", None),
        ("br;q=0, gzip;q=0", None),
        # What cannot be read is not accepted.
        ("br;q=high", None),
        ("br;q=nan", None),
        (";;;,,,", None),
        ("gzip;level=9", "gzip"),
        ("br" + " " * 300, "br"),
    ],
)
def test_the_encoding_is_the_one_preferred(
    site: Site, accepted: str | None, sent: str | None
) -> None:
    plain = site.ask("/faq/").content

    answer = site.ask("/faq/", HTTP_ACCEPT_ENCODING=accepted)

    assert answer.headers["Content-Encoding"] == sent
    assert OPEN[sent](answer.content) == plain
    assert not answer.by_django


# -- RFC 9110, section 12.5.5, Vary; RFC 9111, section 5.2.2, Cache-Control -----------------


def test_caches_keep_encodings_apart_and_ask_again_each_time(site: Site) -> None:
    etag = site.ask("/faq/").headers["ETag"]

    for answer in (site.ask("/faq/"), site.ask("/faq/", HTTP_IF_NONE_MATCH=etag)):
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert answer.headers["Set-Cookie"] is None


@pytest.mark.parametrize("asked", ["no-cache", "no-store", "max-age=0", "only-if-cached"])
def test_what_a_request_says_of_caches_changes_nothing(site: Site, asked: str) -> None:
    """RFC 9111, section 5.2.1: directives for caches between; memory is the origin itself."""
    assert not site.ask("/faq/", HTTP_CACHE_CONTROL=asked).by_django


# -- RFC 9110, section 8.8.3, ETag ----------------------------------------------------------


def test_each_encoding_has_a_strong_tag_of_its_own(site: Site) -> None:
    tags = {
        site.ask("/faq/", HTTP_ACCEPT_ENCODING=encoding).headers["ETag"]
        for encoding in ("", "gzip", "br")
    }

    assert len(tags) == 3
    assert all(tag[0] == tag[-1] == '"' for tag in tags)


# -- RFC 9110, sections 13.1.2, If-None-Match, and 15.4.5, 304 Not Modified -----------------


@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "sent", ["{}", "W/{}", '"other", {}', '"a",W/{},"b"', "  {}  ", "*", '"x, y", {}']
)
def test_a_reader_who_has_the_page_is_told_so(
    site: Site, encoding: str, method: str, sent: str
) -> None:
    full = site.ask("/faq/", HTTP_ACCEPT_ENCODING=encoding)
    tags = sent.format(full.headers["ETag"])

    answer = site.ask("/faq/", method, HTTP_ACCEPT_ENCODING=encoding, HTTP_IF_NONE_MATCH=tags)

    assert answer.status == 304
    assert answer.content == b""
    for name in ("ETag", "Cache-Control", "Vary"):
        assert answer.headers[name] == full.headers[name]
    for name in ("Content-Length", "Content-Type", "Content-Encoding"):
        assert answer.headers[name] is None
    assert not answer.by_django


@pytest.mark.parametrize("sent", ['"other"', 'W/"other"', "", "garbage", '"', ","])
def test_a_reader_with_another_page_gets_this_one(site: Site, sent: str) -> None:
    assert site.ask("/faq/", HTTP_IF_NONE_MATCH=sent).status == 200


def test_the_tag_of_one_encoding_is_not_good_for_another(site: Site) -> None:
    tag = site.ask("/faq/", HTTP_ACCEPT_ENCODING="gzip").headers["ETag"]

    assert site.ask("/faq/", HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=tag).status == 200


# -- RFC 9110, sections 13.1.1, 13.1.3 and 13.1.4: the rarer preconditions ------------------


def test_if_match_holds_or_fails(site: Site) -> None:
    tag = site.ask("/faq/").headers["ETag"]

    assert site.ask("/faq/", HTTP_IF_MATCH=tag).status == 200
    assert site.ask("/faq/", HTTP_IF_MATCH="*").status == 200
    assert site.ask("/faq/", HTTP_IF_MATCH='"other"').status == 412


@pytest.mark.parametrize("name", ["HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"])
def test_a_date_is_no_precondition_where_there_is_no_last_modified(site: Site, name: str) -> None:
    answer = site.ask("/faq/", **{name: "Wed, 01 Jan 2020 00:00:00 GMT"})

    assert answer.status == 200
    assert answer.headers["Last-Modified"] is None


# -- RFC 9110, section 14.2, Range ----------------------------------------------------------


@pytest.mark.parametrize("asked", ["bytes=0-9", "bytes=-5", "bytes=999999-", "lines=1-2"])
def test_a_range_gets_the_whole_page(site: Site, asked: str) -> None:
    answer = site.ask("/faq/", HTTP_RANGE=asked, HTTP_IF_RANGE='"x"')

    assert answer.status == 200
    assert answer.content == site.ask("/faq/").content
    assert answer.headers["Content-Range"] is None
    assert answer.headers["Accept-Ranges"] is None


# -- RFC 9110, section 7.2, Host ------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "testserver.evil.example", "evil.example:80", "testserver@evil.example"),
        *(
            "testserver, evil.example",
            "testserver evil",
            "testserver/x",
            "",
            "[::1",
            "testserver:x",
        ),
    ],
)
def test_a_host_that_is_not_ours_is_refused(site: Site, host: str) -> None:
    answer = site.ask("/faq/", HTTP_HOST=host)

    assert answer.by_django
    assert answer.status == 400
    assert b"Can I drive home?" not in answer.content


@pytest.mark.parametrize("host", ["testserver", "testserver:8106", "TESTSERVER", "localhost"])
def test_our_own_hosts_are_answered(site: Site, host: str) -> None:
    assert not site.ask("/faq/", HTTP_HOST=host).by_django


def test_made_up_ports_do_not_fill_the_memory(site: Site) -> None:
    for port in range(1000, 1200):
        assert site.ask("/faq/", HTTP_HOST=f"testserver:{port}").status == 200

    assert len(site.front._hosts) <= 64


def test_a_forwarded_host_is_not_believed(site: Site) -> None:
    answer = site.ask("/faq/", HTTP_X_FORWARDED_HOST="evil.example")

    assert b"evil.example" not in answer.content


# -- Addresses ------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "utm_source=x", "a=1&a=2", "%00", "q=" + "x" * 2000])
def test_a_query_changes_nothing_about_a_page(site: Site, query: str) -> None:
    answer = site.ask("/faq/", QUERY_STRING=query)

    assert answer.status == 200
    assert not answer.by_django


def test_a_missing_slash_is_put_right_by_django(site: Site) -> None:
    answer = site.ask("/faq", QUERY_STRING="a=b")

    assert answer.status == 301
    assert answer.headers["Location"] == "/faq/?a=b"


@pytest.mark.parametrize(
    "path", ["//faq/", "/faq//", "/FAQ/", "/faq/index.html", "/nothing/", "/faq/..", "/fa\u00e9/"]
)
def test_other_addresses_are_for_django(site: Site, path: str) -> None:
    answer = site.ask("/faq/", PATH_INFO=path.encode().decode("latin-1"))

    assert answer.by_django
    assert answer.status == 404


@pytest.mark.parametrize("path", ["/sitemap.xml", "/robots.txt"])
def test_what_crawlers_ask_is_kept_too(site: Site, path: str) -> None:
    first, second = site.ask(path), site.ask(path)

    assert (first.by_django, second.by_django) == (True, False)
    assert second.content == first.content
    assert second.lines == first.lines


@pytest.mark.parametrize("path", ["/search/?q=home", "/contact/", "/health/live"])
def test_what_is_no_page_is_never_kept(site: Site, path: str) -> None:
    site.ask(path)

    assert site.ask(path).by_django
