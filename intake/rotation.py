"""Sealing what is stored anew to the current key. Nobody gets to read it on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.db import transaction

from intake import audit, keys
from intake.envelope import MAGIC, EnvelopeMoved, EnvelopeTampered, WrongKey, reseal
from intake.models import Note, Submission


@dataclass(slots=True)
class Rotation:
    resealed: int = 0
    failed: list[str] = field(default_factory=list)  # references
    unused: list[str] = field(default_factory=list)  # private keys that nothing here needs


def reseal_all(*, batch: int) -> Rotation:
    """Everything not yet sealed to the current key, a transaction and an audit event per batch.

    A kill loses at most the batch in hand; the next run goes on from there. Raises
    :exc:`KeyMissing`, :exc:`WrongKey`.
    """
    keys.private_keys()
    result = Rotation()
    _walk(Submission, "reference", batch, result)
    _walk(Note, "request__reference", batch, result)
    if not result.failed:
        current = keys.key_id(keys.public_key())
        result.unused = [f"intake-{name}.key" for name in keys.private_keys() if name != current]
    return result


_Sealed = type[Submission] | type[Note]
_HEADER: Final = len(MAGIC) + keys.ID_BYTES


def _walk(model: _Sealed, reference: str, batch: int, result: Rotation) -> None:
    current = MAGIC + bytes.fromhex(keys.key_id(keys.public_key()))
    last = 0
    while True:
        after = model._default_manager.filter(pk__gt=last).order_by("pk")
        rows = list(after.values_list("pk", reference, "envelope")[:batch])
        if not rows:
            return
        last = rows[-1][0]
        old = [(pk, ref, bytes(env)) for pk, ref, env in rows if bytes(env)[:_HEADER] != current]
        if old:
            _reseal_batch(model, old, result)


@transaction.atomic
def _reseal_batch(model: _Sealed, rows: list[tuple[int, str, bytes]], result: Rotation) -> None:
    done = 0
    for pk, reference, envelope in rows:
        try:
            fresh = reseal(envelope, reference=reference)
        except (EnvelopeTampered, EnvelopeMoved, WrongKey):
            result.failed.append(reference)
            continue
        done += model._default_manager.filter(pk=pk, envelope=envelope).update(envelope=fresh)
    audit.record(actor=None, action="resealed", detail={"rows": done, "of": model.__name__})
    result.resealed += done
