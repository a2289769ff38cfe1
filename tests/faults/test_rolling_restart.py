"""Promise: a new version or a new setting is taken up without one failed request.

gunicorn gets HUP again and again, behind nginx as it is deployed, while visitors read pages and
send forms. nginx keeps connections to gunicorn open, which is where reloads are known to drop
requests: it has to hide that, and does so only for requests that may be asked twice.
"""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.operations.place import Place
from tests.operations.servers import HOST, Nginx, free_port, gunicorn, nginx, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.nginx]

RELOADS = 5


class Visitors:
    """Threads that ask without pause; what they got, by kind and status."""

    def __init__(self, front: Nginx) -> None:
        self.front = front
        self.got: Counter[tuple[str, object]] = Counter()
        self.stop = threading.Event()
        self.threads = [
            *(threading.Thread(target=self.read, args=(p,)) for p in ("/", "/faq/", "/contact/")),
            threading.Thread(target=self.send),
        ]

    def read(self, path: str) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            self.ask("read", f"{path}?{number}")  # never from nginx's memory

    def send(self) -> None:
        while not self.stop.is_set():
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            self.ask("send", "/contact/", method="POST", body=b"name=&phone=&token=", **form)
            time.sleep(0.02)

    def ask(self, kind: str, path: str, **options: object) -> None:
        try:
            result: object = self.front.ask(path, **options).status  # type: ignore[arg-type]
        except (OSError, ValueError) as error:
            result = repr(error)
        self.got[kind, result] += 1

    @contextmanager
    def busy(self) -> Iterator[None]:
        for thread in self.threads:
            thread.start()
        try:
            yield
        finally:
            self.stop.set()
            for thread in self.threads:
                thread.join()


def children(process: subprocess.Popen[bytes]) -> set[str]:
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return set(path.read_text().split())


def test_reloads_under_load_fail_nobody(prepared_site: Place, tmp_path: Path) -> None:
    place = prepared_site.copy_to(
        tmp_path / "site", CLINIC_TRUSTED_PROXIES="127.0.0.1", CLINIC_HOSTS=HOST
    )
    port = free_port()
    (tmp_path / "nginx").mkdir()
    with (
        gunicorn(place, port) as server,
        nginx(
            tmp_path / "nginx",
            public=[port],
            staff=port,
            static=place.static,
            **{
                # Four visitors behind one address, as fast as they can.
                "rate=20r/s": "rate=9000r/s",
                "rate=30r/m": "rate=9000r/s",
                # A busy machine needs longer for a start than a node may be silent.
                "proxy_read_timeout 8s": "proxy_read_timeout 60s",
                "proxy_read_timeout 10s": "proxy_read_timeout 60s",
            },
        ) as front,
    ):
        visitors = Visitors(front)
        with visitors.busy():
            for _ in range(RELOADS):
                before = children(server)
                server.send_signal(signal.SIGHUP)
                wait_until(
                    lambda before=before: len(now := children(server)) == 2 and not now & before,  # type: ignore[misc]
                    "new workers in the place of the old ones",
                    180,
                )
                enough = visitors.got.total() + 60
                wait_until(lambda n=enough: visitors.got.total() > n, "visitors", 180)  # type: ignore[misc]

    assert set(visitors.got) == {("read", 200), ("send", 422)}, visitors.got
    assert visitors.got["read", 200] > 50
    assert visitors.got["send", 422] > 20
