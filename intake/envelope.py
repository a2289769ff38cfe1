"""Sealed envelopes around what visitors wrote and coordinators noted.

A libsodium sealed box (X25519, XSalsa20-Poly1305) over one canonical JSON document. The
document carries its own kind and reference, so an envelope moved to another row is found out,
and it is padded, so that its length tells little. Sealing needs only the public key.

Layout: ``KQ1``, eight bytes that name the key, the sealed box.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from nacl.exceptions import CryptoError
from nacl.public import SealedBox

from intake import audit, keys
from intake.keys import KeyMissing, WrongKey
from intake.models import Note, Submission

__all__ = [
    "BUCKET",
    "EnvelopeMoved",
    "EnvelopeTampered",
    "KeyMissing",
    "Opening",
    "WrongKey",
    "open_for_search",
    "open_note",
    "open_submission",
    "open_together",
    "reseal",
    "seal",
    "seal_note",
    "sealed_to",
]

MAGIC: Final = b"KQ1"
BUCKET: Final = 2048  # bytes: one bucket holds any form with a Latin comment
_HEADER: Final = len(MAGIC) + keys.ID_BYTES
_canonical: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False
).encode

Content = dict[str, Any]


class EnvelopeTampered(Exception):
    """The bytes are not what was sealed."""


class EnvelopeMoved(Exception):
    """The envelope was sealed for another request or another kind of row."""


def seal(document: Content, *, reference: str) -> bytes:
    """Seal what a visitor sent. Raises :exc:`KeyMissing` or :exc:`WrongKey`."""
    return _seal("submission", document, reference)


def seal_note(text: str, *, reference: str) -> bytes:
    """Seal a coordinator's note. Raises :exc:`KeyMissing` or :exc:`WrongKey`."""
    return _seal("note", {"text": text}, reference)


def open_submission(
    submission: Submission, *, actor: AbstractBaseUser | None, purpose: str
) -> Content:
    """What the visitor sent. The one door: the opening is on record before anything is read.

    ``purpose`` says why ("sheet", "admission", "receipt"); ``actor`` is empty for the machine.
    Raises :exc:`KeyMissing`, :exc:`WrongKey`, :exc:`EnvelopeTampered`, :exc:`EnvelopeMoved`.
    """
    _record(actor, submission.reference, {"purpose": purpose, "submission": submission.pk})
    return _open("submission", bytes(submission.envelope), submission.reference)


def open_for_search(
    submissions: Sequence[Submission], *, actor: AbstractBaseUser
) -> Iterator[tuple[Submission, Content]]:
    """What many visitors sent, to look for one name. One event says how many were opened.

    An envelope that does not open is left out: the others must still be searched.
    Raises :exc:`KeyMissing`, :exc:`WrongKey` when none can be opened here.
    """
    keys.private_keys()
    _record(actor, "", {"by": "name", "purpose": "search", "opened": len(submissions)}, "searched")
    for submission in submissions:
        try:
            yield (
                submission,
                _open("submission", bytes(submission.envelope), submission.reference),
            )
        except (WrongKey, EnvelopeTampered, EnvelopeMoved):
            continue


def open_note(note: Note, *, actor: AbstractBaseUser | None, purpose: str) -> str:
    """The text of a note, on the same terms as :func:`open_submission`."""
    reference = note.request.reference
    _record(actor, reference, {"purpose": purpose, "note": note.pk})
    return str(_open("note", bytes(note.envelope), reference)["text"])


@dataclass(frozen=True, slots=True)
class Opening:
    """Envelopes that may be read, because :func:`open_together` put their opening on record."""

    _rows: frozenset[tuple[type, int]]

    def submission(self, row: Submission) -> Content:
        """Raises what :func:`open_submission` raises, and :exc:`KeyError` for another's row."""
        self._check(row)
        return _open("submission", bytes(row.envelope), row.reference)

    def note(self, row: Note) -> str:
        self._check(row)
        return str(_open("note", bytes(row.envelope), row.request.reference)["text"])

    def _check(self, row: Submission | Note) -> None:
        if (type(row), row.pk) not in self._rows:
            raise KeyError(f"the opening of {row} is not on record")


def open_together(
    submissions: Sequence[Submission],
    notes: Sequence[Note],
    *,
    actor: AbstractBaseUser,
    purpose: str,
) -> Opening:
    """All of one sheet through the one door: an event for each request names what is opened.

    As many queries for one envelope as for fifty.
    """
    named: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in submissions:
        named[one.reference]["submissions"].append(str(one.pk))
    for note in notes:
        named[note.request.reference]["notes"].append(str(note.pk))
    details: dict[str, audit.Detail] = {
        reference: {"purpose": purpose, **rows} for reference, rows in named.items()
    }
    with transaction.atomic(durable=True):
        audit.record_each(actor=actor, action="opened", details=details)
    return Opening(frozenset((type(row), row.pk) for row in (*submissions, *notes)))


def _record(
    actor: AbstractBaseUser | None, reference: str, detail: audit.Detail, action: str = "opened"
) -> None:
    # durable: a caller's transaction could roll the event back after the reading.
    with transaction.atomic(durable=True):
        audit.record(actor=actor, action=action, reference=reference, detail=detail)


def reseal(envelope: bytes, *, reference: str) -> bytes:
    """The same document sealed to the current public key, for rotation; nobody gets to read it."""
    kind, document = _unseal(envelope)
    if document["reference"] != reference:
        raise EnvelopeMoved(f"the envelope of {reference} was sealed for another request")
    return _seal(kind, document["content"], reference)


def sealed_to(envelope: bytes) -> str:
    """The id of the key that opens an envelope. Raises :exc:`EnvelopeTampered`."""
    if not envelope.startswith(MAGIC) or len(envelope) < _HEADER:
        raise EnvelopeTampered("these bytes are not an envelope")
    return envelope[len(MAGIC) : _HEADER].hex()


def _seal(kind: str, content: Content, reference: str) -> bytes:
    key = keys.public_key()
    document = {"kind": kind, "reference": reference, "content": content}
    # surrogatepass: half a character from a broken client must not lose a request.
    padded = _canonical(document).encode("utf-8", "surrogatepass")
    padded += b" " * (-len(padded) % BUCKET)
    return MAGIC + bytes.fromhex(keys.key_id(key)) + SealedBox(key).encrypt(padded)


def _open(kind: str, envelope: bytes, reference: str) -> Content:
    found, document = _unseal(envelope)
    if found != kind or document["reference"] != reference:
        raise EnvelopeMoved(f"the envelope of {reference} was sealed for another row")
    content: Content = document["content"]
    return content


def _unseal(envelope: bytes) -> tuple[str, Content]:
    wanted = sealed_to(envelope)
    key = keys.private_keys().get(wanted)
    if key is None:
        raise WrongKey(f"no private key here opens this envelope; it needs intake-{wanted}.key")
    try:
        plain = SealedBox(key).decrypt(envelope[_HEADER:])
        document = json.loads(plain.decode("utf-8", "surrogatepass"))
    except (CryptoError, ValueError):
        # from None: neither the bytes nor half a document may reach a traceback.
        raise EnvelopeTampered("the envelope was changed after it was sealed") from None
    return str(document["kind"]), document
