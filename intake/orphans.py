"""What should not be there: rows that belong to nothing, and what was deleted and is here again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import QuerySet

from intake import append_only, tombstones
from intake.models import CallbackRequest, PurgeTombstone, Submission
from intake.retention import back_again, stray_forms

SHOWN: Final = 5


def orphans() -> Iterator[str]:
    """A sentence for each kind that was found, with references; nothing personal.

    Raises :exc:`django.db.Error`.
    """
    adrift = Submission.objects.exclude(admitted_at=None).filter(requests=None)
    yield from _named("admitted forms belong to no request", adrift)
    empty = CallbackRequest.objects.filter(submissions=None)
    yield from _named("requests have no form", empty)
    yield from _named("requests were purged before and are here again", back_again())
    yield from _named("forms were purged before and are here again", stray_forms())
    held = Submission.objects.filter(admitted_at=None).exclude(requests=None)
    yield from _named("forms belong to a request but count as not admitted", held)
    in_file = {(stone.submission_key, stone.at) for stone in tombstones.read(tombstones.path())}
    in_table = set(PurgeTombstone.objects.values_list("submission_key", "at"))
    if in_file != in_table:
        yield (
            f"{len(in_file ^ in_table)} tombstones are only in the table or only in "
            f"{tombstones.path()}; the worker puts that right within the hour"
        )
    if missing := append_only.missing():
        yield f"the database lacks its guards against changes: {', '.join(missing)}"


def _named(what: str, rows: QuerySet[Any]) -> Iterator[str]:
    references = list(rows.values_list("reference", flat=True)[: SHOWN + 1])
    if references:
        more = " and more" if len(references) > SHOWN else ""
        yield f"{what}: {', '.join(references[:SHOWN])}{more}"
