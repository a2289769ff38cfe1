"""The front before Django, without a server between it and the test."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import quote

import pytest
from django.test.client import ClientHandler, RequestFactory

from clinic_site import in_threads
from clinic_site.front import Front
from clinic_site.in_threads import Receive, Scope, Send
from pages import live, probe
from pages.publishing import publish_all
from tests.pages.factories import make_page, make_question, make_section, make_site


class Messages:
    """What an ASGI application is sent, and what it answers."""

    def __init__(self, *sent: dict[str, Any]) -> None:
        self.sent = list(sent)
        self.status = 0
        self.headers = Message()
        self.pieces: list[bytes] = []

    async def receive(self) -> dict[str, Any]:
        return self.sent.pop(0) if self.sent else {"type": "http.request"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            for name, value in message["headers"]:
                self.headers[name.decode()] = value.decode("latin-1")
        else:
            self.pieces.append(message["body"])

    @property
    def content(self) -> bytes:
        return b"".join(self.pieces)


def scope_of(environ: dict[str, Any]) -> Scope:
    """The same request as an event loop's server tells of it."""
    raw = environ["PATH_INFO"].encode("latin-1")
    headers = [
        (name.removeprefix("HTTP_").replace("_", "-").lower().encode(), value.encode("latin-1"))
        for name, value in environ.items()
        if name.startswith("HTTP_")
    ]
    return {
        "type": "http",
        "method": environ["REQUEST_METHOD"],
        "scheme": environ["wsgi.url_scheme"],
        "path": raw.decode(errors="replace"),
        "raw_path": quote(raw).encode(),
        "query_string": environ["QUERY_STRING"].encode("latin-1"),
        "headers": headers,
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": (environ["REMOTE_ADDR"], 4321),
    }


def at_once(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run it without an event loop: what waits for anything fails."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


def in_a_loop(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run it to its end. In a thread of its own: a browser's tests leave a loop running in theirs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, coroutine).result()


@dataclass
class Answer:
    status: int
    headers: Message
    content: bytes
    by_django: bool

    @property
    def lines(self) -> set[tuple[str, str]]:
        """Every header but the request's own id."""
        return {(n.lower(), v) for n, v in self.headers.items() if n.lower() != "x-request-id"}


class Site:
    """The front with Django behind it, and who answered."""

    def __init__(self) -> None:
        self.handler = ClientHandler()
        self.front = Front(self._django)
        self.asked = 0

    def ask(
        self, path: str, method: str = "GET", *, to_django: bool = False, **environ: Any
    ) -> Answer:
        """``environ``: names in the manner of CGI; ``None`` takes one away."""
        request = RequestFactory().generic(method, path, HTTP_HOST="testserver").environ
        request = {n: v for n, v in {**request, **environ}.items() if v is not None}
        before, messages = self.asked, Messages()
        application = self._django if to_django else self.front
        at_once(application(scope_of(request), messages.receive, messages.send))
        return Answer(messages.status, messages.headers, messages.content, self.asked > before)

    async def _django(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        response = self.handler(in_threads.environ(scope, io.BytesIO(), 0))
        await in_threads.say(response, send)


def publish_faq() -> None:
    """A small site with one question, live."""
    make_site()
    make_section(make_page(), kind="questions", lists="practical")
    make_question()
    publish_all(by=None)


@pytest.fixture
def site(db: None, monkeypatch: pytest.MonkeyPatch) -> Site:
    """With ``/faq/`` drawn and packed once in each encoding.

    The probe looks from a connection of its own, so it cannot see into this test's transaction.
    """
    publish_faq()
    release = live.live().release
    monkeypatch.setattr(probe, "ask", lambda: release)
    site = Site()
    for encoding in ("", "gzip", "br"):
        site.ask("/faq/", HTTP_ACCEPT_ENCODING=encoding)
    better = live.live().drawn["/faq/"].better
    assert better
    better.result(timeout=60)
    return site
