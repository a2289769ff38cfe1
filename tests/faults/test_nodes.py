"""Promise: any one machine may die or be cut off, and the database may move to its copy.

Two nodes with a worker each, PostgreSQL and its copy, each on a machine of its own (a network
namespace), behind nginx as it is deployed. All the time visitors read pages and send forms. No page
read fails, not even one; no confirmed request is lost or doubled.
"""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.cluster import BINARIES, Cluster, own_folder
from tests.faults.network import Machine, Network, own_network
from tests.faults.site import IS_FULL, Site, Visitors, account
from tests.operations.place import Place
from tests.operations.servers import Nginx, nginx, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.nginx, pytest.mark.networks]

PORT = 8000
DATABASE = 20  # the last part of the address that moves with the database
AWAY = 60 if IS_FULL else 5  # seconds that a fault lasts
ASKED_AGAIN_AFTER = 6  # seconds; fail_timeout of deploy/nginx.conf, and one more
# All visitors have one address here, and a busy machine answers more slowly than a cut-off one fails.
LIMITS = {
    "rate=20r/s": "rate=9000r/s",
    "rate=30r/m": "rate=9000r/s",
    "proxy_read_timeout 8s": "proxy_read_timeout 20s",
    "proxy_read_timeout 10s": "proxy_read_timeout 20s",
    "proxy_next_upstream_timeout 20s": "proxy_next_upstream_timeout 60s",
}
TRUSTED = "host all all 10.0.0.0/8 trust\nhost replication all 10.0.0.0/8 trust\n"


@dataclass
class Setting:
    """Everything there is to break."""

    network: Network
    nodes: list[Site]
    machines: list[Machine]
    database: Cluster
    copy: Cluster
    database_on: Machine
    copy_on: Machine
    address: str

    def everywhere_learn_anew(self) -> None:
        for where in (self.network, *self.machines):
            where.learn_anew()


class Readers:
    """Threads that read pages without pause; what they got, by status."""

    def __init__(self, front: Nginx) -> None:
        self.front = front
        self.got: Counter[object] = Counter()
        self.only_known = False  # pages that nginx has seen: all nodes may be away
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.read, args=(p,)) for p in ("/", "/safety/")]

    def read(self, path: str) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            asked = path if self.only_known or number % 2 else f"{path}?{number}"
            try:
                answer: object = self.front.ask(asked).status
            except (OSError, ValueError) as error:
                answer = repr(error)
            self.got[answer] += 1
            time.sleep(0.05)


def kill_a_node(setting: Setting) -> None:
    setting.nodes[0].end("web", signal.SIGKILL)
    setting.nodes[0].end("worker", signal.SIGKILL)
    time.sleep(AWAY)
    setting.nodes[0].start("web")
    setting.nodes[0].start("worker")


def cut_a_node_off(setting: Setting) -> None:
    setting.machines[1].cut_off()
    time.sleep(AWAY)
    setting.machines[1].join_again()


def stop_the_database(setting: Setting) -> None:
    setting.database.stop()
    time.sleep(AWAY)
    setting.database.start()


def cut_the_database_off(setting: Setting) -> None:
    setting.database_on.cut_off()
    time.sleep(AWAY)
    setting.database_on.join_again()


def fail_over_to_the_copy(setting: Setting) -> None:
    """What was confirmed is in both, because the database waits for its copy at each commit."""
    setting.database_on.cut_off()
    setting.database.stop()
    setting.copy.promote()
    setting.copy_on.take_over(setting.address)
    setting.everywhere_learn_anew()


def restart_everything_in_the_worst_order(setting: Setting) -> None:
    """All stop at once; those who need the others come back before them."""
    for node in setting.nodes:
        for name in ("web", "worker"):
            node.end(name, signal.SIGKILL)
    setting.copy.stop()
    for node in setting.nodes:
        node.start("worker")
        node.start("web")
    for machine in setting.machines:
        wait_until(lambda m=machine: _is_up(m), "a node without its database", 120)  # type: ignore[misc]
    setting.copy.start()


FAULTS = [
    kill_a_node,
    cut_a_node_off,
    *([stop_the_database, cut_the_database_off] if IS_FULL else []),
    fail_over_to_the_copy,
    *([restart_everything_in_the_worst_order] if IS_FULL else []),
]


