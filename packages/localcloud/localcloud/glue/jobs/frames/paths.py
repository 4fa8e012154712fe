"""Paths of fields, `address.city`, as awsglue's transforms take them, in the schema of a DataFrame."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

Tree = dict[str, Any]
_PART = re.compile(r"`([^`]*)`|([^.`]+)")


def parts(path: str) -> list[str]:
    """The names of a path; backquotes keep a dot inside a name."""
    return [quoted or plain for quoted, plain in _PART.findall(path)]


def locate(schema: Any, path: str, case_sensitive: bool = True) -> list[str] | None:
    """The names along the path as the schema spells them; None where there is no such field."""
    if path in schema.fieldNames():
        return [path]
    found: list[str] = []
    for name in parts(path):
        if not hasattr(schema, "fieldNames"):
            return None
        spelt = _spelt(schema.fieldNames(), name, case_sensitive)
        if spelt is None:
            return None
        found.append(spelt)
        schema = schema[spelt].dataType
    return found


def _spelt(names: Sequence[str], wanted: str, case_sensitive: bool) -> str | None:
    if wanted in names or case_sensitive:
        return wanted if wanted in names else None
    return next((name for name in names if name.lower() == wanted.lower()), None)


def column(names: Iterable[str]) -> Any:
    """The Spark column that these names lead to."""
    from pyspark.sql import functions

    return functions.col(quoted(names))


def quoted(names: Iterable[str]) -> str:
    return ".".join(f"`{name.replace('`', '``')}`" for name in names)


def put(tree: Tree, names: Sequence[str], value: Any) -> None:
    """Hang a column into a tree of names, for `as_columns`."""
    for name in names[:-1]:
        tree = tree.setdefault(name, {})
    tree[names[-1]] = value


def as_columns(tree: Tree) -> list[Any]:
    """The columns of a tree; its inner nodes become structures."""
    from pyspark.sql import functions

    return [
        (functions.struct(*as_columns(value)) if isinstance(value, dict) else value).alias(name)
        for name, value in tree.items()
    ]
