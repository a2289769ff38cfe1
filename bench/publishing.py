"""After a publish was acknowledged: does any process still show the old page, and for how long?

Two web processes on SQLite, readers without a pause, and after each publish one process is killed.
"""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench import _verdicts as verdicts
from bench._ours import ROOT, Site, new_place, running_site

READS = 10_000
READERS = 4
SECONDS = 90  # at most
PAUSE = 0.5  # between two publishes
MARK = re.compile(rb"Release number (\d+) of the measurement")
# Publishes once for each line it reads, and answers with the number and the moment.
PUBLISH = """
import sys, time
import django; django.setup()
from pages.models import Page
from pages.publishing import publish_all
for line in sys.stdin:
    Page.objects.filter(path="/").update(lead=f"Release number {line.strip()} of the measurement.")
    release = publish_all(by=None, note="bench")
    assert release.approved_at
    print(line.strip(), time.monotonic(), flush=True)
"""


def measure() -> list[str]:
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as name:
        place = new_place(Path(name))
        with running_site(place) as site:
            publisher = subprocess.Popen(
                [sys.executable, "-c", PUBLISH],
                cwd=ROOT,
                env=place.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            try:
                return _watch(site, publisher)
            finally:
                publisher.kill()
                publisher.wait()


def _watch(site: Site, publisher: subprocess.Popen[str]) -> list[str]:
    acknowledged: list[tuple[int, float]] = []
    reads: list[tuple[float, float, int]] = []  # began, ended, the number shown
    is_over = threading.Event()
    broken = [0]

    def publish(number: int) -> None:
        assert publisher.stdin
        assert publisher.stdout
        publisher.stdin.write(f"{number}\n")
        publisher.stdin.flush()
        told = publisher.stdout.readline().split()
        acknowledged.append((number, float(told[1])))

    publish(1)
    readers = [
        threading.Thread(target=_read, args=(site.port, reads, broken, is_over))
        for _ in range(READERS)
    ]
    for reader in readers:
        reader.start()
    end = time.monotonic() + SECONDS
    while len(reads) < READS and time.monotonic() < end:
        time.sleep(PAUSE)
        publish(len(acknowledged) + 1)
        time.sleep(PAUSE / 2)
        site.kill("a web process")
    is_over.set()
    for reader in readers:
        reader.join()
    return _judge(acknowledged, reads, broken[0], site.kills.total())


def _read(
    port: int, reads: list[tuple[float, float, int]], broken: list[int], is_over: threading.Event
) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    while not is_over.is_set():
        began = time.monotonic()
        try:
            line.request("GET", "/", headers={"Host": "127.0.0.1"})
            answer = line.getresponse()
            found = MARK.search(answer.read())
        except (OSError, http.client.HTTPException):
            broken[0] += 1  # the process that was killed had this line
            line.close()
            continue
        assert answer.status == 200
        assert found
        reads.append((began, time.monotonic(), int(found[1])))
    line.close()


def _judge(
    acknowledged: list[tuple[int, float]],
    reads: list[tuple[float, float, int]],
    broken: int,
    kills: int,
) -> list[str]:
    stale, latest = 0, 0.0
    for began, ended, number in reads:
        due = max((n for n, at in acknowledged if at <= began), default=0)
        if number < due:
            stale += 1
            latest = max(latest, ended - next(at for n, at in acknowledged if n == due))
    enough = len(reads) >= READS
    name = "stale pages after a publish was acknowledged, two processes, with kills"
    if enough or stale:
        verdicts.at_most(f"{name}, of {len(reads)}", stale, 0, "")
    else:
        verdicts.unknown(
            name, "0 of 10,000", f"{stale} of {len(reads)} in {SECONDS} s: too few reads"
        )
    verdicts.at_most("publish to every process serving the new page", latest, 1, " s")
    told = (
        f"{len(acknowledged)} publishes, {kills} kills, {len(reads)} reads, {stale} stale, "
        f"{broken} lines broken by the kills. Every request looks whether anybody has committed, "
        "so a process has nothing to hear of first."
    )
    return [told]
