"""What stands inside a nested column: structures, arrays and maps, as deep as they are."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterator
from functools import cache, reduce

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses
from pyspark.sql.types import (
    ArrayType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    MapType,
    StringType,
    StructType,
    TimestampType,
)

Leaf = Callable[[Column, DataType], Column]
Test = Callable[[Column, DataType], Column | None]


def data_type(kind: str) -> DataType:
    """A type, spelled as in the Data Catalog, as Spark's own parser reads it."""
    return StructType.fromJson(json.loads(_as_json(kind)))["_"].dataType


def any_value(value: Column, kind: DataType, test: Test) -> Column | None:
    """Whether `test` is true of any map or value inside; None where it applies to no type in it."""
    if isinstance(kind, StructType):
        parts = (any_value(value.getField(one.name), one.dataType, test) for one in kind.fields)
        return _either(one for one in parts if one is not None)
    if isinstance(kind, ArrayType):
        return _any_element(value, kind.elementType, test)
    if isinstance(kind, MapType):
        return _either(
            one
            for one in (test(value, kind), _any_element(F.map_values(value), kind.valueType, test))
            if one is not None
        )
    return test(value, kind)


def converted(value: Column, kind: DataType, leaf: Leaf) -> Column:
    """The value with each one inside as `leaf` makes it of itself and of its type."""
    if isinstance(kind, StructType):
        fields = (converted(value.getField(one.name), one.dataType, leaf) for one in kind.fields)
        named = (field.alias(one.name) for field, one in zip(fields, kind.fields, strict=True))
        return F.when(value.isNotNull(), F.struct(*named))
    if isinstance(kind, ArrayType):
        return F.transform(value, lambda element: converted(element, kind.elementType, leaf))
    if isinstance(kind, MapType):
        return F.transform_values(value, lambda _, inner: converted(inner, kind.valueType, leaf))
    return leaf(value, kind)


def texts(value: Column, kind: DataType, many: bool = False) -> Iterator[Column]:
    """Every text inside, as texts and arrays of texts; `many` says that the value is an array of such ones.

    As few functions on elements as can be: they are far slower than others.
    """
    if isinstance(kind, StructType):
        for field in kind.fields:
            yield from texts(value.getField(field.name), field.dataType, many)
    elif isinstance(kind, ArrayType):
        yield from texts(_flat(value) if many else value, kind.elementType, many=True)
    elif isinstance(kind, MapType):
        values = _flat(F.transform(value, F.map_values)) if many else F.map_values(value)
        yield from texts(values, kind.valueType, many=True)
    elif isinstance(kind, StringType) or is_time(kind):
        yield value


def _flat(arrays: Column) -> Column:
    return F.flatten(F.filter(arrays, Column.isNotNull))


def has_times(kind: DataType) -> bool:
    """Whether a date or a timestamp is inside."""
    return (
        any_value(F.lit(None).cast(kind), kind, lambda value, one: value if is_time(one) else None)
        is not None
    )


def is_time(kind: DataType) -> bool:
    return isinstance(kind, (DateType, TimestampType))


def is_infinite(value: Column, kind: DataType) -> Column | None:
    """Whether a number is beyond its type, which Spark's JSON reader makes infinite."""
    if isinstance(kind, (FloatType, DoubleType)):
        return F.coalesce(F.abs(value) == float("inf"), F.lit(False))
    return None


def has_a_key_twice(value: Column, kind: DataType) -> Column | None:
    """Whether a map has a key twice, with which nobody can read it once it is written."""
    if not isinstance(kind, MapType):
        return None
    keys = F.map_keys(value)
    return F.coalesce(F.size(keys) != F.size(F.array_distinct(keys)), F.lit(False))


def is_rounded(value: Column, kind: DataType) -> Column | None:
    """Whether a decimal, read with more digits than its type has, would be another number in it."""
    return ~value.eqNullSafe(value.cast(kind)) if isinstance(kind, DecimalType) else None


def _any_element(array: Column, kind: DataType, test: Test) -> Column | None:
    if any_value(F.lit(None).cast(kind), kind, test) is None:
        return None
    found = F.exists(array, lambda element: _certain(any_value(element, kind, test)))
    return F.coalesce(found, F.lit(False))


def _certain(found: Column | None) -> Column:
    return F.lit(False) if found is None else found


def _either(found: Iterator[Column]) -> Column | None:
    all_found = list(found)
    return reduce(operator.or_, all_found) if all_found else None


@cache
def _as_json(kind: str) -> str:
    schema: str = SparkSession.active().createDataFrame([], f"`_` {kind}").schema.json()
    return schema
