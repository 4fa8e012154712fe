"""OpenLineage's own schemas, and whether an event is valid by them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import referencing

SCHEMAS = Path(__file__).parents[3] / "facts" / "schemas" / "openlineage"


@cache
def _registry() -> Any:
    found = [json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")]
    resources = [(one["$id"], referencing.Resource.from_contents(one)) for one in found]
    return referencing.Registry().with_resources(resources)


def validator(url: str) -> Any:
    return jsonschema.Draft202012Validator({"$ref": url}, registry=_registry())


def check(event: dict[str, Any]) -> None:
    """The event by its schema, each of its facets by the facet's."""
    validator(event["schemaURL"]).validate(event)
    found = list(_facets(event))
    assert found
    for facet in found:
        validator(facet["_schemaURL"]).validate(facet)


def _facets(part: Any) -> Iterator[dict[str, Any]]:
    """All facets in an event: they name their schema."""
    if isinstance(part, dict):
        if "_schemaURL" in part:
            yield part
        for value in part.values():
            yield from _facets(value)
    elif isinstance(part, list):
        for value in part:
            yield from _facets(value)
