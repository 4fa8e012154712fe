"""Fields that the source has and the description does not: beside the columns, and inside nested ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses
from pyspark.sql.types import ArrayType, DataType, StructType

from ingestion.description import DataSet
from ingestion.description.problems import is_addressable
from ingestion.read.fields import STRICT, Header, known
from ingestion.read.nested import data_type

INSIDE = " > "  # between a column and an undescribed field inside it
_RAW = "_raw"
_ELEMENT = "[]"


@dataclass(frozen=True)
class _Structure:
    """A structure inside a column: the path to it, its fields, the column's type with a map in its place."""

    path: tuple[str, ...]
    fields: tuple[str, ...]
    type: str


def unknown(dataset: DataSet, header: Header | None, every: int) -> Column:
    """The undescribed fields of one in `every` JSON lines; a CSV has them in its header."""
    nothing = F.array().cast("array<string>")
    if header:
        return F.lit(None).cast("array<string>")
    beside = F.array_except(F.json_object_keys(_RAW), F.array(*map(F.lit, known(dataset))))
    found = F.concat(*(F.coalesce(one, nothing) for one in (beside, *_inside_columns(dataset))))
    looked_at = F.pmod(F.crc32(F.col(_RAW).cast("binary")), F.lit(every)) == 0 if every > 1 else F.lit(True)
    return F.when(looked_at, F.when(F.size(found) > 0, found))


def beside(names: Iterable[str]) -> frozenset[str]:
    """Those that are no fields inside a column."""
    return frozenset(name for name in names if INSIDE not in name)


def lost(names: Iterable[str], source_format: str) -> tuple[str, ...]:
    """Those that no column of text can hold: they are reported."""
    found = (name for name in names if INSIDE in name or not is_addressable(name, source_format))
    return tuple(sorted(name if _last(name).strip() else f"{name}a field without a name" for name in found))


def _last(name: str) -> str:
    return name.rpartition(INSIDE)[2]


def _inside_columns(dataset: DataSet) -> Iterator[Column]:
    """The undescribed fields inside structures, as `column > field`; a reading takes one of each column."""
    nested = {
        name: list(_structures(column.type))
        for column in dataset.columns
        if column.is_nested and not column.from_name
        for name in column.names
    }
    for taken in zip_longest(*nested.values()):
        looked_at = {name: one for name, one in zip(nested, taken, strict=True) if one}
        schema = ", ".join(f"`{name}` {one.type}" for name, one in looked_at.items())
        record = F.from_json(_RAW, schema, STRICT)
        for name, one in looked_at.items():
            keys = F.array_distinct(_keys(record.getField(name), one.path))
            where = INSIDE.join((name, *(part for part in one.path if part != _ELEMENT), ""))
            yield _prefixed(F.array_except(keys, F.array(*map(F.lit, one.fields))), where)


def _prefixed(names: Column, prefix: str) -> Column:
    return F.transform(names, lambda name: F.concat(F.lit(prefix), name))


def _structures(kind: str) -> Iterator[_Structure]:
    yield from _inside(data_type(kind), (), "{}")


def _inside(kind: DataType, path: tuple[str, ...], around: str) -> Iterator[_Structure]:
    if isinstance(kind, ArrayType):
        yield from _inside(kind.elementType, (*path, _ELEMENT), around.replace("{}", "array<{}>"))
    elif isinstance(kind, StructType):
        yield _Structure(path, tuple(kind.names), around.replace("{}", "map<string,string>"))
        for field in kind.fields:
            inner = around.replace("{}", f"struct<`{field.name}`:{{}}>")
            yield from _inside(field.dataType, (*path, field.name), inner)


def _keys(value: Column, path: tuple[str, ...]) -> Column:
    """The keys of the map at the path; of all maps in arrays on the way."""
    if not path:
        return F.coalesce(F.map_keys(value), F.array().cast("array<string>"))
    if path[0] == _ELEMENT:
        return F.flatten(F.transform(value, lambda element: _keys(element, path[1:])))
    return _keys(value.getField(path[0]), path[1:])
