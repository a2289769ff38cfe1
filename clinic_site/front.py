"""Pages from memory, before Django hears of the request.

A page of a release never changes, so it should cost what a file costs. This answers GET and HEAD
for what ``pages.live`` has packed already, and hands everything else to Django: other methods,
anybody with a session, unknown addresses, hosts that are not ours, plain HTTP where TLS is asked
for, ``If-Match``. It never draws: what Django answers once is in memory afterwards.

A query string changes nothing about a page, so it is not looked at. There is no ``Accept-Ranges``,
so a range gets the whole page (RFC 9110, section 14.2).
"""

from __future__ import annotations

import logging
from typing import Final, NamedTuple

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from clinic_site import headers
from clinic_site.in_threads import Application, Lines, Receive, Scope, Send, as_sent
from clinic_site.logs import HEADER, id_of
from clinic_site.metrics import count_hit
from pages.live import known
from pages.packed import Body, choose_encoding, is_known

logger = logging.getLogger(__name__)

MOST_HOSTS: Final = 64  # remembered; a caller can make up any number of ports
MOST_BODIES: Final = 500  # whose headers are kept as they are sent
_ID: Final = HEADER.lower().encode()


class _Ready(NamedTuple):
    """The headers of one representation as they go over the line."""

    full: Lines
    not_modified: Lines


class Front:
    """The ASGI application in front of Django's."""

    def __init__(self, django: Application) -> None:
        self._django = django
        self._session = settings.SESSION_COOKIE_NAME.encode()
        self._hosts: set[bytes] = set()
        # One for each scheme that is answered; elsewhere Django sends the reader to TLS.
        schemes = ["https"] if settings.SECURE_SSL_REDIRECT else ["https", "http"]
        self._standing = {name: headers.of_a_page(scheme=name) for name in schemes}
        self._proxy: tuple[bytes, str] | None = None
        if settings.SECURE_PROXY_SSL_HEADER:
            name, secure = settings.SECURE_PROXY_SSL_HEADER
            self._proxy = name.removeprefix("HTTP_").replace("_", "-").lower().encode(), secure
        self._ready: dict[tuple[str, str], _Ready] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """From memory where possible, else from Django."""
        if scope["type"] != "http":  # nothing here talks by WebSocket
            await send({"type": "websocket.close"})
            return
        try:
            found = self._find(scope)
        except Exception:
            logger.exception("A page could not be answered from memory")
            found = None
        if found is None:
            await self._django(scope, receive, send)
            return
        status, lines, content = found
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": content})

    def _find(self, scope: Scope) -> tuple[int, Lines, bytes] | None:
        """Status, headers and content; ``None`` where Django has to answer."""
        method = scope["method"]
        asked = dict(scope["headers"])
        if (
            (method != "GET" and method != "HEAD")
            or len(asked) != len(scope["headers"])  # one header in several lines
            or self._session in asked.get(b"cookie", b"")
            or b"if-match" in asked
            or not ((host := asked.get(b"host", b"")) in self._hosts or self._is_ours(host))
        ):
            return None
        scheme = self._scheme(scope, asked) if self._proxy else scope["scheme"]
        now = known() if scheme in self._standing else None
        packed = now.drawn.get(scope["path"]) if now else None
        if packed is None:
            return None
        accepted = asked.get(b"accept-encoding", b"").decode("latin-1")
        body = packed.bodies.get(choose_encoding(accepted))
        if body is None:
            return None
        ready = self._ready.get((body.etag, scheme)) or self._prepare(body, scheme)
        given = asked.get(b"x-request-id")
        client = scope["client"][0] if given and scope.get("client") else ""
        own = (_ID, id_of(given.decode("latin-1") if given else "", client).encode())
        sent = asked.get(b"if-none-match")
        if sent is not None and is_known(sent.decode("latin-1"), body.etag):
            count_hit(method, "3xx")
            # No more than guides a cache: it keeps the other headers (RFC 9110, section 15.4.5),
            # and each of them would cost the server as much as one of ours.
            return 304, [*ready.not_modified, own], b""
        count_hit(method, "2xx")
        return 200, [*ready.full, own], b"" if method == "HEAD" else body.content

    def _prepare(self, body: Body, scheme: str) -> _Ready:
        if len(self._ready) >= MOST_BODIES:  # of releases that are gone
            self._ready.clear()
        full = [*body.headers, *self._standing[scheme]]
        ready = _Ready(as_sent(full), as_sent(body.validators))
        self._ready[body.etag, scheme] = ready
        return ready

    def _scheme(self, scope: Scope, asked: dict[bytes, bytes]) -> str:
        """As ``HttpRequest.scheme`` finds it: what a proxy says, else how we were reached."""
        assert self._proxy
        said = asked.get(self._proxy[0])
        if said is None:
            return str(scope["scheme"])
        first = said.decode("latin-1").split(",", 1)[0].strip()
        return "https" if first == self._proxy[1] else "http"

    def _is_ours(self, host: bytes) -> bool:
        """Whether Django would answer under this name (RFC 9110, section 7.2)."""
        name, _ = split_domain_port(host.decode("latin-1"))
        if not name or not validate_host(name, settings.ALLOWED_HOSTS):
            return False
        if len(self._hosts) < MOST_HOSTS:
            self._hosts.add(host)
        return True
