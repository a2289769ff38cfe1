"""``manage.py doctor``: each thing that can be wrong is found, and what to do is said."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from clinic_site.doctor import duties
from tests.operations.place import ROOT, Place
from tests.operations.servers import free_port, make_certificate, wait_until

PRODUCTION = {
    "CLINIC_PROFILE": "production",
    "CLINIC_HOSTS": "clinic.example.org",
    "CLINIC_URL": "https://clinic.example.org",
    "CLINIC_TIME_ZONE": "America/Denver",
    "CLINIC_SECRET_KEY": "k" * 64,
}


def examine(place: Place, *words: str, **environ: str) -> dict[str, list[dict[str, str]]]:
    """The findings by check."""
    done = place.manage("doctor", "--json", *words, **environ)
    assert done.returncode in {0, 1}, done.stderr
    found: dict[str, list[dict[str, str]]] = {}
    for finding in json.loads(done.stdout):
        found.setdefault(finding["check"], []).append(finding)
    fails = any(f["level"] == "fail" for group in found.values() for f in group)
    assert done.returncode == int(fails)
    return found


def run_code(place: Place, code: str) -> None:
    subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {code}"],
        cwd=ROOT,
        env=place.environment(),
        check=True,
    )


@pytest.fixture
def healthy(backed_up: Place, tmp_path: Path) -> Place:
    """A site with nothing to complain about: worker seen, backup made, spool empty."""
    site = backed_up.copy_to(tmp_path / "site")
    (site.var / "spool" / "waiting.json").unlink()
    with closing(sqlite3.connect(site.var / "clinic.sqlite3")) as database, database:
        seen = ("w", datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"))
        database.execute("INSERT INTO intake_heartbeat (worker, at) VALUES (?, ?)", seen)
    return site


def test_a_healthy_site_passes_with_one_line_each(healthy: Place) -> None:
    done = healthy.manage("doctor")

    assert done.returncode == 0, done.stdout
    assert "fail" not in done.stdout
    for check in ("database", "migrations", "intake keys", "clock", "disk", "permissions"):
        assert f"ok   {check}: " in done.stdout


def test_the_local_profile_is_remarked_on(healthy: Place) -> None:
    assert examine(healthy)["settings"][0]["level"] == "warn"


def test_a_silent_worker_is_found(healthy: Place) -> None:
    run_code(
        healthy,
        "from datetime import timedelta; from django.utils import timezone;"
        "from intake.models import Heartbeat;"
        "Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=3))",
    )

    finding = examine(healthy)["worker"][0]

    assert finding["level"] == "fail"
    assert "run_worker" in finding["do"]


def test_a_worker_that_never_ran_is_found(site: Place) -> None:
    assert examine(site)["worker"][0]["what"] == "none has ever run"


def test_missing_migrations_are_found(healthy: Place) -> None:
    run_code(
        healthy,
        "from django.db import connection;"
        "connection.cursor().execute(\"delete from django_migrations where app = 'intake'\")",
    )

    finding = examine(healthy)["migrations"][0]

    assert finding["level"] == "fail"
    assert "intake.0001_initial" in finding["what"]


def test_keys_that_do_not_match_are_found(healthy: Place) -> None:
    (healthy.var / "keys" / "intake.pub").write_text("11" * 32)

    assert examine(healthy)["intake keys"][0]["level"] == "fail"


@pytest.mark.parametrize("name", ["", "keys", "secret_key", "spool", "clinic.sqlite3"])
def test_what_is_open_to_others_is_found(healthy: Place, name: str) -> None:
    path = healthy.var / name
    path.chmod(path.stat().st_mode | 0o004)
    healthy.var.chmod(healthy.var.stat().st_mode | 0o001)

    found = examine(healthy)["permissions"]

    assert f"chmod o= {path.resolve()}" in {f["do"] for f in found if f["level"] == "fail"}


def test_an_old_backup_is_found_and_none_at_all_as_well(healthy: Place) -> None:
    backup = next(healthy.backups.glob("*.backup"))
    two_days_ago = time.time() - 2 * 86400
    os.utime(backup, (two_days_ago, two_days_ago))
    old = examine(healthy)["backup"][0]
    backup.unlink()
    none = examine(healthy)["backup"][0]

    assert "the newest is from" in old["what"]
    assert old["level"] == none["level"] == "warn"  # a failure in production: below
    assert "none in" in none["what"]


def test_a_private_backup_key_left_on_the_machine_is_found(healthy: Place) -> None:
    (healthy.var / "keys" / "backup-0123.key").write_text("00")
    (healthy.var / "keys" / "backup-0123.key").chmod(0o600)

    assert any("off this machine" in f["do"] for f in examine(healthy)["backup"])


def test_a_spool_that_does_not_empty_is_found(site: Place) -> None:
    path = site.var / "spool" / "waiting.json"
    os.utime(path, (time.time() - 600, time.time() - 600))

    assert examine(site)["spool"][0]["level"] == "fail"


def test_a_submission_from_the_future_betrays_a_wrong_clock(healthy: Place) -> None:
    run_code(
        healthy,
        "from datetime import timedelta; from uuid import uuid4; from django.utils import timezone;"
        "from intake.models import Submission;"
        "Submission.objects.create(submission_key=uuid4(), reference='Z' * 10, envelope=b'sealed',"
        " received_at=timezone.now() + timedelta(hours=1))",
    )

    assert examine(healthy)["clock"][0]["level"] == "fail"


def test_an_interrupted_restore_is_found(healthy: Place) -> None:
    (healthy.var / ".restoring").mkdir()

    assert examine(healthy)["restore"][0]["level"] == "fail"


def test_a_database_that_is_away_is_one_finding_and_not_the_end(site: Place) -> None:
    site.database_url = "postgres://nobody@127.0.0.1:1/nothing"

    found = examine(site)

    assert found["database"][0]["level"] == "fail"
    assert "spool meanwhile" in found["database"][0]["do"]
    assert found["disk"][0]["level"] in {"ok", "warn"}


def test_production_with_what_is_only_good_locally_fails(healthy: Place) -> None:
    next(healthy.backups.glob("*.backup")).unlink()

    found = examine(healthy, **PRODUCTION)

    said = " ".join(f["what"] for f in found["settings"] if f["level"] == "fail")
    assert "CLINIC_EMAIL_URL is not set" in said
    assert found["backup"][0]["level"] == "fail"
    assert found["proxy"][0]["level"] == "warn"
    assert found["tls"][0]["level"] == "fail"


def test_a_public_node_is_not_asked_about_tables_it_may_not_read(site: Place) -> None:
    for path in (site.var / "keys").glob("*.key"):
        path.unlink()

    found = examine(site, CLINIC_ROLE="public")

    assert not {"worker", "backup", "migrations"} & set(found)
    assert found["intake keys"][0]["level"] == "ok"


def test_a_public_node_that_cannot_reach_the_database_is_told_so(site: Place) -> None:
    (site.var / "clinic.sqlite3").unlink()
    (site.var / "clinic.sqlite3").mkdir()

    found = examine(site, CLINIC_ROLE="public")

    assert found["database"][0]["level"] == "fail"


def test_a_node_without_static_files_is_told_so(healthy: Place, tmp_path: Path) -> None:
    static = {"CLINIC_STATIC_DIR": str(tmp_path)}
    missing = examine(healthy, **PRODUCTION, **static)
    (tmp_path / "staticfiles.json").write_text('{"version": "1.1", "paths": {}, "hash": ""}')

    assert missing["static"][0]["level"] == "fail"
    assert "static" not in examine(healthy, **PRODUCTION, **static)


def test_mail_is_really_sent_and_says_nothing_of_anybody(healthy: Place) -> None:
    class Keep(Message):
        def handle_message(self, message: object) -> None:
            received.append(str(message))

    received: list[str] = []
    server = Controller(Keep(), hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        found = examine(
            healthy,
            "--mail",
            CLINIC_EMAIL_URL=f"smtp://127.0.0.1:{server.port}",
            CLINIC_NOTIFY_EMAILS="desk@example.org",
        )
    finally:
        server.stop()

    assert found["mail"][-1]["level"] == "ok"
    assert "The clinic site can send mail" in received[0]


def test_a_mail_server_that_is_away_is_found(healthy: Place) -> None:
    found = examine(healthy, "--mail", CLINIC_EMAIL_URL=f"smtp://127.0.0.1:{free_port()}")

    assert found["mail"][-1]["level"] == "fail"


@contextmanager
def tls_server(folder: Path, *, days: int) -> Iterator[int]:
    port = free_port()
    path = make_certificate(folder, "localhost", days=days)
    process = subprocess.Popen(
        [
            *("openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet", "-naccept", "5"),
            *("-cert", str(path), "-key", str(path)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: _listens(port), "openssl")
        yield port
    finally:
        process.kill()
        process.communicate()


def _listens(port: int) -> bool:
    with Path("/proc/net/tcp").open() as lines:
        return any(f":{port:04X} 00000000:0000 0A" in line for line in lines)


@pytest.mark.parametrize(("days", "level"), [(60, "ok"), (5, "warn")])
def test_a_certificate_is_checked_as_a_browser_would(
    healthy: Place, tmp_path: Path, days: int, level: str
) -> None:
    with tls_server(tmp_path, days=days) as port:
        url = {**PRODUCTION, "CLINIC_URL": f"https://localhost:{port}"}
        trusted = examine(healthy, **url, SSL_CERT_FILE=str(tmp_path / "public.pem"))
        unknown = examine(healthy, **url)

    assert trusted["tls"][0]["level"] == level
    assert unknown["tls"][0]["level"] == "fail"


def test_a_database_file_that_is_damaged_is_found(healthy: Place) -> None:
    path = healthy.var / "clinic.sqlite3"
    run_code(
        healthy,
        "from django.db import connection; connection.ensure_connection();"
        "connection.connection.execute('PRAGMA writable_schema = ON');"
        "connection.connection.execute("
        "\"UPDATE sqlite_master SET rootpage = 2 WHERE name = 'auth_group'\")",
    )

    finding = examine(healthy)["database"][0]

    assert path.exists()
    assert finding["level"] == "fail"
    assert "damaged" in finding["what"] or "does not answer" in finding["what"]


def test_a_damaged_form_in_the_spool_is_found(healthy: Place) -> None:
    (healthy.var / "spool" / "0.damaged").write_text("half a f")

    (finding,) = examine(healthy)["spool"]

    assert finding["level"] == "fail"
    assert "Keep them" in finding["do"]


def test_a_key_that_others_can_read_is_found(healthy: Place) -> None:
    key = next((healthy.var / "keys").glob("intake-*.key"))
    key.chmod(0o644)

    found = examine(healthy)["permissions"]

    assert f"chmod 600 {key.resolve()}" in {f["do"] for f in found if f["level"] == "fail"}


def test_a_request_that_lost_its_form_is_found(healthy: Place) -> None:
    run_code(
        healthy,
        "from uuid import uuid4; from datetime import timedelta; from django.utils import timezone;"
        "from intake.models import CallbackRequest; now = timezone.now();"
        "CallbackRequest.objects.create(submission_key=uuid4(), reference='Z' * 10,"
        " received_at=now, attempt_due_at=now + timedelta(1), contact_due_at=now + timedelta(2))",
    )

    (finding,) = examine(healthy)["orphans"]

    assert finding["level"] == "fail"
    assert "ZZZZZ" in finding["what"]


@pytest.mark.parametrize(
    ("number", "levels"), [("+18669514325", ["ok"]), ("+13035550142", ["fail"]), (None, [])]
)
def test_another_number_on_pages_of_errors_is_found(
    monkeypatch: pytest.MonkeyPatch, number: str | None, levels: list[str]
) -> None:
    profile = SimpleNamespace(phone_e164=number) if number else None
    monkeypatch.setattr(duties, "live_site", lambda: SimpleNamespace(profile=profile))

    assert [finding.level for finding in duties.check_telephone()] == levels
