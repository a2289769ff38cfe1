"""Slow and idle lines to gunicorn itself, with no nginx in front: they hold nobody up for long."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.operations.place import Place
from tests.operations.servers import HOST, answers, free_port, gunicorn

HEAD = f"POST /contact/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: text/plain\r\n"
MOST = 20  # connections of a process
KEEPALIVE = 5  # seconds, as in deploy/gunicorn.conf.py


@pytest.fixture(scope="module")
def port(place: Place) -> Iterator[int]:
    number = free_port()
    with gunicorn(place, number, GUNICORN_CMD_ARGS=f"--worker-connections {MOST}"):
        yield number


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def closed_after(line: socket.socket) -> float:
    """Seconds until the other side closes it."""
    began = time.monotonic()
    with suppress(ConnectionResetError):
        assert line.recv(1) == b""
    return time.monotonic() - began


def test_more_slow_senders_than_threads_hold_nobody_up(port: int) -> None:
    with ExitStack() as stack:
        for _ in range(MOST - 5):
            line = stack.enter_context(connect(port))
            line.sendall(f"{HEAD}Content-Length: 1000\r\n\r\nn".encode())

        assert answers(port)  # from Django, in a thread


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX-"])
def test_a_line_without_a_request_is_closed(port: int, sent: bytes) -> None:
    with connect(port) as line:
        line.sendall(sent)

        assert KEEPALIVE - 1 < closed_after(line) < KEEPALIVE + 5


def test_more_lines_than_a_process_may_have_are_refused_at_once(port: int) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(connect(port)) for _ in range(4 * MOST)]
        began = time.monotonic()
        time.sleep(0.5)
        refused = 0
        for line in lines:
            line.setblocking(False)
            try:
                line.recv(1)
                refused += 1
            except BlockingIOError:
                pass
            except ConnectionResetError:
                refused += 1
        assert time.monotonic() - began < KEEPALIVE

        assert refused >= 2 * MOST
        time.sleep(KEEPALIVE)
    assert answers(port)
