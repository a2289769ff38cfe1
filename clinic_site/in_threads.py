"""Django behind the event loop: a request is received whole, then one of a few threads answers it.

The event loop waits for slow senders and slow readers, so neither holds a thread. All of an answer
happens in one thread, for Django keeps its connections to the database by thread.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from tempfile import SpooledTemporaryFile as _Body
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpResponse

from clinic_site.errors import error_page

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Lines = list[tuple[bytes, bytes]]  # headers

# Threads, because a page waits more than it computes; few, because only one of them computes.
THREADS: Final = 4
# Seconds for a whole body, and for a reader to take one piece of an answer.
BODY_SECONDS: Final = 60.0
PIECE_SECONDS: Final = 30.0
# Bytes. What is longer than a form is kept on disk. A photograph, the longest that is ever wanted,
# needs a session; more than may be kept is read and dropped, so that the sender sees the refusal:
# a server that closes a line with unread bytes in it resets it.
IN_MEMORY: Final = 64 * 1024
MOST_OF_A_STRANGER: Final = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
MOST: Final = 16 * 1024 * 1024
PIECE: Final = 64 * 1024


class InThreads:
    """An ASGI application of a WSGI application."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="django")
        self._session = settings.SESSION_COOKIE_NAME.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = MOST if self._session in _cookies(scope) else MOST_OF_A_STRANGER
        try:
            async with asyncio.timeout(BODY_SECONDS):
                received = await _receive(receive, most)
        except TimeoutError:
            await say(error_page("400", 408), send)
            return
        except OSError as error:  # no room for a long body
            logger.error("A body could not be kept (%s)", error.strerror)
            await say(error_page("503", 503, retry_after=120), send)
            return
        if received is None:  # nobody is there any more
            return
        body, length = received
        answer = _Answer(scope["method"], send)
        run = asyncio.get_running_loop().run_in_executor(
            self._threads, answer.make, self._application, environ(scope, body, length)
        )
        # Who leaves does not stop what began: a form is taken whether or not we may still say so.
        await answer.finish(await asyncio.shield(run))


def _cookies(scope: Scope) -> bytes:
    return b";".join(value for name, value in scope["headers"] if name == b"cookie")


async def _receive(receive: Receive, most: int) -> tuple[_Body[bytes], int] | None:
    """The body to read from, and its length as it was sent. At most ``most`` bytes are kept."""
    kept: _Body[bytes] = _Body(IN_MEMORY)  # noqa: SIM115  the thread that reads it closes it
    length = 0
    try:
        while True:
            message = await receive()
            if message["type"] != "http.request":
                kept.close()
                return None
            piece = message.get("body", b"")
            length += len(piece)
            if length <= most:
                kept.write(piece)
            if length > MOST or not message.get("more_body"):
                kept.seek(0)
                return kept, length
    except BaseException:
        kept.close()
        raise


def environ(scope: Scope, body: IO[bytes], length: int) -> WSGIEnvironment:
    """The request in the manner of CGI (PEP 3333). Several lines of one header become one."""
    host, port = scope.get("server") or ("localhost", None)
    found: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": _path(scope),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw, value in scope["headers"]:
        name = raw.decode("latin-1").upper().replace("-", "_")
        if name not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            name = f"HTTP_{name}"
        text = value.decode("latin-1")
        found[name] = f"{found[name]},{text}" if name in found else text
    if length or "CONTENT_LENGTH" in found:  # as it came: a body in chunks has no other
        found["CONTENT_LENGTH"] = str(length)
    return found


def _path(scope: Scope) -> str:
    """The bytes of the path, each as one character; of a whole address only its path counts
    (RFC 9112, section 3.2.2)."""
    raw: bytes = scope["raw_path"]
    if not raw.startswith(b"/"):
        raw = b"/" + raw.partition(b"://")[2].partition(b"/")[2]
    return unquote_to_bytes(raw).decode("latin-1")


def as_sent(headers: Iterable[tuple[str, str]]) -> Lines:
    """Headers as ASGI wants them: bytes, the names in lower case."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


class _Answer:
    """What the application says, on its way back to the event loop."""

    def __init__(self, method: str, send: Send) -> None:
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._is_head = method == "HEAD"
        self._start: dict[str, Any] | None = None

    def make(self, application: WSGIApplication, request: WSGIEnvironment) -> bytes:
        """Run the application; what is longer than a piece is sent meanwhile, the rest returned."""
        pieces: list[bytes] = []
        size = 0
        chunks = application(request, self._begin)
        try:
            for chunk in () if self._is_head else chunks:
                pieces.append(chunk)
                size += len(chunk)
                if size >= PIECE:
                    sent = asyncio.run_coroutine_threadsafe(
                        self._pass(b"".join(pieces)), self._loop
                    )
                    sent.result(PIECE_SECONDS)
                    pieces, size = [], 0
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
            request["wsgi.input"].close()
        return b"".join(pieces)

    def _begin(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        code = int(status[:3])
        self._is_head = self._is_head or code in {204, 304}  # they have no body either
        self._start = {
            "type": "http.response.start",
            "status": code,
            "headers": as_sent(headers),
        }

    async def _pass(self, piece: bytes, *, more: bool = True) -> None:
        if self._start:
            start, self._start = self._start, None
            await self._send(start)
        await self._send({"type": "http.response.body", "body": piece, "more_body": more})

    async def finish(self, rest: bytes) -> None:
        await self._pass(rest, more=False)


async def say(page: HttpResponse, send: Send) -> None:
    """Send a page that is made already."""
    start = {"type": "http.response.start", "status": page.status_code}
    await send({**start, "headers": as_sent(page.items())})
    await send({"type": "http.response.body", "body": page.content})
