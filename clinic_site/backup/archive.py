"""What a backup holds, in order: a manifest, then each file that the manifest names.

The manifest comes first and carries the size and the SHA-256 of everything after it.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from nacl.public import PrivateKey, PublicKey

from clinic_site.backup.sealed import BackupDamaged, SealedReader, SealedWriter

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
MANIFEST_LIMIT: Final = 16 * 1024 * 1024  # bytes: a hundred thousand files
BLOCK: Final = 1024 * 1024


@dataclass(frozen=True)
class Entry:
    """One file of a backup. ``name`` is relative, with slashes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    made_at: str  # ISO 8601, UTC
    engine: str
    migrations: tuple[str, ...]
    entries: tuple[Entry, ...]
    format: int = FORMAT


def entry_for(name: str, path: Path) -> Entry:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return Entry(name=name, size=path.stat().st_size, sha256=digest.hexdigest())


def write(target: BinaryIO, *, folder: Path, manifest: Manifest, public: PublicKey) -> None:
    """Encrypt the manifest and the files of ``folder`` that it names into ``target``."""
    writer = SealedWriter(target, public)
    with tarfile.open(fileobj=writer, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        text = json.dumps(asdict(manifest), indent=1).encode()
        head = tarfile.TarInfo(MANIFEST)
        head.size = len(text)
        tar.addfile(head, io.BytesIO(text))
        for entry in manifest.entries:
            member = tarfile.TarInfo(entry.name)
            member.size = entry.size
            with (folder / entry.name).open("rb") as file:
                tar.addfile(member, file)
    writer.finish()


def verify(source: BinaryIO, private: PrivateKey) -> Manifest:
    """Read a backup through, writing nothing, and return its manifest.

    Raises :exc:`BackupDamaged` when a byte, a hash, a size or a name is not as it was made.
    """
    reader = SealedReader(source, private)
    try:
        with tarfile.open(fileobj=reader, mode="r|") as tar:
            manifest = _read_manifest(tar)
            for entry, file in _files(tar, manifest):
                _copy(entry, file, None)
    except tarfile.TarError as error:
        raise BackupDamaged(f"the backup cannot be unpacked: {error}") from error
    reader.drain()
    return manifest


def unpack(source: BinaryIO, private: PrivateKey, folder: Path) -> None:
    """Write the files of a backup into ``folder``, checking every hash once more."""
    reader = SealedReader(source, private)
    with tarfile.open(fileobj=reader, mode="r|") as tar:
        manifest = _read_manifest(tar)
        for entry, file in _files(tar, manifest):
            path = folder / entry.name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with path.open("xb") as target:
                path.chmod(0o600)
                _copy(entry, file, target)
    reader.drain()


def _read_manifest(tar: tarfile.TarFile) -> Manifest:
    member = tar.next()
    file = tar.extractfile(member) if member else None
    if member is None or file is None or member.name != MANIFEST or member.size > MANIFEST_LIMIT:
        raise BackupDamaged("the backup does not begin with its manifest")
    fields = json.loads(file.read())
    if fields["format"] != FORMAT:
        raise BackupDamaged(f"this backup has format {fields['format']}; a newer version made it")
    entries = tuple(Entry(**entry) for entry in fields.pop("entries"))
    for entry in entries:
        name = PurePosixPath(entry.name)
        if name.is_absolute() or ".." in name.parts or str(name) != entry.name:
            raise BackupDamaged(f"the backup names a file outside of it: {entry.name!r}")
    return Manifest(
        made_at=fields["made_at"],
        engine=fields["engine"],
        migrations=tuple(fields["migrations"]),
        entries=entries,
    )


def _files(tar: tarfile.TarFile, manifest: Manifest) -> Iterator[tuple[Entry, BinaryIO]]:
    """Each entry with its content; the archive must hold exactly these, in this order."""
    for entry in manifest.entries:
        member = tar.next()
        file = tar.extractfile(member) if member and member.isfile() else None
        if member is None or file is None or member.name != entry.name:
            raise BackupDamaged(f"the backup lacks {entry.name}")
        yield entry, file  # type: ignore[misc]
    if tar.next() is not None:
        raise BackupDamaged("the backup holds more than its manifest names")


def _copy(entry: Entry, file: BinaryIO, target: BinaryIO | None) -> None:
    digest = hashlib.sha256()
    size = 0
    while block := file.read(BLOCK):
        digest.update(block)
        size += len(block)
        if target:
            target.write(block)
    if size != entry.size or digest.hexdigest() != entry.sha256:
        raise BackupDamaged(f"{entry.name} in the backup is not what its manifest says")
