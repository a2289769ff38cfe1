"""The id of a request, in its log lines (:mod:`clinic_site.log_lines`) and in its answer."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from clinic_site.log_lines import REQUEST_KEY, request_id

HEADER: Final = "X-Request-ID"
_WELL_FORMED: Final = re.compile(r"[0-9a-f]{32}")

GetResponse = Callable[[HttpRequest], HttpResponse]


def name_requests(get_response: GetResponse) -> GetResponse:
    """Middleware: give each request an id, in its log lines and in its answer.

    A trusted proxy's id is taken over, so that one id finds the request in both logs; anybody
    else's is not, or a visitor could write into ours.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        meta = request.META
        use = id_of(meta.get("HTTP_X_REQUEST_ID", ""), meta.get("REMOTE_ADDR", ""))
        request.META[REQUEST_KEY] = use  # for what Django logs about it after we are done
        token = request_id.set(use)
        try:
            response = get_response(request)
        finally:
            request_id.reset(token)
        response[HEADER] = use
        return response

    return middleware


# Ids are made many at once: asking the system each time would be a good part of a page from memory.
AT_ONCE: Final = 256
_unused: Final[list[str]] = []
os.register_at_fork(after_in_child=_unused.clear)  # or two processes would use the same ones


def id_of(given: str, client: str) -> str:
    """The id of a request: ``given`` where a trusted proxy at ``client`` gave it, else a new one."""
    if given and client in settings.TRUSTED_PROXIES and _WELL_FORMED.fullmatch(given):
        return given
    try:
        return _unused.pop()
    except IndexError:
        made = secrets.token_hex(16 * AT_ONCE)
        _unused.extend(made[i : i + 32] for i in range(32, len(made), 32))
        return made[:32]
