"""``manage.py backup``: everything needed is in the file, and nothing that must not be."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import asdict
from pathlib import Path

import pytest
from django.test import override_settings

from clinic_site.backup import archive, database, keys, make
from clinic_site.backup.sealed import SealedReader, SealedWriter
from tests.operations.place import Place

MADE_AT = "2026-01-01T00:00:00+00:00"


def names_in(path: Path, key: Path) -> set[str]:
    with path.open("rb") as source:
        return {entry.name for entry in archive.verify(source, keys.read_private(key)).entries}


def plain_content(path: Path, key: Path) -> bytes:
    with path.open("rb") as source:
        return SealedReader(source, keys.read_private(key)).read()


def test_a_backup_holds_the_database_the_spool_the_release_and_public_keys(
    site: Place, key: Path
) -> None:
    path = site.back_up()

    assert names_in(path, key) == {
        "database.sqlite3",
        "spool/waiting.json",
        "last_release.json",
        "keys/intake.pub",
        "keys/backup.pub",
    }


def test_media_files_are_in_it_when_the_site_has_any(
    site: Place, key: Path, tmp_path: Path
) -> None:
    media = tmp_path / "media"
    (media / "a").mkdir(parents=True)
    (media / "a" / "photo.avif").write_bytes(b"photo")
    module = tmp_path / "with_media.py"
    module.write_text(f"from clinic_site.settings import *\nMEDIA_ROOT = {str(media)!r}\n")
    site.environ = {"DJANGO_SETTINGS_MODULE": "with_media", "PYTHONPATH": str(tmp_path)}

    path = site.back_up()

    assert "media/a/photo.avif" in names_in(path, key)


def test_no_private_key_is_ever_in_it(site: Place, key: Path) -> None:
    private = [p.read_text().strip() for p in (site.var / "keys").glob("*.key")]
    assert len(private) >= 2  # the intake's, and the one of its indexes

    content = plain_content(site.back_up(), key)

    for secret in [*private, (site.var / "secret_key").read_text(), key.read_text().strip()]:
        assert secret.encode() not in content
        if len(secret) == 64:
            assert bytes.fromhex(secret) not in content


def test_a_backup_can_be_read_by_its_owner_only_and_leaves_nothing_behind(site: Place) -> None:
    path = site.back_up()

    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in site.backups.iterdir()] == [path.name]


def test_without_a_key_no_backup_is_made_and_the_way_to_one_is_named(site: Place) -> None:
    (site.var / "keys" / "backup.pub").unlink()

    done = site.manage("backup")

    assert done.returncode == 1
    assert "manage.py backup --create-key" in done.stderr
    assert not site.backups.exists()


def test_a_second_key_is_not_made_by_accident(site: Place, tmp_path: Path) -> None:
    before = (site.var / "keys" / "backup.pub").read_text()

    done = site.manage("backup", "--create-key", str(tmp_path / "other"))

    assert done.returncode == 1
    assert (site.var / "keys" / "backup.pub").read_text() == before


@pytest.mark.parametrize("broken", ["the site's folder", "the stick"])
def test_where_half_a_pair_cannot_be_written_there_is_none(
    elsewhere: Place, tmp_path: Path, broken: str
) -> None:
    keys_dir, stick = elsewhere.var / "keys", tmp_path / "stick"
    elsewhere.var.mkdir(parents=True)
    (keys_dir if broken == "the site's folder" else stick).write_text("a file, not a folder")

    done = elsewhere.manage("backup", "--create-key", str(stick))

    assert done.returncode == 1
    assert "No key was made" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.rglob("backup*")) == []


def test_a_key_that_cannot_be_written_whole_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keys.os, "fsync", refuse)

    with override_settings(KEYS_DIR=tmp_path / "keys"), pytest.raises(OSError, match="No space"):
        keys.create_pair(tmp_path / "stick")

    assert list(tmp_path.rglob("backup*")) == []


def test_the_private_key_goes_where_it_was_told_and_its_place_is_printed(
    elsewhere: Place, tmp_path: Path
) -> None:
    said = elsewhere.must("backup", "--create-key", str(tmp_path / "stick"))

    path = next((tmp_path / "stick").glob("backup-*.key"))
    assert str(path) in said
    assert path.stat().st_mode & 0o777 == 0o600
    assert not list((elsewhere.var / "keys").glob("*.key"))


def test_only_the_newest_are_kept_when_asked(site: Place) -> None:
    for _ in range(3):
        last = site.back_up()

    site.must("backup", "--keep", "2")

    kept = sorted(site.backups.glob("*.backup"))
    assert len(kept) == 2
    assert kept[0] == last


def test_the_public_role_is_refused(site: Place) -> None:
    done = site.manage("backup", CLINIC_ROLE="public")

    assert done.returncode == 1
    assert "staff side" in done.stderr


@pytest.mark.django_db
def test_what_moves_from_the_spool_into_the_database_meanwhile_is_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = override_settings(VAR_DIR=tmp_path, KEYS_DIR=tmp_path / "keys")
    with here:
        private = keys.read_private(keys.create_pair(tmp_path / "stick"))
    (tmp_path / "spool").mkdir()
    moving = tmp_path / "spool" / "moving.json"
    moving.write_text("{}")

    def drained_first(target: Path) -> None:
        moving.unlink()
        target.write_bytes(b"a database that has it")

    monkeypatch.setattr(database, "copy_out", drained_first)

    with here:
        path = make.make_backup(tmp_path / "backups")

    with path.open("rb") as source:
        assert "spool/moving.json" in {e.name for e in archive.verify(source, private).entries}


def test_a_backup_that_holds_more_or_less_than_its_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    entry = archive.entry_for("a", tmp_path / "a")
    wrong = archive.Entry("a", entry.size, "0" * 64)
    private = keys.PrivateKey.generate()
    manifest = archive.Manifest(MADE_AT, "sqlite", (), (wrong,))
    with (tmp_path / "file").open("wb") as target:
        archive.write(target, folder=tmp_path, manifest=manifest, public=private.public_key)

    assert_refused(tmp_path / "file", private, "a ")


def test_a_name_that_leads_outside_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "outside").write_bytes(b"a")
    entry = archive.entry_for("../outside", folder / "../outside")
    private = keys.PrivateKey.generate()
    manifest = archive.Manifest(MADE_AT, "sqlite", (), (entry,))
    with (tmp_path / "file").open("wb") as target:
        archive.write(target, folder=folder, manifest=manifest, public=private.public_key)

    assert_refused(tmp_path / "file", private, "outside")


def test_the_inside_is_an_ordinary_archive_that_other_tools_can_read(
    site: Place, key: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.tar"
    plain.write_bytes(plain_content(site.back_up(), key))

    with tarfile.open(plain) as tar:
        assert tar.getnames()[0] == "manifest.json"


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["a", "manifest.json"], "does not begin with its manifest"),
        (["manifest.json"], "lacks a"),
        (["manifest.json", "b"], "lacks a"),
        (["manifest.json", "a", "b"], "more than its manifest names"),
    ],
)
def test_an_archive_in_another_shape_is_refused(
    tmp_path: Path, names: list[str], says: str
) -> None:
    private = keys.PrivateKey.generate()
    (tmp_path / "a").write_bytes(b"a")
    entry = archive.entry_for("a", tmp_path / "a")
    content = dict.fromkeys(names, b"a")
    manifest = archive.Manifest(MADE_AT, "sqlite", (), (entry,))
    content["manifest.json"] = json.dumps(asdict(manifest)).encode()
    sealed_archive(tmp_path / "file", private, [(name, content[name]) for name in names])

    assert_refused(tmp_path / "file", private, says)


def test_an_archive_of_a_later_version_is_refused(tmp_path: Path) -> None:
    private = keys.PrivateKey.generate()
    later = archive.Manifest(MADE_AT, "sqlite", (), (), format=archive.FORMAT + 1)
    with (tmp_path / "file").open("wb") as target:
        archive.write(target, folder=tmp_path, manifest=later, public=private.public_key)

    assert_refused(tmp_path / "file", private, "newer version")


def test_what_is_sealed_and_no_archive_is_refused(tmp_path: Path) -> None:
    private = keys.PrivateKey.generate()
    with (tmp_path / "file").open("wb") as target:
        writer = SealedWriter(target, private.public_key)
        writer.write(b"no archive " * 100)
        writer.finish()

    assert_refused(tmp_path / "file", private, "cannot be unpacked")


def assert_refused(path: Path, private: keys.PrivateKey, says: str) -> None:
    with path.open("rb") as source, pytest.raises(archive.BackupDamaged, match=says):
        archive.verify(source, private)


def sealed_archive(path: Path, private: keys.PrivateKey, files: list[tuple[str, bytes]]) -> None:
    with path.open("wb") as target:
        writer = SealedWriter(target, private.public_key)
        with tarfile.open(fileobj=writer, mode="w|") as tar:
            for name, content in files:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        writer.finish()
