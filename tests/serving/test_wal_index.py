"""What SQLite's shared memory shows of other processes' commits, with real processes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pages import wal_index


@pytest.fixture
def database(tmp_path: Path) -> Path:
    place = tmp_path / "some.sqlite3"
    with closing(sqlite3.connect(place)) as mine:
        mine.execute("PRAGMA journal_mode = WAL")
        mine.execute("CREATE TABLE note (words TEXT)")
    return place


@pytest.fixture
def reader(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(database, isolation_level=None)) as mine:
        mine.execute("SELECT count(*) FROM note").fetchone()
        yield mine


class Other:
    """Another process with a connection of its own; it does one statement for each line."""

    PROGRAM = """if True:
        import sqlite3, sys
        mine = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)
        for line in sys.stdin:
            try:
                mine.execute(line).fetchall()
                print("done", flush=True)
            except sqlite3.Error as error:
                print(error, flush=True)
    """

    def __init__(self, database: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", self.PROGRAM, str(database)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def does(self, sql: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        print(sql, file=self._process.stdin, flush=True)
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        self._process.communicate()


@pytest.fixture
def other(database: Path) -> Iterator[Other]:
    process = Other(database)
    yield process
    process.end()


@pytest.mark.usefixtures("reader")
def test_each_commit_of_another_process_is_seen_and_nothing_else(
    database: Path, other: Other
) -> None:
    header = wal_index.watch(database)
    assert header is not None
    headers = [header()]
    for number in range(300):
        if number % 40 == 39:  # the log begins again
            assert other.does("PRAGMA wal_checkpoint(TRUNCATE)") == "done"
        assert other.does(f"INSERT INTO note VALUES (hex(randomblob({number * 40})))") == "done"
        headers.append(header())
        assert other.does("SELECT count(*) FROM note") == "done"
        assert header() == headers[-1]

    assert len(set(headers)) == len(headers)


def test_watching_lets_go_of_no_lock(
    database: Path, reader: sqlite3.Connection, other: Other
) -> None:
    reader.execute("BEGIN IMMEDIATE")

    assert wal_index.watch(database) is not None

    assert other.does("BEGIN IMMEDIATE") == "database is locked"
    reader.execute("COMMIT")
    assert other.does("BEGIN IMMEDIATE") == "done"


def test_a_database_in_the_place_of_another_is_watched_instead(
    database: Path, reader: sqlite3.Connection
) -> None:
    before = wal_index.watch(database)
    reader.close()
    for file in database.parent.glob("some.sqlite3*"):
        file.unlink()
    with closing(sqlite3.connect(database, isolation_level=None)) as new:
        new.execute("PRAGMA journal_mode = WAL")
        new.execute("CREATE TABLE note (words TEXT)")

        after = wal_index.watch(database)
        assert before is not None
        assert after is not None
        unchanged, first = before(), after()
        new.execute("INSERT INTO note VALUES ('new')")

        assert after() != first
        assert before() == unchanged


def test_where_there_is_no_log_nothing_is_watched(tmp_path: Path) -> None:
    place = tmp_path / "plain.sqlite3"
    with closing(sqlite3.connect(place)) as mine:
        mine.execute("CREATE TABLE note (words TEXT)")

        assert wal_index.watch(place) is None
