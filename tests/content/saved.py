"""The seed content saved row by row into the test database, each row checked as the admin would."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from pages.models import CONTENT_MODELS
from pages.models.rows import Row
from tests.content.seed import Seed, seeds

MODELS: dict[str, type[Row]] = {str(model._meta.model_name): model for model in CONTENT_MODELS}


def save_all() -> list[str]:
    """Save every row, referred-to rows first; return what ``full_clean`` has against any of them."""
    complaints: list[str] = []
    saved: dict[str, Row] = {}
    many: list[tuple[Seed, str, list[str]]] = []
    for kind, model in MODELS.items():
        for place, seed in enumerate(seeds(kind, ready=False), start=1):
            fields: dict[str, Any] = {"position": place * 10}
            for name, value in seed.fields.items():
                field = model._meta.get_field(name)
                if field.many_to_many:
                    many.append((seed, name, value))
                elif field.many_to_one:
                    fields[name] = saved.get(f"{target_kind(model, name)}:{value}")
                else:
                    fields[name] = value
            row = model(**fields)
            try:
                row.full_clean()
            except ValidationError as error:
                complaints.append(f"{seed.key}: {error.message_dict}")
            else:
                row.save()
                saved[seed.key] = row
    for seed, name, slugs in many:
        if seed.key in saved:
            kind = target_kind(MODELS[seed.kind], name)
            targets = [saved.get(f"{kind}:{slug}") for slug in slugs]
            getattr(saved[seed.key], name).set([target for target in targets if target])
    return complaints


def target_kind(model: type[Row], name: str) -> str:
    """The kind of row that this relation of ``model`` points to."""
    return str(model._meta.get_field(name).related_model._meta.model_name)  # type: ignore[union-attr]
