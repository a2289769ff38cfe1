"""Promise: while the database is away, every page is read, the form stays open, and nothing is lost
or doubled."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.cluster import BINARIES, own_cluster
from tests.faults.site import IS_FULL, Visitors, account, running
from tests.operations.place import Place

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(BINARIES is None, reason="no PostgreSQL server; apt-get install postgresql"),
]

AWAY = 60 if IS_FULL else 6  # seconds
# How it goes, how it comes back, and the seconds that a visitor may wait on a busy machine. Alone
# it is below 4 after a stop, and below 10 when nothing answers.
WAYS = {"stopped": ("stop", "start", 8.0), "frozen": ("freeze", "thaw", 20.0)}


@pytest.mark.parametrize("way", WAYS if IS_FULL else ["stopped"])
def test_postgresql_going_away_under_load_costs_nobody_their_request(
    prepared: Place, tmp_path: Path, way: str
) -> None:
    go, come_back, longest_wait = WAYS[way]
    with own_cluster() as cluster:
        place = Place(tmp_path / "var", cluster.url, prepared.environ)
        place.must("migrate", "--verbosity=0")
        place.must("intake_keys", "--create")
        place.must("setup_intake")
        place.must("load_content")
        with running(place) as site, Readers(site.port) as readers:
            visitors = Visitors(site.port, forms=1_000_000, threads=4, pause=0.15)
            visitors.start()
            _wait_for(visitors, 10)
            getattr(cluster, go)()
            before = visitors.done()
            began = time.monotonic()
            read_before = len(readers.statuses)
            site.replace_a_web_process()  # one that starts while the database is away
            time.sleep(AWAY)
            read = len(readers.statuses) - read_before
            meanwhile = visitors.done() - before
            spooled = len(site.spooled())
            getattr(cluster, come_back)()
            away = time.monotonic() - began
            _wait_for(visitors, visitors.done() + 10)
            visitors.stop.set()
            visitors.join()
            account(site, visitors, seconds=90, leases=1)  # it has one worker

    print(
        f"\n{len(visitors.acknowledged)} confirmed, {meanwhile} of them in the {away:.0f} s that "
        f"PostgreSQL was {way} ({spooled} in the spool), longest wait {max(visitors.seconds):.1f} s, "
        f"0 lost, 0 doubled; answers {dict(visitors.statuses)}, "
        f"{visitors.broken_lines} lines broken; {read} pages read meanwhile"
    )
    assert read >= 4
    assert set(readers.statuses) == {200}, Counter(readers.statuses)
    assert readers.broken == []
    assert set(visitors.statuses) == {303}
    assert visitors.broken_lines == 0
    assert meanwhile >= 10
    assert spooled > 0
    assert max(visitors.seconds) < longest_wait


class Readers:
    """Two people who read page after page, each time on a new line."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.statuses: list[int] = []
        self.broken: list[str] = []
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._read) for _ in range(2)]

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        for path in itertools.cycle(["/", "/faq/", "/safety/", "/research/"]):
            if self._done.wait(0.05):
                return
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                line.request("GET", path, headers={"Host": "127.0.0.1"})
                answer = line.getresponse()
                answer.read()
                self.statuses.append(answer.status)
            except (OSError, http.client.HTTPException) as error:
                self.broken.append(f"{path}: {error!r}")
            finally:
                line.close()


def _wait_for(visitors: Visitors, count: int) -> None:
    end = time.monotonic() + 60
    while visitors.done() < count:
        assert time.monotonic() < end, visitors.statuses
        time.sleep(0.05)
