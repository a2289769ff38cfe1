"""The drill: requests come in, a backup is made, the machine dies, another one takes over."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.operations.place import Place, own_database, postgres_server


class Writer:
    """A process that sends in submissions, and what it was promised so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.acknowledged: list[str] = []
        self.busy = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.acknowledged.append(line.strip())
            if len(self.acknowledged) >= 50:
                self.busy.set()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self._reader.join()
        self.process.communicate()


@contextmanager
def writers(place: Place, count: int = 3) -> Iterator[list[Writer]]:
    running = [Writer(place.start_writer(chr(ord("A") + n))) for n in range(count)]
    try:
        yield running
    finally:
        for writer in running:
            writer.kill()


def drill(here: Place, there: Place, stick: Path) -> None:
    """``here`` has its tables, ``there`` is empty."""
    key = here.create_key(stick)

    with writers(here) as running:
        for writer in running:
            assert writer.busy.wait(60)
        promised = {reference for writer in running for reference in writer.acknowledged}
        path = here.back_up()
        written_meanwhile = {r for writer in running for r in writer.acknowledged} - promised
    there.must("restore", str(path), "--key", str(key))

    found = there.references()
    assert promised <= found
    assert written_meanwhile, "nobody wrote during the backup, so this showed nothing"
    assert len(promised) >= 150


def test_on_sqlite_every_request_promised_before_the_backup_is_there(
    migrated: Place, tmp_path: Path
) -> None:
    here = migrated.copy_to(tmp_path / "here")
    drill(here, Place(tmp_path / "there"), tmp_path / "stick")


@pytest.mark.postgres
def test_on_postgresql_every_request_promised_before_the_backup_is_there(tmp_path: Path) -> None:
    with own_database(postgres_server()) as one, own_database(postgres_server()) as other:
        here = Place(tmp_path / "here", one)
        here.must("migrate", "--verbosity=0")
        drill(here, Place(tmp_path / "there", other), tmp_path / "stick")


@pytest.mark.postgres
def test_a_postgresql_backup_does_not_go_into_a_database_in_use_nor_into_sqlite(
    tmp_path: Path,
) -> None:
    with own_database(postgres_server()) as url:
        here = Place(tmp_path / "here", url)
        here.must("migrate", "--verbosity=0")
        key = here.create_key(tmp_path / "stick")
        path = here.back_up()

        in_use = Place(tmp_path / "there", url).manage("restore", str(path), "--key", str(key))
        sqlite = Place(tmp_path / "other").manage("restore", str(path), "--key", str(key))

    assert in_use.returncode == sqlite.returncode == 1
    assert "tables already" in in_use.stderr
    assert "restore it to the engine it came from" in sqlite.stderr
