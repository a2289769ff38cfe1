"""Django behind the event loop: bodies, answers, and who leaves in between."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest
from django.conf import settings
from django.test import RequestFactory

from clinic_site import in_threads
from clinic_site.in_threads import InThreads, Scope
from tests.serving.conftest import Messages, in_a_loop, scope_of

KB = 1024


class App:
    """A WSGI application that keeps what it was asked."""

    def __init__(self, *chunks: bytes, status: str = "200 OK") -> None:
        self.chunks, self.status = chunks, status
        self.asked: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.closed = 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.asked.append(environ)
        self.bodies.append(environ["wsgi.input"].read())
        start(self.status, [("X-Name", "value"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        app = self

        class Response(list[bytes]):
            def close(self) -> None:
                app.closed += 1

        return Response(self.chunks)


def scope(method: str = "GET", path: str = "/contact/", **environ: Any) -> Scope:
    return scope_of(RequestFactory().generic(method, path, HTTP_HOST="x").environ | environ)


def parts(*pieces: bytes) -> list[dict[str, Any]]:
    last = len(pieces) - 1
    return [
        {"type": "http.request", "body": piece, "more_body": number < last}
        for number, piece in enumerate(pieces)
    ]


def ask(app: Any, request: Scope | None = None, *sent: dict[str, Any]) -> Messages:
    messages = Messages(*sent)
    in_a_loop(InThreads(app)(request or scope(), messages.receive, messages.send))
    return messages


def test_an_answer_has_the_applications_status_headers_and_content() -> None:
    app = App(b"one, ", b"two", status="418 I'm a teapot")

    answer = ask(app)

    assert (answer.status, answer.content) == (418, b"one, two")
    assert answer.headers.items() == [
        ("x-name", "value"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
    ]
    assert app.closed == 1
    assert app.asked[0]["wsgi.multithread"]


def test_a_body_in_parts_arrives_whole_with_its_true_length() -> None:
    app = App()

    ask(app, scope("POST"), *parts(b"name=", b"Ana", b""))

    assert app.bodies == [b"name=Ana"]
    assert app.asked[0]["CONTENT_LENGTH"] == "8"  # in chunks, nobody had said


def test_a_long_body_waits_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    real = SpooledTemporaryFile.rollover
    monkeypatch.setattr(SpooledTemporaryFile, "rollover", lambda f: made.append(1) or real(f))
    app, sent = App(), [b"x" * 40 * KB] * 5

    ask(app, scope("POST"), *parts(*sent))

    assert app.bodies == [b"".join(sent)]
    assert made


@pytest.mark.parametrize(
    ("cookie", "kept"), [("", 512), (f"{settings.SESSION_COOKIE_NAME}=a", 700)]
)
def test_only_with_a_session_is_more_than_a_form_kept(cookie: str, kept: int) -> None:
    """The rest is read all the same, and its length is told, so that Django can refuse it."""
    app = App()
    messages = Messages(*parts(*[b"x" * KB] * 700))

    in_a_loop(InThreads(app)(scope("POST", HTTP_COOKIE=cookie), messages.receive, messages.send))

    assert len(app.bodies[0]) == kept * KB
    assert app.asked[0]["CONTENT_LENGTH"] == str(700 * KB)
    assert not messages.sent


def test_what_has_no_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_threads, "MOST", 100 * KB)
    app = App(b"too large", status="413 Content Too Large")
    messages = Messages(*parts(*[b"x" * KB] * 700))

    in_a_loop(InThreads(app)(scope("POST"), messages.receive, messages.send))

    assert messages.status == 413
    assert len(messages.sent) == 700 - 101


def test_who_leaves_before_the_end_of_the_body_is_not_answered() -> None:
    app = App(b"thanks")

    answer = ask(app, scope("POST"), parts(b"name=", b"")[0], {"type": "http.disconnect"})

    assert (app.asked, answer.status, answer.content) == ([], 0, b"")


def test_who_never_finishes_a_body_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_threads, "BODY_SECONDS", 0.05)
    app, messages = App(), Messages()

    async def never() -> dict[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError

    in_a_loop(InThreads(app)(scope("POST"), never, messages.send))

    assert (app.asked, messages.status) == ([], 408)
    assert b"988" in messages.content


def test_a_full_disk_is_said_with_the_number_to_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(SpooledTemporaryFile, "rollover", full)

    answer = ask(App(), scope("POST"), *parts(b"x" * 40 * KB, b"x" * 40 * KB))

    assert answer.status == 503
    assert b"866-951-HEAL" in answer.content


def test_who_leaves_stops_nothing_that_began() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        begun.set()
        assert may_end.wait(10)
        ended.set()
        start("200 OK", [])
        return []

    async def main() -> None:
        messages = Messages()
        task = asyncio.create_task(InThreads(app)(scope("POST"), messages.receive, messages.send))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        may_end.set()

    in_a_loop(main())

    assert ended.wait(10)


@pytest.mark.parametrize(("method", "status"), [("HEAD", "200 OK"), ("GET", "304 Not Modified")])
def test_what_has_no_body_is_sent_none(method: str, status: str) -> None:
    answer = ask(App(b"hidden", status=status), scope(method))

    assert answer.content == b""
    assert answer.headers["x-name"] == "value"


def test_a_long_answer_goes_out_in_pieces_and_a_small_one_at_once() -> None:
    long, small = ask(App(*[b"x" * 5 * KB] * 30)), ask(App(*[b"x" * 5 * KB] * 3))

    assert [len(piece) // KB for piece in long.pieces] == [65, 65, 20]
    assert [len(piece) // KB for piece in small.pieces] == [15]


def test_a_reader_who_takes_nothing_gives_the_thread_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_threads, "PIECE_SECONDS", 0.05)
    app = App(*[b"x" * 5 * KB] * 30)

    async def stuck(message: dict[str, Any]) -> None:
        await asyncio.sleep(60)

    async def main() -> None:
        messages = Messages()
        with pytest.raises(TimeoutError):
            await InThreads(app)(scope(), messages.receive, stuck)

    in_a_loop(main())

    assert app.closed == 1


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/faq/", "/faq/"),
        (b"/fa%C3%A9/", "/fa\xc3\xa9/"),
        (b"/%ff%00", "/\xff\x00"),
        (b"http://other.example/faq/", "/faq/"),  # RFC 9112, section 3.2.2
        (b"http://other.example", "/"),
        (b"*", "/"),
    ],
)
def test_a_path_is_its_bytes(raw: bytes, path: str) -> None:
    app = App()

    ask(app, scope() | {"raw_path": raw})

    assert app.asked[0]["PATH_INFO"] == path


def test_the_lines_of_one_header_become_one() -> None:
    app, request = App(), scope()
    request["headers"] += [(b"x-a", b"1"), (b"x-a", b"2"), (b"content-type", b"text/plain")]

    ask(app, request)

    assert app.asked[0]["HTTP_X_A"] == "1,2"
    assert app.asked[0]["CONTENT_TYPE"] == "text/plain"
