"""Functions of a script over single records, which are dictionaries: DynamicFrame.filter and .map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud.glue.jobs.frames.refusing import NotAvailableError


def filtered(frame: Any, function: Callable[[Any], bool]) -> Any:
    def keeps(row: Any) -> bool:
        try:
            return bool(function(row.asDict(recursive=True)))
        except (KeyError, ValueError, TypeError):
            return False

    return frame.sparkSession.createDataFrame(frame.rdd.filter(keeps), frame.schema)


def mapped(frame: Any, function: Callable[[Any], Any]) -> Any:
    """The records that the function makes; a field that it leaves alone keeps its type."""

    def made(row: Any) -> Any:
        result = function(row.asDict(recursive=True))
        if not result:
            raise NotAvailableError(
                "User-specified function returned None instead of DynamicRecord: Glue sets such a record "
                "aside, and localcloud keeps none aside"
            )
        return _as_row(result)

    rows = frame.rdd.map(made).cache()
    schema = _schema(rows, frame.schema)
    names = schema.fieldNames()
    ordered = rows.map(lambda row: [row[name] if name in row else None for name in names])  # noqa: SIM401 - a Row has no get
    return frame.sparkSession.createDataFrame(ordered, schema)


def _as_row(value: Any) -> Any:
    from pyspark.sql import Row

    if isinstance(value, dict):
        return Row(**{name: _as_row(item) for name, item in value.items()})
    return [_as_row(item) for item in value] if isinstance(value, list) else value


def _schema(rows: Any, before: Any) -> Any:
    from pyspark.sql import types

    if rows.isEmpty():
        return before
    inferred = rows.map(types._infer_schema).reduce(types._merge_type)
    return types.StructType([_field(field, before) for field in inferred.fields])


def _field(field: Any, before: Any) -> Any:
    """A type that was never seen, or that Python widens, is the one that the field had."""
    from pyspark.sql import types

    if field.name not in before.fieldNames():
        known = types.StringType() if isinstance(field.dataType, types.NullType) else field.dataType
        return types.StructField(field.name, known)
    held = before[field.name].dataType
    same = isinstance(field.dataType, types.NullType) or any(
        isinstance(held, kind) and isinstance(field.dataType, kind)
        for kind in (
            types.IntegralType,
            types.FractionalType,
            types.StructType,
            types.ArrayType,
            types.MapType,
        )
    )
    if isinstance(held, types.StructType) and isinstance(field.dataType, types.StructType):
        same = set(held.fieldNames()) == set(field.dataType.fieldNames())
    return types.StructField(field.name, held if same else field.dataType)