@pytest.mark.skipif(BINARIES is None, reason="no PostgreSQL server; apt-get install postgresql")
def test_no_single_machine_costs_a_page_or_a_request(prepared: Place, tmp_path: Path) -> None:
    with _setting(prepared, tmp_path) as setting, _front(setting, tmp_path, prepared) as front:
        readers = Readers(front)
        visitors = Visitors(front.tls_port, forms=1_000_000, threads=3, pause=0.1, tls=True)
        for path in ("/", "/safety/"):
            wait_until(lambda p=path: front.ask(p).status == 200, "the first page", 180)  # type: ignore[misc]
        for threads in (readers.threads, visitors.threads):
            for thread in threads:
                thread.start()
        try:
            for fault in FAULTS:
                print(f"\n{fault.__name__}", flush=True)
                readers.only_known = fault is restart_everything_in_the_worst_order
                _until_all_is_well(setting, visitors)
                fault(setting)
            _until_all_is_well(setting, visitors)
        finally:
            visitors.stop.set()
            readers.stop.set()
            visitors.join()
            for thread in readers.threads:
                thread.join()
        leases = len(FAULTS) * len(setting.nodes)  # each fault stops a node's worker once at most
        found = account(setting.nodes[0], visitors, seconds=300, leases=leases)

    print(
        f"\n{len(FAULTS)} faults of {AWAY} s: pages {dict(readers.got)}, "
        f"{len(visitors.acknowledged)} requests confirmed, 0 lost, 0 doubled; answers to forms "
        f"{dict(visitors.statuses)}, {visitors.broken_lines} lines broken, longest wait "
        f"{max(visitors.seconds):.1f} s, {len(found['sent'])} mails"
    )
    assert set(readers.got) == {200}, readers.got
    assert readers.got[200] > 50
    assert visitors.broken_lines == 0
    assert set(visitors.statuses) <= {303, 502, 503, 504}, visitors.statuses


def _until_all_is_well(setting: Setting, visitors: Visitors) -> None:
    """One fault at a time: every node listens, and nginx has asked it again."""
    for machine in setting.machines:
        wait_until(lambda m=machine: _is_up(m), "a node", 180)  # type: ignore[misc]
    time.sleep(ASKED_AGAIN_AFTER)
    wanted = visitors.done() + 10
    wait_until(lambda: visitors.done() >= wanted, "ten more requests", 180)


def _is_up(machine: Machine) -> bool:
    """Whether the site answers there; listening alone it would also do while it still loads."""
    ask = "GET /health/live HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\n\\r\\n"
    knock = f"exec 3<>/dev/tcp/{machine.address}/{PORT}; printf '{ask}' >&3; grep -q ' 200 ' <&3"
    words = [*machine.prefix, "timeout", "60", "bash", "-c", knock]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@contextmanager
def _setting(prepared: Place, folder: Path) -> Iterator[Setting]:
    with ExitStack() as stack:
        network = stack.enter_context(own_network())
        database_on, copy_on = network.add(21), network.add(22)
        address = network.at(DATABASE)
        database_on.take_over(address)
        database, copy = _databases(stack, database_on, copy_on, address)
        machines = [network.add(11), network.add(12)]
        url = f"postgres://postgres@{address}:{database.port}/postgres"
        nodes = _nodes(network, machines, url, prepared, folder)
        for node in nodes:
            stack.callback(node.stop)
            node.start("web")
            node.start("worker")
        for machine in machines:
            wait_until(lambda m=machine: _is_up(m), "a node", 120)  # type: ignore[misc]
        yield Setting(network, nodes, machines, database, copy, database_on, copy_on, address)


def _databases(
    stack: ExitStack, database_on: Machine, copy_on: Machine, address: str
) -> tuple[Cluster, Cluster]:
    """One that waits for its copy at each commit, and the copy."""
    folders = [stack.enter_context(own_folder()) for _ in range(2)]
    database = Cluster(folders[0], 5432, database_on.prefix, "*")
    copy = Cluster(folders[1], 5432, copy_on.prefix, "*")
    database.make()
    with (database.folder / "data/pg_hba.conf").open("a") as rules:
        rules.write(TRUSTED)
    database.start()
    stack.callback(_stop, database)
    copy.follow(address, database.port)
    copy.start()
    stack.callback(_stop, copy)
    with (database.folder / "data/postgresql.auto.conf").open("a") as settings:
        settings.write("synchronous_standby_names = 'copy'\n")
    database.reload()
    return database, copy


def _stop(cluster: Cluster) -> None:
    if (cluster.folder / "data/postmaster.pid").exists():
        cluster.stop()


def _nodes(
    network: Network, machines: list[Machine], url: str, prepared: Place, folder: Path
) -> list[Site]:
    """The same keys and settings on each; the rest is their own."""
    environ = {**prepared.environ, "CLINIC_TRUSTED_PROXIES": network.here}
    places = [Place(folder / f"node{n}/var", url, environ) for n in (1, 2)]
    for place in places:
        place.var.parent.mkdir()
        prepared.copy_to(place.var)
    places[0].must("prepare", "--quiet")
    return [
        Site(place, PORT, machine.address, machine.prefix, [other])
        for place, machine, other in zip(places, machines, reversed(places), strict=True)
    ]


@contextmanager
def _front(setting: Setting, folder: Path, prepared: Place) -> Iterator[Nginx]:
    (folder / "nginx").mkdir()
    addresses = [f"{machine.address}:{PORT}" for machine in setting.machines]
    with nginx(
        folder / "nginx",
        public=addresses,
        staff=addresses[0],
        static=prepared.static,
        **LIMITS,
    ) as front:
        yield front
