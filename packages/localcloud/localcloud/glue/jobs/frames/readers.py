"""DataFrames with their choices, read from S3: what `create_dynamic_frame` begins with."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.glue.jobs.frames import catalog, files, paths
from localcloud.glue.jobs.frames.choices import Choices, cast, spark_type
from localcloud.glue.jobs.frames.refusing import refuse

Read = tuple[Any, Choices]
_SPARK_OF_JSON = {"bool": "boolean", "int": "bigint", "float": "double"}


def from_options(
    spark: Any,
    connection_type: str,
    options: Mapping[str, Any],
    given: Any,
    format_options: Mapping[str, Any],
) -> Read:
    """The objects of S3 paths; other connection types are refused."""
    known = {"parquet": "parquet", "orc": "orc"}
    if connection_type not in ("s3", *known):
        refuse(
            f"the connection type {connection_type} as a source",
            "sources are S3 and the catalog's tables in S3",
        )
    name = files.format_name(given or known.get(connection_type))
    return read(spark, files.objects(options), name, files.reader_options(name, format_options))


def read(spark: Any, urls: Sequence[str], name: str, options: Mapping[str, Any]) -> Read:
    """No object at all is a frame without columns."""
    from pyspark.sql import types

    if not urls:
        return spark.createDataFrame([], types.StructType([])), {}
    frame = spark.read.options(**options).format(name).load(list(urls))
    if name == "csv" and not options.get("header"):
        frame = frame.toDF(*[f"col{index}" for index in range(len(frame.columns))])
    return frame, json_choices(spark, frame, urls) if name == "json" and not options["multiLine"] else {}


def json_choices(spark: Any, frame: Any, urls: Sequence[str]) -> Choices:
    """The columns in which some values are text and others are not: Spark makes text of all of them.

    A column is looked at in Python only where its name stands before a bare value in some line.
    """
    from pyspark.sql import functions, types

    texts = [field.name for field in frame.schema.fields if isinstance(field.dataType, types.StringType)]
    if not texts:
        return {}
    lines = spark.read.text(list(urls))
    line = functions.col("value")
    seen = lines.agg(
        *[functions.max(line.rlike(rf'"{_escaped(name)}"\s*:\s*[-0-9tf]')).alias(name) for name in texts]
    ).first()
    suspects = [name for name in texts if seen[name]]
    if not suspects:
        return {}
    kinds = lines.rdd.map(lambda row: kinds_of(row.value, suspects)).reduce(_merged)
    return {name: _SPARK_OF_JSON[found.pop()] for name in suspects if (found := _others(kinds[name], name))}


def _escaped(name: str) -> str:
    return "".join(c if c.isalnum() or c == "_" else f"\\{c}" for c in json.dumps(name)[1:-1])


def kinds_of(line: str, names: Sequence[str]) -> dict[str, set[str]]:
    """The names of the Python types of these fields in one line of JSON."""
    try:
        record = json.loads(line)
    except ValueError:
        record = {}
    values = {name: record.get(name) if isinstance(record, dict) else None for name in names}
    return {name: set() if value is None else {_kind(value)} for name, value in values.items()}


def _kind(value: Any) -> str:
    """Text that reads as a number is a kind of its own: once both are text, nothing tells them apart."""
    if not isinstance(value, str):
        return type(value).__name__
    try:
        float(value)
    except ValueError:
        return "number as text" if value.lower() in ("true", "false") else "str"
    return "number as text"


def _merged(left: Mapping[str, set[str]], right: Mapping[str, set[str]]) -> dict[str, set[str]]:
    return {name: left[name] | right[name] for name in left}


def _others(kinds: set[str], name: str) -> set[str]:
    others = kinds - {"str", "number as text"}
    if not others or others == kinds:
        return set()
    others |= kinds & {"number as text"}
    others = {"float"} if others == {"int", "float"} else others
    if len(others) > 1 or not others <= _SPARK_OF_JSON.keys():
        refuse(f"a choice of {', '.join(sorted(kinds))} in the column {name}", "read it with spark.read.json")
    return others


def from_catalog(spark: Any, database: str, name: str, predicate: str, options: Mapping[str, Any]) -> Read:
    """A table of the catalog in S3, with the partitions that the predicates let through."""
    table = catalog.Table.found(database, name)
    kind, reader = table.format()
    parts = table.partitions(options)
    if not table.partition_keys():
        frame, choices = _typed(spark, table, [table.location()], kind, reader)
        return frame, choices
    wanted = _fulfilling(spark, table, parts, predicate)
    frames = [
        (
            _with_values(
                *_typed(spark, table, [part["StorageDescriptor"]["Location"]], kind, reader), table, part
            )
        )
        for part in wanted
    ]
    if not frames:
        return spark.createDataFrame([], table.spark_schema()), {}
    frame = functools.reduce(
        lambda left, right: left.unionByName(right, allowMissingColumns=True), [f for f, _ in frames]
    )
    return frame, {name: other for _, choices in frames for name, other in choices.items()}


def _fulfilling(
    spark: Any, table: catalog.Table, parts: list[dict[str, Any]], predicate: str
) -> list[dict[str, Any]]:
    """`push_down_predicate` is Spark's SQL on the partition keys."""
    if not predicate or not parts:
        return parts
    keys = table.partition_keys()
    rows = [(index, *part["Values"]) for index, part in enumerate(parts)]
    frame = spark.createDataFrame(rows, ["position", *[f"`{key['Name']}`".strip("`") for key in keys]])
    for key in keys:
        frame = frame.withColumn(key["Name"], paths.column([key["Name"]]).cast(spark_type(key["Type"])))
    kept = {row.position for row in frame.where(predicate).select("position").collect()}
    return [part for index, part in enumerate(parts) if index in kept]


