"""The fields of one line: of a JSON object, or of a CSV row under the header of its object."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.description import CSV, DataSet
from ingestion.description import Column as Described
from ingestion.description.model import CORRUPT

RECORD = "_record"
_RAW = "_raw"
_OBJECT = "_object"


@dataclass(frozen=True)
class Header:
    """The first line of a CSV, without byte order mark and line end, and the names in it."""

    line: str
    names: tuple[str, ...]

    @classmethod
    def parse(cls, line: str, delimiter: str) -> Header:
        names = next(csv.reader([line], delimiter=delimiter), [])
        return cls(line, tuple(name.strip() for name in names))


def reader(dataset: DataSet, header: Header | None) -> tuple[Column, Callable[[Described], Column]]:
    """How a line becomes RECORD, and how a described column is found in RECORD."""
    record, find = _csv_reader(dataset, header) if header else _json_reader(dataset)

    def field(column: Described) -> Column:
        if column.from_name:
            name = F.regexp_extract(_name(dataset), column.from_name, 1)
            return F.when(name != "", name)
        return find(column)

    return record, field


def _name(dataset: DataSet) -> Column:
    """The name of the object, below the data set's prefix."""
    prefix = dataset.source.prefix
    return F.substr(F.col(_OBJECT), F.locate(prefix, F.col(_OBJECT)) + F.lit(len(prefix)))


def _json_reader(dataset: DataSet) -> tuple[Column, Callable[[Described], Column]]:
    read = [column for column in dataset.columns if not column.from_name]
    types = {name: column.source_type for column in read for name in column.names}
    schema = ", ".join([*(f"`{name}` {kind}" for name, kind in types.items()), f"{CORRUPT} string"])
    record = F.from_json(_RAW, schema, {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": CORRUPT})
    fields = {name: name for name in types}
    if len({name.lower() for name in types}) < len(types):
        # Spark's JSON distinguishes `AreaCode` and `areaCode`, but its structures do not: number the fields.
        fields = {name: f"_{number}" for number, name in enumerate(types)}
        numbered = [f"{field}:{kind}" for field, kind in zip(fields.values(), types.values(), strict=True)]
        record = record.cast(f"struct<{','.join(numbered)},{CORRUPT}:string>")

    def find(column: Described) -> Column:
        return F.coalesce(*(F.col(RECORD).getField(fields[name]) for name in column.names))

    return record, find


def _csv_reader(dataset: DataSet, header: Header) -> tuple[Column, Callable[[Described], Column]]:
    schema = ", ".join([*(f"_{index} string" for index in range(len(header.names))), f"{CORRUPT} string"])
    options = {
        "mode": "PERMISSIVE",
        "columnNameOfCorruptRecord": CORRUPT,
        "sep": dataset.source.delimiter,
        "quote": '"',
        "escape": '"',
    }

    def find(column: Described) -> Column:
        found = [header.names.index(name) for name in column.names if name in header.names]
        if not found:
            return F.lit(None).cast("string")
        texts = [F.trim(F.col(RECORD).getField(f"_{index}")) for index in found]
        return F.coalesce(*(F.when(~text.isin(list(dataset.source.nulls)), text) for text in texts))

    return F.from_csv(_RAW, schema, options), find


def malformed(dataset: DataSet) -> Iterator[Column]:
    """Reasons why a line is not a record; each is NULL for a good line."""
    corrupt = F.col(RECORD).getField(CORRUPT).isNotNull()
    if dataset.source.format == CSV:
        yield F.when(corrupt, "malformed_csv")
        return
    is_json = F.get_json_object(_RAW, "$").isNotNull()
    yield F.when(corrupt & is_json, "wrong_type").when(corrupt, "malformed_json")
    yield F.when(~_is_surely_one_value(), F.when(_is_followed(), "malformed_json"))


def _is_followed() -> Column:
    """Whether something follows the first JSON value of a line, which Spark's reader ignores.

    The line is one value if an array of the line and a 1 has two elements. Spark's reader accepts NaN, the
    function that counts elements does not: such a line is judged by its braces.
    """
    values = F.json_array_length(F.concat(F.lit("["), _RAW, F.lit(",1]")))
    no_json = ~F.col(_RAW).rlike(r"[:\[,]\s*[+-]?(NaN|INF|Infinity)\b")
    looks = F.col(_RAW).rlike(r"\}\s*\{") | ~F.col(_RAW).rlike(r"\}\s*$")
    return F.coalesce(values != 2, no_json | looks)


def _is_surely_one_value() -> Column:
    """Whether the only closing brace is at the end; compared as bytes, which is far cheaper than as text."""
    inner = F.expr(f"substring(cast({_RAW} as binary), 1, octet_length({_RAW}) - 1)")
    return F.endswith(_RAW, F.lit("}")) & ~F.contains(inner, F.lit(b"}"))


def known(dataset: DataSet) -> list[str]:
    return [name for column in dataset.columns if not column.from_name for name in column.names]


def unknown(dataset: DataSet, header: Header | None, every: int) -> Column:
    """The undescribed fields of one in `every` JSON lines; a CSV has them in its header."""
    if header:
        return F.lit(None).cast("array<string>")
    found = F.array_except(F.json_object_keys(_RAW), F.array(*map(F.lit, known(dataset))))
    looked_at = F.pmod(F.xxhash64(_RAW), F.lit(every)) == 0 if every > 1 else F.lit(True)
    return F.when(looked_at, F.when(F.size(found) > 0, found))
