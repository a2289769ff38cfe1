"""Machines in a box: network namespaces on one bridge, which can be cut off from each other."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


def ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"


@dataclass(frozen=True)
class Machine:
    """What runs after ``prefix`` sees only its own network, and others only by its address."""

    name: str
    address: str

    @property
    def prefix(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)

    def cut_off(self) -> None:
        """As when somebody trips over its cable: nothing answers, and nothing says so."""
        ip("link", "set", self.name, "down")

    def join_again(self) -> None:
        ip("link", "set", self.name, "up")

    def take_over(self, address: str) -> None:
        ip("-n", self.name, "address", "add", f"{address}/24", "dev", "eth0")

    def learn_anew(self) -> None:
        """Forget which machine has which address, as a takeover announces on a real network."""
        ip("-n", self.name, "neighbour", "flush", "dev", "eth0")


@dataclass(frozen=True)
class Network:
    bridge: str
    start: str  # of every address

    @property
    def here(self) -> str:
        """The address of this very machine."""
        return f"{self.start}.1"

    def at(self, number: int) -> str:
        return f"{self.start}.{number}"

    def learn_anew(self) -> None:
        ip("neighbour", "flush", "dev", self.bridge)

    def add(self, number: int) -> Machine:
        machine = Machine(f"{self.bridge}-{number}", self.at(number))
        ip("netns", "add", machine.name)
        peer = ("peer", "name", "eth0", "netns", machine.name)
        ip("link", "add", machine.name, "type", "veth", *peer)
        ip("link", "set", machine.name, "master", self.bridge, "up")
        machine.take_over(machine.address)
        for device in ("lo", "eth0"):
            ip("-n", machine.name, "link", "set", device, "up")
        return machine


@contextmanager
def own_network() -> Iterator[Network]:
    """Removed at the end, with every machine on it; stop what runs there first."""
    pid = os.getpid()
    network = Network(f"cl{pid}", f"10.{200 + pid % 50}.{pid // 50 % 250}")
    ip("link", "add", network.bridge, "type", "bridge")
    try:
        ip("address", "add", f"{network.here}/24", "dev", network.bridge)
        ip("link", "set", network.bridge, "up")
        yield network
    finally:
        listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True)
        for line in listed.stdout.splitlines():
            if line.startswith(f"{network.bridge}-"):
                ip("netns", "delete", line.split()[0])
        ip("link", "delete", network.bridge)