def _with_values(frame: Any, choices: Choices, table: catalog.Table, part: Mapping[str, Any]) -> Read:
    from pyspark.sql import functions

    for key, value in zip(table.partition_keys(), part["Values"], strict=True):
        literal = functions.lit(None if value == catalog.NULL else value)
        frame = frame.withColumn(key["Name"], literal.cast(spark_type(key["Type"])))
    return frame, choices


def _typed(
    spark: Any, table: catalog.Table, locations: list[str], kind: str, reader: Mapping[str, Any]
) -> Read:
    """The columns by the names and simple types that the catalog gives them."""
    from pyspark.sql import types

    urls = files.objects({"paths": locations, "recurse": True})
    columns = table.columns()
    if not urls:
        return spark.createDataFrame([], table.data_schema()), {}
    if kind == "csv":
        text = types.StructType([types.StructField(column["Name"], types.StringType()) for column in columns])
        return _with_types(spark.read.options(**reader).schema(text).csv(urls), columns)
    options: dict[str, Any] = {"multiLine": False} if kind == "json" else {"mergeSchema": "true"}
    frame, choices = read(spark, urls, kind, options)
    names = {name.lower(): name for name in frame.columns}
    selected = []
    for column in columns:
        found = names.get(column["Name"].lower())
        if found is None:
            continue
        value, wanted = paths.column([found]), spark_type(column["Type"])
        simple = not wanted.startswith(("array", "map", "struct")) and found not in choices
        selected.append((value.cast(wanted) if simple else value).alias(column["Name"]))
    held = {
        column["Name"]: choices[names[column["Name"].lower()]]
        for column in columns
        if names.get(column["Name"].lower()) in choices
    }
    return frame.select(*selected), held


def _with_types(frame: Any, columns: Sequence[Mapping[str, str]]) -> Read:
    """Text as the catalog types it; a column with other text is a choice, as Glue reads it."""
    from pyspark.sql import functions

    others = [column for column in columns if spark_type(column["Type"]) != "string"]
    if not others:
        return frame, {}
    counts = frame.agg(
        *[
            functions.sum(
                (
                    paths.column([column["Name"]]).isNotNull()
                    & (functions.trim(paths.column([column["Name"]])) != "")
                    & cast(paths.column([column["Name"]]), column["Type"]).isNull()
                ).cast("int")
            ).alias(column["Name"])
            for column in others
        ]
    ).first()
    choices = {}
    for column in others:
        if counts[column["Name"]]:
            choices[column["Name"]] = spark_type(column["Type"])
        else:
            frame = frame.withColumn(column["Name"], cast(paths.column([column["Name"]]), column["Type"]))
    return frame, choices
