"""Sites in places of their own, run as real processes."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]

# Writes submissions one by one and says so after each commit, until it is killed.
WRITER = """
import sys, uuid
import django
django.setup()
from django.utils import timezone
from intake import spool
from intake.models import Submission
prefix, limit = sys.argv[1], int(sys.argv[2])
for number in range(limit):
    key = uuid.uuid4()
    spool.insert(Submission(
        submission_key=key, content_mac=key.hex * 2, reference=f"{prefix}{number:07}",
        received_at=timezone.now(), envelope=b"sealed" * 400, node=prefix,
    ))
    print(f"{prefix}{number:07}", flush=True)
"""


@dataclass
class Place:
    """A VAR_DIR and a database of its own."""

    var: Path
    database_url: str = ""
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def backups(self) -> Path:
        return self.var / "backups"

    @property
    def static(self) -> Path:
        return Path(self.environ.get("CLINIC_STATIC_DIR") or self.var / "static")

    def environment(self, **changes: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CLINIC_", "DATABASE_"))}
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        kept.pop("PROMETHEUS_MULTIPROC_DIR", None)
        return {
            **kept,
            "VAR_DIR": str(self.var),
            "DATABASE_URL": self.database_url,
            "DJANGO_SETTINGS_MODULE": "clinic_site.settings",
            **self.environ,
            **changes,
        }

    def manage(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment(**environ),
            capture_output=True,
            text=True,
            check=False,
        )

    def must(self, *words: str, **environ: str) -> str:
        done = self.manage(*words, **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start_writer(self, prefix: str, *, limit: int = 1_000_000) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", WRITER, prefix, str(limit)],
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )

    def write(self, prefix: str, count: int) -> list[str]:
        """Rows that are there when this returns."""
        with self.start_writer(prefix, limit=count) as writer:
            assert writer.stdout is not None
            written = writer.stdout.read().split()
        assert len(written) == count
        return written

    def python(self, code: str, **environ: str) -> str:
        """What ``code`` prints in a process of this site with Django set up."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"],
            cwd=ROOT,
            env=self.environment(**environ),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def references(self) -> set[str]:
        code = (
            "from intake.models import Submission as S;"
            "print(*S.objects.values_list('reference', flat=True))"
        )
        return set(self.python(code).split())

    def create_key(self, folder: Path) -> Path:
        self.must("backup", "--create-key", str(folder))
        return next(folder.glob("backup-*.key"))

    def back_up(self) -> Path:
        self.must("backup")
        return max(self.backups.glob("*.backup"))

    def copy_to(self, var: Path, **environ: str) -> Place:
        """The same site, on SQLite, once more; the static files are shared."""
        shutil.copytree(self.var, var, ignore=shutil.ignore_patterns("static"))
        return Place(var, environ={**self.environ, **environ})


def made_once(shared: Path, name: str, make: Callable[[Place], object], **environ: str) -> Place:
    """The place ``name`` below ``shared``, to be copied; ``make`` fills it.

    Whichever process of a test run comes first makes it; the others wait for it.
    """
    place = Place(shared / name / "var", environ=environ)
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = shared / name / "done"
        if not done.exists():
            make(place)
            done.touch()
    return place


def files_below(folder: Path) -> dict[str, bytes]:
    """All files of a folder with their content, but for the local signing key and counters."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "secret_key" and "metrics" not in path.parts
    }


@contextmanager
def own_database(server: str, options: str = "") -> Iterator[str]:
    """A new PostgreSQL database beside the one in ``server``, dropped afterwards.

    ``options`` are those of ``CREATE DATABASE``.
    """
    name = f"clinic_operations_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" {options}')
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def postgres_server() -> str:
    return os.environ["TEST_DATABASE_URL"]
