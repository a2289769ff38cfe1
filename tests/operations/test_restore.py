"""``manage.py restore``: into an empty place, every byte checked first, all or nothing."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.operations.place import ROOT, Place, files_below


def test_everything_is_there_afterwards(
    site: Place, backup: Path, key: Path, elsewhere: Place
) -> None:
    before = site.references()
    said = elsewhere.must("restore", str(backup), "--key", str(key))

    assert "Restored 5 files" in said
    assert elsewhere.references() == before
    for name in ("spool/waiting.json", "last_release.json", "keys/intake.pub", "keys/backup.pub"):
        assert (elsewhere.var / name).read_bytes() == (site.var / name).read_bytes()


def test_the_restored_site_migrates_and_takes_requests(
    backup: Path, key: Path, elsewhere: Place
) -> None:
    elsewhere.must("restore", str(backup), "--key", str(key))

    elsewhere.must("migrate", "--verbosity=0")
    written = elsewhere.write("N", 2)

    assert set(written) < elsewhere.references()


def test_an_empty_database_file_made_beforehand_keeps_its_rights(
    backup: Path, key: Path, elsewhere: Place
) -> None:
    elsewhere.var.mkdir()
    (elsewhere.var / "clinic.sqlite3").touch()
    (elsewhere.var / "clinic.sqlite3").chmod(0o660)

    elsewhere.must("restore", str(backup), "--key", str(key))

    assert (elsewhere.var / "clinic.sqlite3").stat().st_mode & 0o777 == 0o660


def test_verify_alone_writes_nothing(backup: Path, key: Path, elsewhere: Place) -> None:
    said = elsewhere.must("restore", str(backup), "--key", str(key), "--verify")

    assert said.startswith("Sound: 5 files, sqlite")
    assert files_below(elsewhere.var) == {}


@pytest.mark.parametrize("fraction", [0.3, 0.6, 0.999])
def test_a_damaged_backup_restores_nothing_at_all(
    backup: Path, key: Path, elsewhere: Place, fraction: float
) -> None:
    data = bytearray(backup.read_bytes())
    data[int(len(data) * fraction)] ^= 1
    backup.write_bytes(data)

    done = elsewhere.manage("restore", str(backup), "--key", str(key))

    assert done.returncode == 1
    assert "Nothing was restored" in done.stderr
    assert files_below(elsewhere.var) == {}


@pytest.mark.parametrize("name", ["spool/other.json", "last_release.json", "clinic.sqlite3"])
def test_a_place_that_is_not_empty_is_left_alone(
    backup: Path, key: Path, elsewhere: Place, migrated: Place, name: str
) -> None:
    (elsewhere.var / name).parent.mkdir(parents=True)
    if name.endswith("sqlite3"):
        shutil.copyfile(migrated.var / name, elsewhere.var / name)
    else:
        (elsewhere.var / name).write_text("here first")
    before = files_below(elsewhere.var)

    done = elsewhere.manage("restore", str(backup), "--key", str(key))

    assert done.returncode == 1
    assert "empty" in done.stderr or "tables already" in done.stderr
    assert files_below(elsewhere.var) == before


def test_another_public_key_is_never_overwritten(backup: Path, key: Path, elsewhere: Place) -> None:
    elsewhere.must("intake_keys", "--create")
    before = files_below(elsewhere.var)

    done = elsewhere.manage("restore", str(backup), "--key", str(key))

    assert done.returncode == 1
    assert "intake.pub is here already" in done.stderr
    assert files_below(elsewhere.var) == before


def test_private_keys_that_were_put_back_beforehand_stay(
    site: Place, backup: Path, key: Path, elsewhere: Place
) -> None:
    (elsewhere.var / "keys").mkdir(parents=True)
    for path in (site.var / "keys").glob("*.key"):
        (elsewhere.var / "keys" / path.name).write_bytes(path.read_bytes())

    elsewhere.must("restore", str(backup), "--key", str(key))

    assert len(list((elsewhere.var / "keys").iterdir())) == len(list((site.var / "keys").iterdir()))


def test_the_wrong_key_is_named(backup: Path, elsewhere: Place, tmp_path: Path) -> None:
    wrong = Place(tmp_path / "wrong").create_key(tmp_path / "another-stick")

    done = elsewhere.manage("restore", str(backup), "--key", str(wrong))

    assert done.returncode == 1
    assert "opens with backup-" in done.stderr


def test_a_backup_of_a_newer_version_is_refused(site: Place, key: Path, elsewhere: Place) -> None:
    code = (
        "import django; django.setup(); from django.db import connection as c;"
        'c.cursor().execute("insert into django_migrations (app, name, applied) values '
        "('intake', '9999_from_the_future', '2030-01-01')\")"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=site.environment(), check=True)

    done = elsewhere.manage("restore", str(site.back_up()), "--key", str(key))

    assert done.returncode == 1
    assert "intake.9999_from_the_future" in done.stderr
    assert files_below(elsewhere.var) == {}


def test_a_restore_that_was_killed_leaves_no_database_and_can_be_run_again(
    site: Place, backup: Path, key: Path, elsewhere: Place
) -> None:
    elsewhere.var.mkdir()
    held = (
        "import time, django; django.setup();"
        "from clinic_site.backup import database; from django.core.management import call_command;"
        "database.copy_in = lambda copy: (print('moved', flush=True), time.sleep(600));"
        f"call_command('restore', {str(backup)!r}, key=__import__('pathlib').Path({str(key)!r}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", held],
        cwd=ROOT,
        env=elsewhere.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "moved\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (elsewhere.var / "clinic.sqlite3").exists()
    assert (elsewhere.var / "last_release.json").exists()

    elsewhere.must("restore", str(backup), "--key", str(key))

    assert elsewhere.references() == site.references()
    assert sorted(p.name for p in elsewhere.var.iterdir() if p.name.startswith(".")) == []


def test_a_restored_site_that_was_killed_before_clearing_up_is_not_undone(
    backup: Path, key: Path, elsewhere: Place
) -> None:
    elsewhere.must("restore", str(backup), "--key", str(key))
    staging = elsewhere.var / ".restoring"
    staging.mkdir()
    (staging / "places.json").write_text(f'["{elsewhere.var}/last_release.json"]')

    done = elsewhere.manage("restore", str(backup), "--key", str(key))

    assert done.returncode == 1
    assert (elsewhere.var / "last_release.json").exists()


def purge_all(place: Place) -> set[str]:
    """Erase every request of a place, as ``erase_person`` does; their references."""
    code = (
        "import django; django.setup(); from django.db import transaction;"
        "from django.utils import timezone; from intake import retention;"
        "from intake.models import CallbackRequest as R, Submission as S;\n"
        "for form in S.objects.all():\n"
        "    now = timezone.now(); late = now + timezone.timedelta(days=1)\n"
        "    one = R.objects.create(submission_key=form.submission_key, reference=form.reference,"
        " received_at=form.received_at, attempt_due_at=late, contact_due_at=late,"
        " time_zone='America/Denver', possible_zones='America/Denver')\n"
        "    one.submissions.add(form)\n"
        "    with transaction.atomic():\n"
        "        retention.delete(one, action='erased')\n"
        "    print(one.reference)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=place.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_what_was_erased_after_the_backup_does_not_come_back(
    site: Place, backup: Path, key: Path, elsewhere: Place
) -> None:
    erased = purge_all(site)
    elsewhere.var.mkdir()
    shutil.copy(site.var / "tombstones.jsonl", elsewhere.var)

    said = elsewhere.must("restore", str(backup), "--key", str(key))

    assert len(erased) == 3
    assert "Deleted again what was deleted since: 3" in said
    assert not elsewhere.references()


def test_the_tombstones_of_a_backup_are_added_to_those_that_lie_there(
    site: Place, key: Path, elsewhere: Place
) -> None:
    purge_all(site)
    in_backup = (site.var / "tombstones.jsonl").read_text().splitlines()
    other = in_backup[0].replace(in_backup[0][9:17], "0" * 8)
    elsewhere.var.mkdir()
    (elsewhere.var / "tombstones.jsonl").write_text(other + "\n")

    elsewhere.must("restore", str(site.back_up()), "--key", str(key))

    lines = (elsewhere.var / "tombstones.jsonl").read_text().splitlines()
    assert lines == [other, *in_backup]


def test_a_backup_of_an_older_version_is_cleaned_once_it_is_up_to_date(
    site: Place, key: Path, elsewhere: Place
) -> None:
    site.must("migrate", "intake", "0001", "--verbosity=0")
    backup = site.back_up()

    said = elsewhere.must("restore", str(backup), "--key", str(key))

    assert "deleted again when the worker starts" in said
