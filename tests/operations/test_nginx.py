"""Debian's nginx with ``deploy/nginx.conf`` in front of the real site."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.operations.place import ROOT, Place
from tests.operations.servers import Answer, Nginx, free_port, gunicorn, nginx

pytestmark = pytest.mark.nginx


def shows_a_way_to_help(answer: Answer) -> bool:
    return 'href="tel:988"' in answer.body and "866-951-4325" in answer.body


def test_a_page_comes_through_with_the_sites_own_headers(front: Nginx) -> None:
    answer = front.ask("/")

    assert answer.status == 200
    assert "988" in answer.body
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert answer.headers["Set-Cookie"] is None
    assert "nginx/" not in answer.headers["Server"]


def test_one_id_names_a_request_in_both_logs_and_in_the_answer(front: Nginx, place: Place) -> None:
    answer = front.ask("/no-such-page-for-the-log/")

    name = answer.headers["X-Request-ID"]
    ours = "".join(path.read_text() for path in place.var.glob("gunicorn-*.log"))
    assert f'"request":"{name}"' in front.log()
    assert name in {json.loads(x).get("request") for x in ours.splitlines() if x.startswith("{")}


def test_neither_log_has_an_address_a_browser_or_a_query(front: Nginx, place: Place) -> None:
    front.ask(
        "/?who=jordan.doe@example.org", User_Agent="Unmistakable/1.0", Referer="https://x.example/"
    )
    front.ask("/missing/?who=jordan.doe@example.org", User_Agent="Unmistakable/1.0")

    ours = "".join(path.read_text() for path in place.var.glob("gunicorn-*.log"))
    for log in (front.log(), ours):
        assert "jordan" not in log
        assert "Unmistakable" not in log
        assert "x.example" not in log
    assert "127.0.0.1" not in front.log()


def test_plain_http_is_sent_to_https_under_our_own_name(front: Nginx) -> None:
    with socket.create_connection(("127.0.0.1", front.http_port)) as line:
        line.sendall(b"GET /faq/?a=b HTTP/1.1\r\nHost: example.org\r\n\r\n")
        answer = line.recv(4096).decode()

    assert answer.startswith("HTTP/1.1 308")
    assert "Location: https://www.example.org/faq/?a=b\r\n" in answer


def test_another_name_gets_no_answer(front: Nginx) -> None:
    with pytest.raises(OSError, match=r"(?i)unrecognized|handshake|alert"):
        front.connect(name="evil.example")
    with front.connect() as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        assert line.recv(100) == b""


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-Host", "X-Forwarded-For", "Forwarded", "X-Original-URL", "X-Forwarded-Server"],
)
def test_a_forwarded_name_poisons_no_page(front: Nginx, header: str) -> None:
    path = f"/faq/?{header}"

    first = front.ask(path, **{header: "evil.example"})
    second = front.ask(path)

    assert first.status == second.status == 200
    assert "evil.example" not in first.body + second.body


def test_the_protocol_that_a_visitor_claims_is_not_believed(front: Nginx) -> None:
    with socket.create_connection(("127.0.0.1", front.http_port)) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: www.example.org\r\nX-Forwarded-Proto: https\r\n\r\n")

        assert line.recv(4096).startswith(b"HTTP/1.1 308")


def test_static_files_are_served_compressed_and_for_ever(front: Nginx, place: Place) -> None:
    names = json.loads((place.static / "staticfiles.json").read_text())["paths"]

    answer = front.ask(f"/static/{names['site.css']}", Accept_Encoding="gzip")

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "text/css" in answer.headers["Content-Type"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../keys/intake.pub",
        "/static/%2e%2e/keys/intake.pub",
        "/static/..%2fkeys/intake.pub",
        "/static../keys/intake.pub",
    ],
)
def test_no_path_leads_out_of_the_static_files(front: Nginx, place: Place, path: str) -> None:
    secret = (place.var / "keys" / "intake.pub").read_text().strip()

    answer = front.ask(path)

    assert answer.status in {400, 403, 404}
    assert secret not in answer.body


def test_a_page_is_kept_for_a_second_but_the_form_and_staff_pages_never(front: Nginx) -> None:
    for path in ("/safety/?kept", "/safety/?kept", "/contact/", "/contact/", "/sign-in/"):
        front.ask(path)

    lines = [json.loads(line) for line in front.log().splitlines()][-5:]
    assert [line["cache"] for line in lines] == ["MISS", "HIT", "", "", ""]


def test_somebody_signed_in_gets_a_page_of_their_own(front: Nginx) -> None:
    front.ask("/research/")
    front.ask("/research/", Cookie="__Host-session=abc")

    assert json.loads(front.log().splitlines()[-1])["cache"] == "BYPASS"


def test_a_browser_that_has_the_page_is_told_so(front: Nginx) -> None:
    tag = front.ask("/privacy/").headers["ETag"]

    assert front.ask("/privacy/", If_None_Match=tag).status == 304


def test_a_new_release_is_seen_within_two_seconds(front: Nginx, place: Place) -> None:
    """nginx counts whole seconds: what it keeps for one may be nearly two old."""
    publish = (
        "import django; django.setup(); from pages.models import Release;"
        "from django.utils import timezone; now = timezone.now();"
        "last = Release.objects.order_by('-number').first();"
        "last.content['page:faq']['title'] = 'Fresh words';"
        "Release.objects.create(number=last.number + 1, live_from=now, approved_at=now,"
        " content=last.content)"
    )
    words = "Fresh words"
    assert words not in front.ask("/faq/").body

    subprocess.run([sys.executable, "-c", publish], cwd=ROOT, env=place.environment(), check=True)
    time.sleep(2)

    assert words in front.ask("/faq/").body


def test_too_large_a_body_is_refused_with_a_way_to_help(front: Nginx) -> None:
    answer = front.ask("/contact/", method="POST", body=b"x" * 200_000)

    assert answer.status == 413
    assert shows_a_way_to_help(answer)


def test_too_large_a_header_is_refused_with_a_way_to_help(front: Nginx) -> None:
    answer = front.ask("/", X_Long="y" * 20_000)

    assert answer.status == 400
    assert shows_a_way_to_help(answer)


def test_what_nginx_says_itself_has_the_headers_of_a_page(front: Nginx) -> None:
    page, refusal = front.ask("/"), front.ask("/", X_Long="y" * 20_000)

    for name in (
        *("Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy"),
        *("Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options"),
    ):
        assert page.headers[name]
        assert refusal.headers[name] == page.headers[name]


@pytest.mark.parametrize(
    "head",
    [
        b"POST /contact/ HTTP/1.1\r\nHost: www.example.org\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
        b"POST /contact/ HTTP/1.1\r\nHost: www.example.org\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"POST /contact/ HTTP/1.1\r\nHost: www.example.org\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"POST /contact/ HTTP/1.1\r\nHost: www.example.org\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: www.example.org\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: www.example.org\r\n X: folded\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
    ],
)
def test_a_request_of_two_meanings_is_never_passed_on(front: Nginx, head: bytes) -> None:
    before = front.log().count('"upstream":"2')
    with front.connect() as line:
        line.sendall(head)
        status = line.recv(4096)[:12]

    assert status in {b"HTTP/1.1 400", b"HTTP/1.1 501", b""}
    assert front.log().count('"upstream":"2') == before


@pytest.mark.parametrize("path", ["/metrics", "/health/ready"])
def test_what_machines_ask_is_not_answered_outside(front: Nginx, path: str) -> None:
    assert front.ask(path).status == 404
    assert json.loads(front.log().splitlines()[-1])["upstream"] == ""


def test_clients_that_never_finish_asking_are_cut_off_and_hold_nobody_up(front: Nginx) -> None:
    slow = [front.connect() for _ in range(40)]
    for line in slow:
        line.sendall(b"GET / HTTP/1.1\r\nHost: www.example.org\r\nX-Slow: ")
    started = time.monotonic()

    answer = front.ask("/")

    assert answer.status == 200
    assert time.monotonic() - started < 2
    for line in slow:
        with line:
            assert line.recv(1000)[:12] in {b"", b"HTTP/1.1 408"}
    assert time.monotonic() - started < 8


def test_pages_outlive_every_node_and_the_form_says_how_to_reach_the_clinic(
    place: Place, tmp_path: Path
) -> None:
    port = free_port()
    with nginx(tmp_path, public=[port], staff=port, static=place.static) as front:
        with gunicorn(place, port):
            assert front.ask("/safety/").status == 200
        time.sleep(2)

        page, form = front.ask("/safety/"), front.ask("/contact/")

    assert page.status == 200
    assert form.status == 502
    assert shows_a_way_to_help(form)
    assert form.headers["Cache-Control"] == "private, no-store"


def test_the_page_of_last_resort_is_styled_by_exactly_what_its_policy_allows(
    place: Place, tmp_path: Path
) -> None:
    import base64
    import hashlib
    import re

    with nginx(tmp_path, public=[free_port()], staff=free_port(), static=place.static) as front:
        answer = front.ask("/contact/")

    style = re.search(r"<style>(.*?)</style>", answer.body, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
    assert "style=" not in answer.body
    assert "http" not in answer.body


def test_a_form_goes_to_the_next_node_when_one_breaks_off(place: Place, tmp_path: Path) -> None:
    port = free_port()
    with (
        BreaksOff() as broken,
        gunicorn(place, port),
        nginx(
            tmp_path,
            public=[broken.port, port],
            staff=port,
            static=place.static,
            **{"max_fails=2": "max_fails=0"},
        ) as front,
    ):
        answers = [front.ask("/contact/", method="POST", body=b"name=") for _ in range(4)]

    assert {answer.status for answer in answers} == {answers[0].status}
    assert answers[0].status < 500
    assert broken.taken >= 1


class BreaksOff:
    """A node that takes a request and dies."""

    def __enter__(self) -> BreaksOff:
        self.taken = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def _run(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line:
                if line.recv(65536):
                    self.taken += 1

    def __exit__(self, *details: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
