"""Promise: while the database is away, the form stays open and nothing is lost or doubled."""

from __future__ import annotations

import time
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
        with running(place) as site:
            visitors = Visitors(site.port, forms=1_000_000, threads=4, pause=0.15)
            visitors.start()
            _wait_for(visitors, 10)
            getattr(cluster, go)()
            before = visitors.done()
            began = time.monotonic()
            time.sleep(AWAY)
            meanwhile = visitors.done() - before
            spooled = len(site.spooled())
            getattr(cluster, come_back)()
            away = time.monotonic() - began
            _wait_for(visitors, visitors.done() + 10)
            visitors.stop.set()
            visitors.join()
            account(site, visitors, seconds=90)

    print(
        f"\n{len(visitors.acknowledged)} confirmed, {meanwhile} of them in the {away:.0f} s that "
        f"PostgreSQL was {way} ({spooled} in the spool), longest wait {max(visitors.seconds):.1f} s, "
        f"0 lost, 0 doubled; answers {dict(visitors.statuses)}, "
        f"{visitors.broken_lines} lines broken"
    )
    assert set(visitors.statuses) == {303}
    assert visitors.broken_lines == 0
    assert meanwhile >= 10
    assert spooled > 0
    assert max(visitors.seconds) < longest_wait


def _wait_for(visitors: Visitors, count: int) -> None:
    end = time.monotonic() + 60
    while visitors.done() < count:
        assert time.monotonic() < end, visitors.statuses
        time.sleep(0.05)
