"""An encrypted stream that anybody with the public key can write and only one key can read.

A random key is sealed to the public key (libsodium sealed box); the content follows in chunks
under that key (libsodium secretstream, XChaCha20-Poly1305), so a file of any size needs little
memory. A chunk that was changed, moved, left out or cut off at the end is found out.

Layout: ``KQB1``, eight bytes that name the key, the sealed stream key (80 bytes), the stream's
header (24 bytes), chunks of 64 KiB and 17 bytes, the last one marked as the last.
"""

from __future__ import annotations

import hashlib
import io
from typing import BinaryIO, Final

from nacl import bindings
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

MAGIC: Final = b"KQB1"
ID_BYTES: Final = 8
CHUNK: Final = 64 * 1024
_OVERHEAD: Final = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_SEALED_KEY: Final = 80
_STREAM_HEADER: Final = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_FINAL: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_MESSAGE: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE


class NotABackup(Exception):
    """The file is something else."""


class WrongBackupKey(Exception):
    """The key given is not the one that the backup was sealed to."""


class BackupDamaged(Exception):
    """The bytes are not what was written."""


def key_id(public: PublicKey) -> str:
    """Sixteen hexadecimal digits that name a key pair."""
    return hashlib.sha256(bytes(public)).hexdigest()[: 2 * ID_BYTES]


class SealedWriter(io.RawIOBase):
    """Encrypts what is written to it. Only :meth:`finish` makes the file complete."""

    def __init__(self, target: BinaryIO, public: PublicKey) -> None:
        stream_key = bindings.crypto_secretstream_xchacha20poly1305_keygen()
        self._target = target
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        self._waiting = bytearray()
        header = bindings.crypto_secretstream_xchacha20poly1305_init_push(self._state, stream_key)
        self._bound: bytes | None = MAGIC + bytes.fromhex(key_id(public))
        target.write(self._bound + SealedBox(public).encrypt(stream_key) + header)

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._waiting += data
        while len(self._waiting) > CHUNK:  # the last chunk waits for finish()
            self._push(bytes(self._waiting[:CHUNK]), _MESSAGE)
            del self._waiting[:CHUNK]
        return len(data)

    def finish(self) -> None:
        """Write the last chunk, marked as such."""
        self._push(bytes(self._waiting), _FINAL)
        self._waiting.clear()

    def _push(self, plain: bytes, tag: int) -> None:
        # The first chunk vouches for the file's own header as well.
        bound, self._bound = self._bound, None
        self._target.write(
            bindings.crypto_secretstream_xchacha20poly1305_push(self._state, plain, bound, tag)
        )


class SealedReader(io.RawIOBase):
    """Decrypts a stream from its beginning. Nothing unauthenticated is ever handed out.

    Raises :exc:`NotABackup`, :exc:`WrongBackupKey` or :exc:`BackupDamaged`.
    """

    def __init__(self, source: BinaryIO, private: PrivateKey) -> None:
        head = source.read(len(MAGIC) + ID_BYTES)
        if not head.startswith(MAGIC) or len(head) != len(MAGIC) + ID_BYTES:
            raise NotABackup("this file is not a backup of this site")
        if head[len(MAGIC) :].hex() != key_id(private.public_key):
            raise WrongBackupKey(
                f"this backup opens with backup-{head[len(MAGIC) :].hex()}.key, not with the key given"
            )
        self._source = source
        self._bound: bytes | None = head
        self._plain = bytearray()
        self._ended = False
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        try:
            stream_key = SealedBox(private).decrypt(source.read(_SEALED_KEY))
            bindings.crypto_secretstream_xchacha20poly1305_init_pull(
                self._state, source.read(_STREAM_HEADER), stream_key
            )
        except (CryptoError, ValueError) as error:
            raise BackupDamaged("the beginning of the backup is damaged") from error

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._ended and (size < 0 or len(self._plain) < size):
            self._pull()
        end = len(self._plain) if size < 0 else size
        data = bytes(self._plain[:end])
        del self._plain[:end]
        return data

    def drain(self) -> None:
        """Read to the end, so that a cut or a tail after the last chunk is found out."""
        while self.read(CHUNK):
            pass

    def _pull(self) -> None:
        bound, self._bound = self._bound, None
        try:
            plain, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(
                self._state, self._source.read(CHUNK + _OVERHEAD), bound
            )
        except (CryptoError, ValueError) as error:
            raise BackupDamaged("the backup is damaged or cut off") from error
        self._plain += plain
        if tag == _FINAL:
            self._ended = True
            if self._source.read(1):
                raise BackupDamaged("something was added after the end of the backup")
