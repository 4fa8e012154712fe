"""Columns as properties of a contract: the standard's logical type beside the catalog's own."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingestion.description.spellings import Tree

LOGICAL = {
    "string": "string",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), "integer"),
    **dict.fromkeys(("float", "double", "decimal"), "number"),
    "map": "object",
}


def of_column(
    name: str,
    kind: str,
    *,
    required: bool = False,
    key: Collection[str] = (),
) -> dict[str, Any]:
    """A column of the type `kind`, spelled as in the Glue Data Catalog; `key` are the key's columns."""
    from ingestion.description.spellings import parsed_type

    found = {"name": name, "physicalName": name, "physicalType": kind, **_logical(parsed_type(kind))}
    if required:
        found["required"] = True
    if name in key:
        found |= {"primaryKey": True, "primaryKeyPosition": list(key).index(name) + 1}
    return found


def of_partition_key(name: str, pattern: str) -> dict[str, Any]:
    """The table's one partition key, a text made of a date by a pattern."""
    return {
        "name": name,
        "physicalName": name,
        "physicalType": "string",
        "logicalType": "string",
        "required": True,
        "partitioned": True,
        "partitionKeyPosition": 1,
        "transformLogic": pattern,
    }


def element(kind: str) -> dict[str, str]:
    """The fields of an array of structures, in lower case, each with its type."""
    from ingestion.description.spellings import parsed_type

    tree = parsed_type(kind)
    structure = tree[0] if isinstance(tree, list) else tree
    assert isinstance(structure, dict), kind
    return {name: _spelled(field) for name, field in structure.items()}


def _logical(tree: Tree) -> dict[str, Any]:
    if isinstance(tree, list):
        return {"logicalType": "array", "items": {"name": "element", **_nested(tree[0])}}
    if isinstance(tree, dict):
        fields = [{"name": name, **_nested(field)} for name, field in tree.items()]
        return {"logicalType": "object", "properties": fields}
    return {"logicalType": LOGICAL[tree.partition("(")[0].partition("<")[0]]}


def _nested(tree: Tree) -> dict[str, Any]:
    return {"physicalType": _spelled(tree), **_logical(tree)}


def _spelled(tree: Tree) -> str:
    if isinstance(tree, list):
        return f"array<{_spelled(tree[0])}>"
    if isinstance(tree, dict):
        return f"struct<{','.join(f'{name}:{_spelled(field)}' for name, field in tree.items())}>"
    return tree
