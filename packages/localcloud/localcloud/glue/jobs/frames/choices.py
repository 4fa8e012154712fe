"""Choice types: a column of which some values are numbers and others text, as a DynamicFrame has it.

Such a column is kept as text, with the other type beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.glue.jobs.frames.refusing import refuse

Choices = Mapping[str, str]
"""For a column of text, the type that its other values have."""

_TYPES = {
    "long": "bigint",
    "int": "int",
    "integer": "int",
    "short": "smallint",
    "byte": "tinyint",
    "bool": "boolean",
}
_GLUE_NAMES = {"bigint": "long", "smallint": "short", "tinyint": "byte"}


def spark_type(name: str) -> str:
    """A type by the name that awsglue has for it, in Spark's words."""
    plain = name.strip().lower()
    return _TYPES.get(plain, plain)


def glue_name(kind: str) -> str:
    return _GLUE_NAMES.get(kind, kind)


def cast(column: Any, kind: str) -> Any:
    """The values of the type; null where one is none, as Glue's cast gives it."""
    from pyspark.sql import functions

    text = functions.trim(column) if kind != "string" else column
    return text.cast(spark_type(kind))


def as_struct(column: Any, other: str) -> Any:
    """What an unresolved choice becomes in a DataFrame: a structure with one field for each type."""
    from pyspark.sql import functions

    typed = cast(column, other)
    text = functions.when(typed.isNull(), column)
    return functions.when(
        column.isNotNull(), functions.struct(typed.alias(glue_name(other)), text.alias("string"))
    )


def resolved(frame: Any, choices: Choices, name: str, action: str) -> Any:
    """The DataFrame with one choice resolved as `cast:long`, `project:long`, `make_cols` or `make_struct`."""
    from pyspark.sql import functions

    from localcloud.glue.jobs.frames.paths import quoted

    verb, _, target = action.partition(":")
    column, other = functions.col(quoted([name])), choices.get(name)
    if verb == "cast" and target:
        return frame.withColumn(name, cast(column, target) if other else column.cast(spark_type(target)))
    if verb == "project" and target:
        return frame.withColumn(name, _projected(column, other, target)) if other else frame
    if verb == "make_struct":
        return frame.withColumn(name, as_struct(column, other)) if other else frame
    if verb == "make_cols":
        return _as_columns(frame, name, other) if other else frame
    return refuse(f"resolveChoice with {action}", "it knows cast:TYPE, project:TYPE, make_cols, make_struct")


def _projected(column: Any, other: str, target: str) -> Any:
    """Only the values of that type; the others become null."""
    from pyspark.sql import functions

    if spark_type(target) == "string":
        return functions.when(cast(column, other).isNull(), column)
    return cast(column, target)


def _as_columns(frame: Any, name: str, other: str) -> Any:
    from pyspark.sql import functions

    from localcloud.glue.jobs.frames.paths import quoted

    column = functions.col(quoted([name]))
    typed = cast(column, other)
    selected: list[Any] = []
    for one in frame.columns:
        if one != name:
            selected.append(functions.col(quoted([one])))
            continue
        selected.append(typed.alias(f"{name}_{glue_name(other)}"))
        selected.append(functions.when(typed.isNull(), column).alias(f"{name}_string"))
    return frame.select(*selected)
