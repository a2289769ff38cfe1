"""The front before Django, without a server between it and the test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from typing import Any

import pytest
from django.test.client import ClientHandler, RequestFactory

from clinic_site.front import Front
from pages import live, probe
from pages.publishing import publish_all
from tests.pages.factories import make_page, make_question, make_section, make_site


@dataclass
class Answer:
    status: int
    headers: Message
    content: bytes
    by_django: bool

    @property
    def lines(self) -> set[tuple[str, str]]:
        """Every header but the request's own id."""
        return {(n.lower(), v) for n, v in self.headers.items() if n != "X-Request-ID"}


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
        before, head = self.asked, []
        application = self._django if to_django else self.front
        content = b"".join(application(request, lambda *started: head.extend(started)))
        headers = Message()
        for name, value in head[1]:
            headers[name] = value
        return Answer(int(head[0][:3]), headers, content, self.asked > before)

    def _django(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked += 1
        response = self.handler(environ)
        head = f"{response.status_code} {response.reason_phrase}"
        start_response(head, list(response.items()))
        return [response.content]


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
