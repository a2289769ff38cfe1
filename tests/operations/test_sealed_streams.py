"""The encrypted stream of a backup: read back whole, or not at all."""

from __future__ import annotations

import io

import pytest
from nacl.public import PrivateKey

from clinic_site.backup.sealed import (
    CHUNK,
    BackupDamaged,
    NotABackup,
    SealedReader,
    SealedWriter,
    WrongBackupKey,
)

KEY = PrivateKey.generate()
HEADER = 4 + 8 + 80 + 24
SEALED_CHUNK = CHUNK + 17


def sealed(content: bytes) -> bytes:
    target = io.BytesIO()
    writer = SealedWriter(target, KEY.public_key)
    writer.write(content)
    writer.finish()
    return target.getvalue()


def opened(data: bytes, key: PrivateKey = KEY) -> bytes:
    return SealedReader(io.BytesIO(data), key).read()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5])
def test_what_was_written_is_read_back(size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)

    assert opened(sealed(content[:size])) == content[:size]


def test_nothing_of_the_content_can_be_seen() -> None:
    assert b"a coordinator" not in sealed(b"a coordinator" * 5000)


def test_the_same_content_never_looks_the_same_twice() -> None:
    assert sealed(b"content")[12:] != sealed(b"content")[12:]


@pytest.mark.parametrize("position", [12, 50, 91, 92, 115, 116, 500, HEADER + CHUNK + 3, -1])
def test_a_changed_byte_is_found_out(position: int) -> None:
    data = bytearray(sealed(b"x" * 2 * CHUNK))
    data[position] ^= 1

    with pytest.raises(BackupDamaged):
        opened(bytes(data))


@pytest.mark.parametrize("length", [HEADER, HEADER + 1, HEADER + SEALED_CHUNK, -1])
def test_a_backup_that_was_cut_off_is_found_out_even_between_two_chunks(length: int) -> None:
    data = sealed(b"x" * 2 * CHUNK)

    with pytest.raises(BackupDamaged):
        opened(data[:length])


@pytest.mark.parametrize("size", [7, CHUNK])
def test_something_added_at_the_end_is_found_out(size: int) -> None:
    with pytest.raises(BackupDamaged):
        opened(sealed(b"x" * size) + b"!")


def test_chunks_that_changed_places_are_found_out() -> None:
    data = sealed(b"x" * CHUNK + b"y" * CHUNK + b"z")
    first, second = (
        data[HEADER : HEADER + SEALED_CHUNK],
        data[HEADER + SEALED_CHUNK : HEADER + 2 * SEALED_CHUNK],
    )
    swapped = data[:HEADER] + second + first + data[HEADER + 2 * SEALED_CHUNK :]

    with pytest.raises(BackupDamaged):
        opened(swapped)


def test_another_key_is_named_as_the_wrong_one() -> None:
    with pytest.raises(WrongBackupKey, match="opens with backup-"):
        opened(sealed(b"content"), PrivateKey.generate())


def test_another_file_is_not_taken_for_a_backup() -> None:
    with pytest.raises(NotABackup):
        opened(b"SQLite format 3\0" * 100)
