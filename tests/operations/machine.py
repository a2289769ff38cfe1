"""A whole machine in a box: systemd as its first process, on a copy of this one, thrown away later.

Its disk is an overlay in memory over our own, its network is empty, its cgroup is its own. None of
the services of the machine underneath are started in it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.operations.place import ROOT
from tests.operations.servers import wait_until

BOOT = r"""
set -e
mount --make-rprivate /
mount -t tmpfs -o size=8g tmpfs "$1" && mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" overlay "$1/root"
cd "$1/root"
rm -rf etc/systemd/system/*.wants
mkdir opt/clinic && mount --bind "$2" opt/clinic && mount --bind "$3" "opt/clinic/$4"
mount -t proc proc proc && mount -t sysfs -o ro sysfs sys && mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run && mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev && mkdir -m 1777 dev/shm && mkdir dev/pts
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx && ln -s /proc/self/fd dev/fd
while read -r name number; do mknod -m 666 "dev/$name" c $number; done <<END
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
END
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=box chroot . /lib/systemd/systemd systemd.unit=multi-user.target
"""
# A cgroup of its own first: the box sees it as the root, and leaves everything else alone.
START = """
echo $$ > "$0/cgroup.procs"
exec unshare --mount --pid --uts --ipc --net --cgroup --fork --kill-child sh -c "$@"
"""


@dataclass(frozen=True)
class Machine:
    first: int  # systemd, as we see it

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """What root's shell says to it, in ``/opt/clinic``."""
        enter = ["nsenter", "--target", str(self.first), "--all", "--root", "--wdns=/opt/clinic"]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return subprocess.run(
            [*enter, "env", "-i", path, "HOME=/root", "bash", "-c", script],
            capture_output=True,
            text=True,
            check=False,
        )

    def must(self, script: str) -> str:
        done = self.run(script)
        if done.returncode:
            told = self.run("journalctl --no-pager -o cat -n 40").stdout
            raise AssertionError(f"{script}\n{done.stdout}\n{done.stderr}\n{told}")
        return done.stdout

    def is_up(self) -> bool:
        return self.run("systemctl is-system-running").stdout.strip() in {"running", "degraded"}


@contextmanager
def own_machine(folder: Path) -> Iterator[Machine]:
    """Started, with the code in ``/opt/clinic`` and what it runs on in ``.venv``."""
    code, box = folder / "code", folder / "box"
    box.mkdir()
    rest = shutil.ignore_patterns(".venv", ".git", "var", "node_modules", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, code, ignore=rest)
    subprocess.run(["/usr/bin/python3", "-m", "venv", "--without-pip", code / ".venv"], check=True)
    packages = next((code / ".venv/lib").iterdir()).relative_to(code) / "site-packages"
    for program in (code / ".venv/bin").iterdir():
        program.chmod(0o755)
    with _own_cgroup() as group:
        words = [str(box), str(code), sysconfig.get_path("purelib"), str(packages)]
        with (folder / "boot.log").open("wb") as log:
            process = subprocess.Popen(
                ["sh", "-c", START, group, BOOT, "boot", *words], stdout=log, stderr=log
            )
        try:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            wait_until(lambda: bool(children.read_text()), "the machine")
            machine = Machine(int(children.read_text().split()[0]))
            wait_until(machine.is_up, "systemd")
            yield machine
        finally:
            process.kill()
            process.wait()


@contextmanager
def _own_cgroup() -> Iterator[Path]:
    mounted = re.findall(r"^\S+ (\S+) cgroup2 ", Path("/proc/mounts").read_text(), re.MULTILINE)
    group = Path(mounted[0]) / f"clinic-box-{os.getpid()}"
    group.mkdir()
    try:
        yield group
    finally:
        deepest_first = sorted((p for p in group.rglob("*") if p.is_dir()), reverse=True)
        for each in [*deepest_first, group]:
            wait_until(lambda each=each: _removed(each), f"the end of {each}")


def _removed(group: Path) -> bool:
    """Gone, or it will be: what runs in it was killed a moment ago."""
    try:
        group.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
