"""The seed files as the content of a release, without the project's loader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from pages.releases import (
    MODEL_BY_NAME,
    Content,
    foreign_keys_of,
    in_todays_shape,
    many_to_many_of,
    prune,
)
from tests.content.seed import Seed


def content_of(seeds: Iterable[Seed]) -> Content:
    """A release of these rows, in the order of the files where they give none."""
    content: Content = {}
    for position, seed in enumerate(seeds):
        fields: dict[str, Any] = {"position": position}
        model = MODEL_BY_NAME[seed.kind]
        for name, value in seed.fields.items():
            if name in foreign_keys_of(model):
                value = f"{_kind_of(seed.kind, name)}:{value}"
            elif name in many_to_many_of(model):
                value = [f"{_kind_of(seed.kind, name)}:{other}" for other in value]
            elif isinstance(value, (dt.date, Decimal, float)):
                value = str(value)
            elif isinstance(value, str):
                value = value.strip()
            fields[name] = value
        content[seed.key] = fields
    return prune(in_todays_shape(content))


def _kind_of(kind: str, field: str) -> str:
    other = MODEL_BY_NAME[kind]._meta.get_field(field).related_model
    assert other is not None
    return str(other._meta.model_name)  # type: ignore[union-attr]
