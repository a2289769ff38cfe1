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
    prefix: tuple[str, ...] = ()  # runs a program on another machine
    listens: str = "127.0.0.1"

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses={self.listens}"
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

    def promote(self) -> None:
        """From the copy to the one that is written to."""
        self._control("promote", "-w")

    def reload(self) -> None:
        """Take up what was written into its settings."""
        self._control("reload")

    def make(self) -> None:
        """An empty one."""
        data = ("-D", str(self.folder / "data"))
        run_as_postgres("initdb", *data, "-A", "trust", "-U", "postgres", "--no-sync")

    def follow(self, address: str, port: int) -> None:
        """Become a copy that is kept up to date by the one at ``address``."""
        source = f"host={address} port={port} user=postgres application_name=copy"
        words = ("-D", str(self.folder / "data"), "-d", source, "-R", "-c", "fast", "--no-sync")
        run_as_postgres("pg_basebackup", *words, prefix=self.prefix)

    def _control(self, *words: str) -> None:
        run_as_postgres("pg_ctl", "-D", str(self.folder / "data"), *words, prefix=self.prefix)


def run_as_postgres(program: str, *words: str, prefix: tuple[str, ...] = ()) -> None:
    """PostgreSQL refuses to run as root."""
    assert BINARIES is not None
    as_whom = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run(
        [*prefix, *as_whom, str(BINARIES / program), *words],
        cwd="/",
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    with own_folder() as folder:
        cluster = Cluster(folder, free_port())
        cluster.make()
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder of the database's user, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="clinic-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
