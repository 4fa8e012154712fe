"""The fields of one line: of a JSON object, or of a CSV row under the header of its object."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.description import CSV, DataSet
from ingestion.description import Column as Described
from ingestion.description.model import CORRUPT
from ingestion.read.quotes import MALFORMED_CSV, begins_a_text

RECORD = "_record"  # a line as it was read
IS_JSON = "_is_json"  # for a JSON line that does not fit the types, whether it is JSON nevertheless
IS_BROKEN = "_is_broken"  # whether a line, JSON or not, is not exactly one value that a text can hold
WRONG_TYPE = "wrong_type"
_ANY_JSON = ("map<string,string>", "array<string>")
# Python's NaN, text in single quotes and the like are no JSON: a reader that takes them guesses.
STRICT = {
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": CORRUPT,
    "allowNonNumericNumbers": "false",
    "allowSingleQuotes": "false",
}
_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # two escapes of UTF-16, one character
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


def readings(dataset: DataSet, header: Header | None) -> Iterator[Column]:
    """RECORD and, for JSON, what else can only be learned by parsing the line.

    To be selected together: Spark then parses a good line once, and writes the row down once.
    """
    if header:
        yield _csv_record(dataset, header).alias(RECORD)
        return
    record = json_record(dataset, _source_types(dataset), F.col(_RAW))
    yield record.alias(RECORD)
    is_corrupt = record.getField(CORRUPT).isNotNull()
    is_object, is_array = (F.from_json(_RAW, kind, STRICT).isNotNull() for kind in _ANY_JSON)
    yield F.when(is_corrupt, is_object | is_array).alias(IS_JSON)
    is_followed = F.when(_is_surely_one_value(), F.lit(False)).otherwise(_is_followed())
    yield (is_followed | _has_half_a_character()).alias(IS_BROKEN)


def finder(dataset: DataSet, header: Header | None) -> Callable[[Described], Column]:
    """How the value of a described column is found, once the `readings` are there."""

    def field(column: Described) -> Column:
        if column.from_name:
            name = F.regexp_extract(_name(dataset), column.from_name, 1)
            return F.when(name != "", name)
        found = given(dataset, header, column)
        return F.coalesce(*found) if found else F.lit(None).cast("string")

    return field


def given(dataset: DataSet, header: Header | None, column: Described) -> list[Column]:
    """The fields of RECORD that a described column may come from: its name and its aliases.

    Of a CSV those in its header; a name that is there twice says nothing.
    """
    if not header:
        names = names_in_record(dataset)
        return [F.col(RECORD).getField(names[name]) for name in column.names]
    found = [header.names.index(name) for name in column.names if header.names.count(name) == 1]
    texts = [F.col(RECORD).getField(f"_{index}") for index in found]
    trimmed = dataset.source.trim or column.type != "string"
    shown = [F.trim(text) if trimmed else text for text in texts]
    return [F.when(~text.isin(list(dataset.source.nulls)), text) for text in shown]


def _name(dataset: DataSet) -> Column:
    """The name of the object, below the data set's prefix."""
    prefix = dataset.source.prefix
    return F.substr(F.col(_OBJECT), F.locate(prefix, F.col(_OBJECT)) + F.lit(len(prefix)))


def _source_types(dataset: DataSet) -> dict[str, str]:
    """The type by which each field of a JSON object is read."""
    read = [column for column in dataset.columns if not column.from_name]
    return {name: column.source_type for column in read for name in column.names}


def names_in_record(dataset: DataSet) -> dict[str, str]:
    """What a field is called in RECORD: its name, or a number.

    Spark's JSON distinguishes `AreaCode` and `areaCode`, but its structures do not.
    """
    names = known(dataset)
    if len({name.lower() for name in names}) == len(names):
        return {name: name for name in names}
    return {name: f"_{number}" for number, name in enumerate(names)}


def json_record(dataset: DataSet, types: Mapping[str, str], line: Column) -> Column:
    """A line as RECORD with these types."""
    names = names_in_record(dataset)
    schema = ", ".join([*(f"`{name}` {kind}" for name, kind in types.items()), f"{CORRUPT} string"])
    record = F.from_json(line, schema, STRICT)
    if all(name == field for name, field in names.items()):
        return record
    numbered = ",".join(f"{names[name]}:{kind}" for name, kind in types.items())
    return record.cast(f"struct<{numbered},{CORRUPT}:string>")


def _csv_record(dataset: DataSet, header: Header) -> Column:
    schema = ", ".join([*(f"_{index} string" for index in range(len(header.names))), f"{CORRUPT} string"])
    options = {
        "mode": "PERMISSIVE",
        "columnNameOfCorruptRecord": CORRUPT,
        "sep": dataset.source.delimiter,
        "quote": '"',
        "escape": '"',
    }
    return F.from_csv(_RAW, schema, options)


def malformed(dataset: DataSet) -> Iterator[Column]:
    """Reasons why a line is not a record; each is NULL for a good line."""
    said = F.col(RECORD).getField(CORRUPT)
    corrupt = said.isNotNull()
    if dataset.source.format == CSV:
        yield F.when(corrupt | begins_a_text(dataset.source.delimiter), MALFORMED_CSV)
        return
    is_lost = said.isin([f"{WRONG_TYPE}_{column.table_name}" for column in dataset.columns])
    yield F.when(corrupt & F.col(IS_JSON) & ~is_lost, WRONG_TYPE).when(
        (corrupt & ~is_lost) | F.col(IS_BROKEN), "malformed_json"
    )
    yield F.when(is_lost, said)


def _has_half_a_character() -> Column:
    """Whether an escape of JSON is half of a pair and its other half is missing: no text can hold it."""
    half = F.contains(_RAW, F.lit("\\ud")) | F.contains(_RAW, F.lit("\\uD"))
    escape = F.contains(F.col(_RAW).cast("binary"), F.lit(b"\\")) & half  # most lines have none
    unescaped = F.replace(F.col(_RAW), F.lit("\\\\"), F.lit(""))
    return escape & F.regexp_replace(unescaped, _PAIR, "").rlike(r"\\u[dD][89a-fA-F]")


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
