"""What some tests need of the machine, by their marker: the program, its name, how to get it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def _networks() -> Path:
    """``ip``, where this user and this kernel can make a network namespace with it."""
    program, unshare = Path("/usr/sbin/ip"), shutil.which("unshare")
    if unshare and os.geteuid() == 0 and program.exists():
        make = "ip link add b0 type bridge && ip link add v0 type veth peer name v1"
        words = [unshare, "--net", "--mount", "sh", "-c", make]  # gone with the command
        tried = subprocess.run(words, capture_output=True, check=False)
        if tried.returncode == 0 and not _bridges_are_filtered():
            return program
    return Path("/no/network/namespaces")


def _bridges_are_filtered() -> bool:
    """Whether machines on one bridge do not reach each other, as where docker has been started."""
    switch = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
    iptables = shutil.which("iptables")
    if not iptables or not switch.exists() or switch.read_text().strip() != "1":
        return False
    rules = subprocess.run(
        [iptables, "-S", "FORWARD"], capture_output=True, text=True, check=False
    ).stdout
    return "-P FORWARD DROP" in rules


def _machines() -> Path:
    """``systemd``, where this user and this kernel can start a machine in a box with it."""
    systemd, unshare = Path("/lib/systemd/systemd"), shutil.which("unshare")
    python = Path(f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}")
    if unshare and os.geteuid() == 0 and systemd.exists() and python.exists():
        make = """
            mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w /mnt/r /mnt/g
            mount -t overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w overlay /mnt/r
            mknod /mnt/null c 1 3 && mount -t cgroup2 cgroup2 /mnt/g && : < /mnt/null
            grep -q cgroup2 /proc/mounts && touch /mnt/g/cgroup.procs && [ -w /mnt/g/cgroup.procs ]
        """
        words = [unshare, "--mount", "--cgroup", "sh", "-ec", make]  # gone with the command
        tried = subprocess.run(words, capture_output=True, check=False)
        if tried.returncode == 0:
            return systemd
    return Path("/no/machines")


NEEDS = {
    "machines": (_machines(), "machine in a box", "apt-get install systemd, as root"),
    "networks": (
        _networks(),
        "network namespaces",
        "apt-get install iproute2, as root, where docker is not started",
    ),
    "browser": (Path("/usr/bin/chromium"), "chromium", "apt-get install chromium"),
    "nginx": (Path("/usr/sbin/nginx"), "nginx", "apt-get install nginx"),
    "redis": (Path("/usr/bin/redis-server"), "redis-server", "apt-get install redis-server"),
    "systemd": (Path("/usr/bin/systemd-analyze"), "systemd", "apt-get install systemd"),
    "html": (
        Path(sys.prefix) / "html" / "node_modules" / "html-validate",
        "html-validate",
        "make test, with npm's registry in reach",
    ),
}


# Not every machine that tests may make networks or machines: left out there, and said so, even in CI.
MAY_LACK = {"networks", "machines"}


def missing() -> list[str]:
    """One line for each thing this machine lacks, with how to get it."""
    return [_line(marker) for marker in NEEDS if marker not in MAY_LACK and _lacks(marker)]


def forgiven() -> list[str]:
    """The same, for what may be left out anywhere."""
    return [_line(marker) for marker in sorted(MAY_LACK) if _lacks(marker)]


def _lacks(marker: str) -> bool:
    return not NEEDS[marker][0].exists()


def _line(marker: str) -> str:
    _, name, how = NEEDS[marker]
    return f"tests marked {marker} (no {name}; get it with: {how})"
