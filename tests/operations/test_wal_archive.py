"""Continuous copies of PostgreSQL: our archive settings, a machine that dies, and the way back."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.operations.place import ROOT
from tests.operations.servers import free_port, wait_until

pytestmark = pytest.mark.postgres

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/nowhere"))


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that PostgreSQL's own user may use: it refuses to run as root."""
    path = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(path, user.pw_uid, user.pw_gid)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def run(*command: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *words]
    return subprocess.run(words, check=check, capture_output=True, text=True, cwd="/")


def start(cluster: Path, port: int) -> None:
    run(
        PROGRAMS / "pg_ctl", "start", "--wait", f"--pgdata={cluster}", f"--log={cluster}.log",
        "-o", f"-p {port} -k {cluster.parent} -c listen_addresses=127.0.0.1",
    )  # fmt: skip


def stop(cluster: Path, mode: str) -> None:
    run(PROGRAMS / "pg_ctl", "stop", f"--pgdata={cluster}", f"--mode={mode}", check=False)


def query(port: int, text: str) -> list[tuple[object, ...]]:
    with psycopg.connect(f"postgres://postgres@127.0.0.1:{port}/postgres", autocommit=True) as c:
        cursor = c.execute(text)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def settings(folder: Path) -> str:
    """``deploy/postgresql-archive.conf`` with its two places replaced."""
    text = (ROOT / "deploy/postgresql-archive.conf").read_text()
    script = folder / "archive-wal.sh"
    shutil.copyfile(ROOT / "deploy/archive-wal.sh", script)
    script.chmod(0o755)
    for old, new in {
        "/opt/clinic/deploy/archive-wal.sh": str(script),
        "/var/backups/clinic-wal": str(folder / "wal"),
    }.items():
        assert old in text
        text = text.replace(old, new)
    return text


def test_everything_committed_before_the_last_archived_piece_comes_back(folder: Path) -> None:
    cluster, other, port = folder / "cluster", folder / "other", free_port()
    run(PROGRAMS / "initdb", f"--pgdata={cluster}", "--username=postgres", "--auth=trust")
    run("mkdir", folder / "wal")
    with (cluster / "postgresql.conf").open("a") as file:
        file.write(settings(folder))
    start(cluster, port)
    try:
        query(port, "CREATE TABLE kept (n int)")
        run(
            PROGRAMS / "pg_basebackup", "-h", "127.0.0.1", "-p", port, "-U", "postgres",
            f"--pgdata={other}", "--wal-method=none", "--checkpoint=fast", "--no-verify-checksums",
        )  # fmt: skip
        query(port, "INSERT INTO kept SELECT generate_series(1, 1000)")
        last = query(port, "SELECT pg_walfile_name(pg_switch_wal())")[0][0]
        wait_until(lambda: (folder / "wal" / str(last)).exists(), "the archive")
    finally:
        stop(cluster, "immediate")

    run("touch", other / "recovery.signal")
    with (other / "postgresql.conf").open("a") as file:
        file.write(f"\nrestore_command = 'cp {folder}/wal/%f %p'\n")
    start(other, port)
    try:
        wait_until(lambda: query(port, "SELECT pg_is_in_recovery()") == [(False,)], "recovery")
        found = query(port, "SELECT count(*) FROM kept")
    finally:
        stop(other, "immediate")

    assert found == [(1000,)]


def test_a_piece_is_never_overwritten_by_another_one(tmp_path: Path) -> None:
    script = ROOT / "deploy/archive-wal.sh"
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")

    first = subprocess.run([script, tmp_path / "a", tmp_path / "kept"], check=False)
    again = subprocess.run([script, tmp_path / "a", tmp_path / "kept"], check=False)
    other = subprocess.run([script, tmp_path / "b", tmp_path / "kept"], check=False)

    assert (first.returncode, again.returncode) == (0, 0)
    assert other.returncode != 0
    assert (tmp_path / "kept").read_bytes() == b"a"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "kept"]
