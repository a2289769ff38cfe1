"""Promise: a confirmation stands for exactly one stored request, whatever is killed, and when."""

from __future__ import annotations

import random
import time

import pytest

from tests.faults.site import IS_FULL, Visitors, account, running
from tests.operations.place import Place

pytestmark = pytest.mark.faults

FORMS, KILLS = (1200, 36) if IS_FULL else (150, 6)
TARGETS = ("worker", "web", "a web process")


def test_no_kill_loses_or_doubles_a_confirmed_request(place: Place) -> None:
    with running(place) as site:
        visitors = Visitors(site.port, forms=FORMS, threads=8)
        moments = sorted(random.sample(range(1, FORMS - 20), KILLS))
        began = time.monotonic()
        visitors.start()
        for number, moment in enumerate(moments):
            while visitors.done() < moment and any(t.is_alive() for t in visitors.threads):
                time.sleep(0.005)
            time.sleep(random.uniform(0, 0.05))
            site.kill(TARGETS[number % 3])
        visitors.join()
        took = time.monotonic() - began
        found = account(site, visitors, seconds=90, leases=site.kills["worker"])

    copies = len(site.mails()) - len(set(site.mails()))
    print(
        f"\n{len(visitors.acknowledged)} confirmed in {took:.0f} s, {site.kills.total()} kills "
        f"({dict(site.kills)}), {visitors.broken_lines} lines broken, 0 lost, 0 doubled; "
        f"{len(found['forms'])} forms, {copies} copies of mails, {found['leased']} mails still "
        f"leased by a killed worker; answers {dict(visitors.statuses)}"
    )
    assert set(visitors.statuses) == {303}
    assert len(visitors.acknowledged) == FORMS
    assert site.kills.total() == KILLS
    assert visitors.broken_lines > 0
