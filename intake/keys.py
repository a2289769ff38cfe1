"""The keys of the intake: one public key seals, private keys open, one key makes the indexes.

Files in ``settings.KEYS_DIR``: ``intake.pub`` (what the internet-facing process has),
``intake-<id>.key`` (one for each generation, mode 0600) and ``index.key``. The id of a pair is
the beginning of the SHA-256 of its public key, so a file under a wrong name shows.
"""

from __future__ import annotations

import functools
import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

from django.conf import settings
from nacl.public import PrivateKey, PublicKey

KEY_BYTES: Final = 32
ID_BYTES: Final = 8


class KeyMissing(Exception):
    """A key file is absent or unreadable."""


class WrongKey(Exception):
    """A key file does not hold the key that its name or the envelope asks for."""


def folder() -> Path:
    place: Path = settings.KEYS_DIR
    return place


def key_id(public: PublicKey) -> str:
    return hashlib.sha256(bytes(public)).hexdigest()[: 2 * ID_BYTES]


def public_key() -> PublicKey:
    """The key that seals. Raises :exc:`KeyMissing` or :exc:`WrongKey`."""
    return PublicKey(_read(folder() / "intake.pub"))


def private_keys() -> dict[str, PrivateKey]:
    """All keys that open, by id. Raises :exc:`KeyMissing` when there is none, :exc:`WrongKey`."""
    found = {}
    for path in sorted(folder().glob("intake-*.key")):
        key = PrivateKey(_read(path))
        if path.name != f"intake-{key_id(key.public_key)}.key":
            raise WrongKey(f"{path.name} holds another key than its name says: was it swapped?")
        found[key_id(key.public_key)] = key
    if not found:
        raise KeyMissing(f"no private key (intake-<id>.key) in {folder()}")
    return found


def index_key() -> bytes:
    """The key of the phone and e-mail indexes. Raises :exc:`KeyMissing` or :exc:`WrongKey`."""
    return _read(folder() / "index.key")


def _read(path: Path) -> bytes:
    try:
        state = path.stat()
    except OSError as error:
        raise KeyMissing(
            f"{path} is missing; make keys with: manage.py intake_keys --create"
        ) from error
    return _parse(path, state.st_mtime_ns, state.st_ino)


@functools.lru_cache(maxsize=64)
def _parse(path: Path, _modified: int, _inode: int) -> bytes:
    """The key in a file, read again only when the file changes."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise KeyMissing(f"{path} cannot be read: {type(error).__name__}") from error
    except ValueError as error:
        raise WrongKey(
            f"{path} is not a key: {2 * KEY_BYTES} hexadecimal digits expected"
        ) from error
    if len(key) != KEY_BYTES:
        raise WrongKey(f"{path} is not a key: it has {len(key)} bytes, not {KEY_BYTES}")
    return key


def create() -> list[str]:
    """Make what is missing and return the names made; an existing file is never changed.

    Raises :exc:`WrongKey` for a public key whose private keys are elsewhere: a new pair beside
    it would seal new requests to a key that nobody meant to use.
    """
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    made = []
    has_public = (folder() / "intake.pub").exists()
    has_private = any(folder().glob("intake-*.key"))
    if has_private and not has_public:
        raise KeyMissing("intake.pub is missing beside private keys; restore it from the backup")
    if has_public and not has_private:
        raise KeyMissing("intake.pub is here without its private key; restore it from the backup")
    if not has_public:
        made.append(_make_pair())
        made.append("intake.pub")
    if _write_once(folder() / "index.key", secrets.token_bytes(KEY_BYTES)):
        made.append("index.key")
    return made


def add_pair() -> str:
    """A new pair, from now on the one that seals. Older private keys stay, and still open."""
    return _make_pair()


def _make_pair() -> str:
    """Write the private key first: a crash between the two must not seal to a lost key."""
    key = PrivateKey.generate()
    name = f"intake-{key_id(key.public_key)}.key"
    _write_once(folder() / name, bytes(key))
    temporary = folder() / f".intake.pub.{os.getpid()}"
    temporary.unlink(missing_ok=True)
    _write_once(temporary, bytes(key.public_key))
    temporary.replace(folder() / "intake.pub")
    handle = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return name


def _write_once(path: Path, key: bytes) -> bool:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def problems() -> list[str]:
    """What is wrong with the keys, in sentences; empty when nothing is."""
    found = []
    try:
        current = key_id(public_key())
    except (KeyMissing, WrongKey) as error:
        return [str(error)]
    if settings.ROLE == "public":
        if any(folder().glob("intake-*.key")):
            found.append("A private key lies on a public node; remove it from there.")
        return found
    try:
        if current not in private_keys():
            found.append(f"intake.pub seals to {current}, whose private key is not here.")
    except (KeyMissing, WrongKey) as error:
        found.append(str(error))
    try:
        index_key()
    except (KeyMissing, WrongKey) as error:
        found.append(str(error))
    found += [
        f"{path.name} can be read by others; run: chmod 600 {path}"
        for path in sorted(folder().glob("*.key"))
        if path.stat().st_mode & 0o077
    ]
    return found
