"""What strangers try over the wire: slow lines, many lines, forged forms, fixed sessions, odd paths.

Behind nginx as it is deployed, in the production profile. ``test_nginx.py`` tries the rest.
"""

from __future__ import annotations

import re
import socket
import ssl
import warnings
from contextlib import ExitStack
from http.cookies import Morsel, SimpleCookie
from urllib.parse import urlencode

import pytest

from tests.operations.place import Place
from tests.operations.servers import HOST, Answer, Nginx

pytestmark = pytest.mark.nginx

PASSWORD = "quiet lantern over gravel"
HEAD = f"POST /contact/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: text/plain\r\n"


@pytest.fixture(scope="session")  # as the place is: a module may be begun twice
def member(place: Place) -> str:
    """The name of somebody who may sign in."""
    made = place.must("create_staff", "dana.w", "--role", "coordinator", "--generate")
    found = re.search(r"password[^:]*: (\S.*)$", made, re.MULTILINE | re.IGNORECASE)
    assert found, made
    return f"dana.w {found[1].strip()}"


def cookies_of(answer: Answer) -> dict[str, Morsel[str]]:
    jar = SimpleCookie()
    for line in answer.headers.get_all("Set-Cookie", []):
        jar.load(line)
    return dict(jar)


def sign_in(front: Nginx, member: str, **changes: str) -> Answer:
    """As the page does it; ``changes`` are other headers."""
    page = front.ask("/sign-in/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.body)
    assert token
    name, password = member.split(" ", 1)
    form = {"username": name, "password": password, "csrfmiddlewaretoken": token[1]}
    kept = "; ".join(f"{n}={m.value}" for n, m in cookies_of(page).items())
    headers = {
        "Cookie": f"{kept}; {changes.pop('Cookie', '')}",
        "Origin": f"https://{HOST}",
        "Content_Type": "application/x-www-form-urlencoded",
    }
    body = urlencode(form).encode()
    return front.ask("/sign-in/", method="POST", body=body, **headers | changes)


def test_cookies_are_for_this_host_alone_and_for_no_script(front: Nginx, member: str) -> None:
    answer = sign_in(front, member)

    assert answer.status == 302, answer.body
    found = cookies_of(answer)
    assert {"__Host-session", "__Host-known"} <= set(found)
    for name, cookie in found.items():
        assert name.startswith("__Host-")
        assert cookie["secure"]
        assert cookie["httponly"]
        assert (cookie["path"], cookie["domain"]) == ("/", "")
        assert cookie["samesite"] == ("Strict" if name == "__Host-known" else "Lax")


def test_a_session_that_a_stranger_planted_does_not_become_anybodys(
    front: Nginx, member: str
) -> None:
    planted = "a" * 32

    answer = sign_in(front, member, Cookie=f"__Host-session={planted}")

    assert cookies_of(answer)["__Host-session"].value != planted
    reused = front.ask("/staff/", Cookie=f"__Host-session={planted}")
    assert reused.headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"http://{HOST}"])
def test_a_form_that_another_site_sends_is_refused(front: Nginx, member: str, origin: str) -> None:
    answer = sign_in(front, member, Origin=origin)

    assert answer.status == 403
    assert "__Host-session" not in cookies_of(answer)


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "//evil.example/faq", "/%5cevil.example", "/faq//evil.example/%2e%2e"],
)
def test_no_path_leads_to_another_site(front: Nginx, path: str) -> None:
    where = front.ask(path).headers.get("Location", "/")

    assert re.match(rf"/(?![/\\])|https://{re.escape(HOST)}/", where)


@pytest.mark.parametrize(
    "path",
    ["/static/", "/photos/", "/.git/config", "/.env", "/manage.py", "/var/clinic.sqlite3"],
)
def test_nothing_is_listed_and_no_inner_file_is_there(front: Nginx, path: str) -> None:
    assert front.ask(path).status in {403, 404}


def test_other_sites_may_read_nothing_and_nothing_is_echoed(front: Nginx) -> None:
    answer = front.ask("/", Origin="https://evil.example")
    echo = front.ask("/", method="TRACE", X_Secret="echo")

    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert echo.status == 405
    assert "echo" not in echo.body


def test_old_versions_of_tls_are_refused(front: Nginx) -> None:
    def shake_hands(version: ssl.TLSVersion) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of versions that are old
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = version
        with socket.create_connection(("127.0.0.1", front.tls_port), timeout=20) as plain:
            context.wrap_socket(plain, server_hostname=HOST).close()

    shake_hands(ssl.TLSVersion.TLSv1_2)
    with pytest.raises(OSError, match=r"(?i)alert|version|EOF"):
        shake_hands(ssl.TLSVersion.TLSv1_1)


def test_five_hundred_idle_lines_and_slow_bodies_hold_nobody_up(front: Nginx) -> None:
    """More slow senders than the site has threads: nginx waits for them, and the site does not."""
    with ExitStack() as stack:
        for number in range(500):
            line = socket.create_connection(("127.0.0.1", front.tls_port), timeout=20)
            stack.enter_context(line)
            if number % 2:
                line.sendall(b"\x16\x03\x01")  # the beginning of a handshake
        for _ in range(30):
            slow = stack.enter_context(front.connect())
            slow.sendall(f"{HEAD}Content-Length: 1000\r\n\r\nn".encode())

        assert front.ask("/").status == 200
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        assert front.ask("/contact/", method="POST", body=b"name=", **form).status == 422
