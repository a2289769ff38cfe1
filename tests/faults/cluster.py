"""A PostgreSQL server of one's own, to be stopped while others use the real one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.operations.servers import free_port

_FOLDERS: Final = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
BINARIES: Final = _FOLDERS[-1] if _FOLDERS else None


@dataclass
class Cluster:
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        log = str(self.folder / "log")
        self._control("start", "-w", "-l", log, "-o", f"{options} -c shared_buffers=16MB")

    def stop(self) -> None:
        """At once and without a goodbye, as when the machine's power goes."""
        self._control("stop", "-m", "immediate")

    def freeze(self) -> None:
        """As when its machine is paused: connections stay open, and nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, what: signal.Signals) -> None:
        postmaster = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for process in (postmaster, *children):
            os.kill(int(process), what)

    def _control(self, *words: str) -> None:
        run_as_postgres("pg_ctl", "-D", str(self.folder / "data"), *words)


def run_as_postgres(program: str, *words: str) -> None:
    """PostgreSQL refuses to run as root."""
    assert BINARIES is not None
    as_whom = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run(
        [*as_whom, str(BINARIES / program), *words],
        cwd="/",
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="clinic-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    cluster = Cluster(folder, free_port())
    run_as_postgres(
        "initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "postgres", "--no-sync"
    )
    cluster.start()
    try:
        yield cluster
    finally:
        try:
            cluster.stop()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
