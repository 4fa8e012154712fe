"""Fields of a DataFrame selected, dropped, renamed, mapped and joined as awsglue's transforms do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from localcloud.glue.jobs.frames import paths
from localcloud.glue.jobs.frames.choices import Choices, cast, spark_type
from localcloud.glue.jobs.frames.refusing import refuse

_NESTED = ("array", "map", "struct")


def selected(frame: Any, wanted: Sequence[str]) -> Any:
    """Only these fields; one that is not there is left out, as in Glue."""
    tree: paths.Tree = {}
    for path in wanted:
        if found := paths.locate(frame.schema, path):
            paths.put(tree, found, paths.column(found))
    return frame.select(*paths.as_columns(tree))


def without(frame: Any, unwanted: Sequence[str]) -> Any:
    for path in unwanted:
        found = paths.locate(frame.schema, path)
        if found is None:
            continue
        if len(found) == 1:
            frame = frame.drop(found[0])
        else:
            inner = paths.column(found[:1]).dropFields(paths.quoted(found[1:]))
            frame = frame.withColumn(found[0], inner)
    return frame


def renamed(frame: Any, old: str, new: str) -> Any:
    found, wanted = paths.locate(frame.schema, old), paths.parts(new)
    if found is None:
        return frame
    if len(found) == len(wanted) == 1:
        return frame.withColumnRenamed(found[0], wanted[0])
    if len(found) != len(wanted) or found[:-1] != wanted[:-1]:
        refuse(f"rename_field from {old} to {new}", "a field keeps its place: use apply_mapping")
    top = paths.column(found[:1])
    inner = [*found[1:-1], wanted[-1]]
    moved = top.withField(paths.quoted(inner), paths.column(found)).dropFields(paths.quoted(found[1:]))
    return frame.withColumn(found[0], moved)


def mapped(frame: Any, mappings: Sequence[Any], case_sensitive: bool, choices: Choices) -> Any:
    """(source, its type, target, its type); a source that is not there makes no field, as in Glue."""
    tree: paths.Tree = {}
    for one in mappings:
        if not isinstance(one, tuple):
            raise TypeError(f"Mapping must be specified as a tuple. Got {one}")
        source, target, kind = _parts_of(one)
        found = paths.locate(frame.schema, source, case_sensitive)
        if found is None:
            continue
        column = paths.column(found)
        if kind and not spark_type(kind).startswith(_NESTED):
            column = cast(column, kind) if found[0] in choices else column.cast(spark_type(kind))
        paths.put(tree, paths.parts(target), column)
    return frame.select(*paths.as_columns(tree))


def _parts_of(given: tuple[str, ...]) -> tuple[str, str, str]:
    match given:
        case (source, target):
            return source, target, ""
        case (source, target, kind):
            return source, target, kind
        case (source, _, target, kind):
            return source, target, kind
    raise ValueError(f"Mapping tuple must be of length 2, 3, or 4. Got tuple of length {len(given)}")


def joined(left: Any, right: Any, keys1: Sequence[str], keys2: Sequence[str]) -> Any:
    """An equality join; a field of the right frame whose name is taken gets a full stop before it."""
    from pyspark.sql import functions

    taken = set(left.columns)
    names = {name: f".{name}" if name in taken else name for name in right.columns}
    for one, (frame, keys) in (("first", (left, keys1)), ("second", (right, keys2))):
        for key in keys:
            if key not in frame.columns:
                refuse(f"a join by {key}, which is no top-level field of the {one} frame")
    renamed_right = right.select(*[paths.column([old]).alias(new) for old, new in names.items()])
    condition = functions.lit(True)
    for key1, key2 in zip(keys1, keys2, strict=True):
        condition = condition & (left[f"`{key1}`"] == renamed_right[f"`{names[key2]}`"])
    return left.join(renamed_right, condition, "inner")


def null_columns(frame: Any) -> list[str]:
    """The columns whose values are all null, and whose type says so or was guessed to be text."""
    from pyspark.sql import functions, types

    guessed = [field for field in frame.schema.fields if isinstance(field.dataType, types.StringType)]
    counts = [functions.count(paths.column([field.name])).alias(field.name) for field in guessed]
    found = frame.agg(*counts).first() if counts else {}
    void = [field.name for field in frame.schema.fields if isinstance(field.dataType, types.NullType)]
    return void + [f"`{field.name}`" for field in guessed if not found[field.name]]
