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
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from clinic_site import headers
from clinic_site.logs import HEADER, id_of
from clinic_site.metrics import count_hit
from pages.live import known
from pages.packed import Body, Headers, choose_encoding, is_known

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

MOST_HOSTS: Final = 64  # remembered; a caller can make up any number of ports


class Front:
    """The WSGI application in front of Django's."""

    def __init__(self, django: WSGIApplication) -> None:
        self._django = django
        self._session = settings.SESSION_COOKIE_NAME
        self._hosts: set[str] = set()
        # One for each scheme that is answered; elsewhere Django sends the reader to TLS.
        schemes = ["https"] if settings.SECURE_SSL_REDIRECT else ["https", "http"]
        self._standing = {name: headers.of_a_page(scheme=name) for name in schemes}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """From memory where possible, else from Django."""
        try:
            found = self._find(environ)
        except Exception:
            logger.exception("A page could not be answered from memory")
            found = None
        if found is None:
            return self._django(environ, start_response)
        body, standing = found
        method = environ["REQUEST_METHOD"]
        own = (HEADER, id_of(environ))
        sent = environ.get("HTTP_IF_NONE_MATCH")
        if sent and is_known(sent, body.etag):
            count_hit(method, "3xx")
            # No more than guides a cache: it keeps the other headers (RFC 9110, section 15.4.5),
            # and each of them would cost gunicorn as much as one of ours.
            start_response("304 Not Modified", [*body.validators, own])
            return ()
        count_hit(method, "2xx")
        start_response("200 OK", [*body.headers, *standing, own])
        return () if method == "HEAD" else (body.content,)

    def _find(self, environ: WSGIEnvironment) -> tuple[Body, Headers] | None:
        """The representation to send and the headers that go with every page; else ``None``."""
        if (
            environ["REQUEST_METHOD"] not in {"GET", "HEAD"}
            or self._session in environ.get("HTTP_COOKIE", "")
            or "HTTP_IF_MATCH" in environ
            or environ.get("SCRIPT_NAME")
            or not self._is_ours(environ.get("HTTP_HOST", ""))
        ):
            return None
        standing = self._standing.get(_scheme(environ))
        now = known() if standing else None
        packed = now.drawn.get(environ["PATH_INFO"]) if now else None
        encoding = choose_encoding(environ.get("HTTP_ACCEPT_ENCODING"))
        body = packed.bodies.get(encoding) if packed else None
        return (body, standing) if body and standing else None

    def _is_ours(self, host: str) -> bool:
        """Whether Django would answer under this name (RFC 9110, section 7.2)."""
        if host in self._hosts:
            return True
        name, _ = split_domain_port(host)
        if not name or not validate_host(name, settings.ALLOWED_HOSTS):
            return False
        if len(self._hosts) < MOST_HOSTS:
            self._hosts.add(host)
        return True


def _scheme(environ: WSGIEnvironment) -> str:
    """As ``HttpRequest.scheme`` finds it: what a trusted proxy says, else how we were reached."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, secure = settings.SECURE_PROXY_SSL_HEADER
        said = environ.get(name)
        if said is not None:
            return "https" if said.split(",", 1)[0].strip() == secure else "http"
    return str(environ["wsgi.url_scheme"])
