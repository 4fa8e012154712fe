"""The types of JSON values, nested ones too, as the Glue Data Catalog spells them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

BIGGEST = 2**63 - 1
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KINDS = {bool: "booleans", int: "numbers", float: "numbers", str: "texts", list: "arrays", dict: "objects"}


def is_scalar(kind: str) -> bool:
    """Whether a type is neither an array nor a structure."""
    return not kind.startswith(("array<", "struct<"))


def json_type(values: Sequence[Any], notes: list[str]) -> str:
    """The type that holds all values, which are not None; text where no other fits, and `notes` say why.

    A field of text keeps what JSON has in its place, written as JSON.
    """
    kinds = {_KINDS[type(value)] for value in values}
    if len(kinds) > 1:
        notes.append(f"{' and '.join(sorted(kinds))} are kept as text")
    if len(kinds) != 1:
        return "string"
    (kind,) = kinds
    if kind == "numbers":
        return _number(values, notes)
    if kind == "arrays":
        return _array(values, notes)
    if kind == "objects":
        return _struct(values, notes)
    return "boolean" if kind == "booleans" else "string"


def _number(values: Sequence[int | float], notes: list[str]) -> str:
    if any(isinstance(value, float) for value in values):
        return "double"
    if any(not -BIGGEST - 1 <= value <= BIGGEST for value in values):
        notes.append("numbers beyond a bigint are kept as text")
        return "string"
    return "bigint"


def _array(values: Sequence[list[Any]], notes: list[str]) -> str:
    elements = [element for value in values for element in value if element is not None]
    kind = json_type(elements, notes)
    if len({_KINDS[type(element)] for element in elements}) > 1:
        return "string"
    return f"array<{kind}>"


def _struct(values: Sequence[dict[str, Any]], notes: list[str]) -> str:
    """An object is text if it has no fields, or names that types of Spark or Athena cannot have."""
    names = list(dict.fromkeys(name for value in values for name in value))
    if not names:
        notes.append("objects without fields are kept as text")
        return "string"
    odd = [name for name in names if not _PLAIN.fullmatch(name)]
    same = [name for name in names if sum(name.lower() == other.lower() for other in names) > 1]
    if odd or same:
        notes.append(f"objects are kept as text: no type can have a field {(odd or same)[0]!r}")
        return "string"
    fields = (
        f"{name}:{json_type([value[name] for value in values if value.get(name) is not None], notes)}"
        for name in names
    )
    return f"struct<{','.join(fields)}>"
