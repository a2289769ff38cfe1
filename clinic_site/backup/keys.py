"""The pair of keys of the backups: the site keeps the public half, people keep the other.

``backup.pub`` lies in ``settings.KEYS_DIR``. The private half is written once, to a place the
operator names, and belongs on paper or on a stick in a safe: whoever has it and a backup reads
the whole database (though not what visitors wrote, which has keys of its own).
"""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from nacl.public import PrivateKey, PublicKey

from clinic_site.backup.sealed import key_id

PUBLIC_NAME = "backup.pub"


class BackupKeyMissing(Exception):
    """A key file is absent, unreadable or not a key."""


def public_path() -> Path:
    return Path(settings.KEYS_DIR) / PUBLIC_NAME


def create_pair(folder: Path) -> Path:
    """Make a pair and return the path of its private half, in ``folder``.

    Raises :exc:`FileExistsError` when there is a pair already: backups already made would need
    the older key, and a second one made by accident is how keys get confused. Raises
    :exc:`OSError`, and leaves neither half, where one of them cannot be written.
    """
    if public_path().exists():
        raise FileExistsError(f"{public_path()} exists already")
    private = PrivateKey.generate()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"backup-{key_id(private.public_key)}.key"
    _write_new(path, bytes(private))
    try:
        public_path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(public_path(), bytes(private.public_key))
    except OSError:
        path.unlink()  # or somebody would keep the key of no backup
        raise
    return path


def read_public() -> PublicKey:
    return PublicKey(_read(public_path(), "make one with: manage.py backup --create-key FOLDER"))


def read_private(path: Path) -> PrivateKey:
    return PrivateKey(_read(path, "give the file that --create-key wrote"))


def _read(path: Path, advice: str) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise BackupKeyMissing(f"{path} is not a readable key; {advice}") from error
    if len(key) != PublicKey.SIZE:
        raise BackupKeyMissing(f"{path} is not a key: it has {len(key)} bytes; {advice}")
    return key


def _write_new(path: Path, key: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink()
        raise
