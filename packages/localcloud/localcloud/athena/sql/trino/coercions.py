"""Which types Trino takes for which, without being asked: the whole of its implicit conversions."""

from __future__ import annotations

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.types import INTEGERS, Type

DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
WIDER = (*INTEGERS, "decimal", "real", "double")
DATES = ("date", "timestamp", types.ZONED)


def as_decimal(kind: Type) -> Type:
    """An integer as the decimal that holds it; a decimal as it is."""
    return types.decimal(DIGITS[kind.name], 0) if kind.is_integer else kind


def common_type(left: Type, right: Type) -> Type | None:
    """The type that both become where they meet: compared, in a CASE, a UNION, an array."""
    if left == right or right == types.UNKNOWN:
        return left
    if left == types.UNKNOWN:
        return right
    if left.is_number and right.is_number:
        return _common_number(left, right)
    if left.is_text and right.is_text:
        return _common_text(left, right)
    names = {left.name, right.name}
    if names <= set(DATES) | {"time"}:
        return _common_time(left, right, names)
    if left.name == right.name and left.parts and len(left.parts) == len(right.parts):
        return _common_parts(left, right)
    return None


def _common_number(left: Type, right: Type) -> Type:
    names = {left.name, right.name}
    if "double" in names:
        return types.DOUBLE
    if "real" in names:
        return types.REAL
    if left.is_integer and right.is_integer:
        return max(left, right, key=lambda kind: INTEGERS.index(kind.name))
    one, other = as_decimal(left), as_decimal(right)
    scale = max(one.sizes[1], other.sizes[1])
    whole = max(one.sizes[0] - one.sizes[1], other.sizes[0] - other.sizes[1])
    return types.decimal(whole + scale, scale)


def _common_text(left: Type, right: Type) -> Type:
    if left.name == right.name == "char":
        return Type("char", (max(left.sizes[0], right.sizes[0]),))
    if "char" in (left.name, right.name):  # a varchar becomes a char
        size = max((kind.sizes or (65536,))[0] for kind in (left, right))
        return Type("char", (min(size, 65536),))
    return types.varchar(max(left.sizes[0], right.sizes[0]) if left.sizes and right.sizes else None)


def _common_time(left: Type, right: Type, names: set[str]) -> Type | None:
    if names == {"time"}:
        return max(left, right, key=lambda kind: kind.sizes)
    if "time" in names:
        return None
    wider = max((left, right), key=lambda kind: DATES.index(kind.name))
    sizes = [kind.sizes for kind in (left, right) if kind.sizes]
    return Type(wider.name, max(sizes))


def _common_parts(left: Type, right: Type) -> Type | None:
    pairs = zip(left.parts, right.parts, strict=True)
    parts = [common_type(one, other) for one, other in pairs]
    if any(part is None for part in parts):
        return None
    fields = tuple(a if a == b else "" for a, b in zip(left.fields, right.fields, strict=True))
    return Type(left.name, parts=tuple(part for part in parts if part), fields=fields)


def common_of(kinds: list[Type]) -> Type | None:
    """The type that all of them become; None where two have nothing in common."""
    found: Type | None = types.UNKNOWN
    for kind in kinds:
        found = common_type(found, kind) if found else None
    return found


def coercible(source: Type, target: Type) -> bool:
    """Whether a value of one type is taken where the other is asked for."""
    if source == target or source == types.UNKNOWN:
        return True
    if source.name == "char" and target.name == "varchar":
        return not target.sizes or source.sizes[0] <= target.sizes[0]
    if source.name == "row" and target.name == "row" and len(source.parts) == len(target.parts):
        return all(coercible(one, other) for one, other in zip(source.parts, target.parts, strict=True))
    if source.parts and source.name == target.name:
        return len(source.parts) == len(target.parts) and all(
            coercible(one, other) for one, other in zip(source.parts, target.parts, strict=True)
        )
    return common_type(source, target) == target


def assignable(source: Type, target: Type) -> bool:
    """Whether INSERT takes a column: as Trino, where both types have one in common.

    So a bigint is taken for an integer, and a value that does not fit fails the statement. Texts of a
    limited length inside of other values have to fit by their types.
    """
    if any(_has_limited_text(part) for part in target.parts):
        return coercible(source, target)
    return common_type(source, target) is not None


def _has_limited_text(kind: Type) -> bool:
    return bool(kind.is_text and kind.sizes) or any(_has_limited_text(part) for part in kind.parts)


def distance(source: Type, target: Type) -> int:
    """How far a coercion goes: of several functions the nearest is called."""
    if source == target:
        return 0
    if source.name == target.name:
        return 1 + sum(distance(a, b) for a, b in zip(source.parts, target.parts, strict=False))
    if source.name in WIDER and target.name in WIDER:
        return 2 * (WIDER.index(target.name) - WIDER.index(source.name))
    return 20
