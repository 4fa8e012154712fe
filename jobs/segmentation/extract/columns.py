"""How a column of PostgreSQL is kept: its type in the lake, the SQL that reads it, and when it cannot be.

Each is read in a form that no driver can bend: times as microseconds and dates as days since 1970, texts of
all kinds as text, numbers by their declared digits. A value that the lake cannot hold gives its row a reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from segmentation.errors import UnsupportedColumnError

MAX_DIGITS = 38
DIRECT = {
    "smallint": "smallint",
    "integer": "int",
    "bigint": "bigint",
    "real": "float",
    "double precision": "double",
    "boolean": "boolean",
    "bytea": "binary",
}
# What is text in the lake: texts, and what has no type of its own there.
TEXTS = re.compile(
    r'(text|character varying|character|"char"|name|uuid|jsonb?|xml|citext|inet|cidr|macaddr8?|bit'
    r"|bit varying"
    r"|time without time zone|time with time zone|time|tsvector|interval)(\(\d+\))?( with(out)? time zone)?"
)
TIME = re.compile(r"timestamp(\(\d\))? (with|without) time zone")
NUMERIC = re.compile(r"numeric\((\d+),(-?\d+)\)")
ARRAYS = {"smallint": "int", "integer": "int", "bigint": "bigint", "boolean": "boolean"}
SQL_ARRAYS = {"int": "int[]", "bigint": "bigint[]", "boolean": "boolean[]"}
ENUM, COMPOSITE = "e", "c"
NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class SourceColumn:
    """`type` is PostgreSQL's spelling, that of a domain's base; `kind` is pg_type's typtype, of an array that
    of its elements. `filled` says that the database keeps null out of it.
    """

    name: str
    type: str
    kind: str = "b"
    filled: bool = False


@dataclass(frozen=True)
class Kept:
    """`sql` reads the column under its name; `reason` is SQL that is a text for a value that cannot be kept,
    else null, or empty if every value can be. `note` says what is not obvious.
    """

    name: str
    type: str
    sql: str
    reason: str = ""
    note: str = ""
    unit: str = ""

    def finished(self) -> Column:
        """The column of the lake from what was read."""
        read = F.col(self.name)
        if self.unit == "microseconds":
            return F.timestamp_micros(read).alias(self.name)
        if self.unit == "days":
            return F.date_from_unix_date(read).alias(self.name)
        return read.cast(self.type).alias(self.name)


def kept(column: SourceColumn, table: str) -> Kept:
    """Raises UnsupportedColumnError naming the column, its type and what to do."""
    if not NAME.fullmatch(column.name):
        raise UnsupportedColumnError(
            f"{table}: column `{column.name}` has a name that the lake cannot tell apart: leave it out by "
            "`columns` of the description, or describe a view that names it in small letters, digits and `_`"
        )
    found = _scalar(column)
    if found is None and column.type.endswith("[]"):
        found = _array(column)
    if found is None:
        raise UnsupportedColumnError(
            f"{table}: column `{column.name}` has the type `{column.type}`, which the lake cannot keep: "
            "leave it out by `columns` of the description, or describe a view that casts it to text"
        )
    return found


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _scalar(column: SourceColumn) -> Kept | None:
    name, kind, read = column.name, column.type, quoted(column.name)
    if kind.endswith("[]"):
        return None
    if kind in DIRECT:
        return Kept(name, DIRECT[kind], read)
    if column.kind == ENUM or TEXTS.fullmatch(kind):
        return Kept(name, "string", f"{read}::text")
    if TIME.fullmatch(kind):
        return _time(name, kind, read)
    if kind == "date":
        return _date(name, read)
    if kind == "money":
        return Kept(name, "string", f"{read}::numeric::text", note=f"{name}: money is kept as text")
    return _numeric(name, kind, read) if kind.startswith("numeric") else None


def _time(name: str, kind: str, read: str) -> Kept:
    """An instant; a time without a zone is taken for one in UTC."""
    instant = read if " with time" in kind else f"({read} at time zone 'UTC')"
    micros = f"(extract(epoch from {instant}) * 1000000)::bigint"
    good = f"isfinite({read}) and {read} >= '0001-01-01' and {read} < '10000-01-01'"
    return Kept(
        name,
        "timestamp",
        f"case when {good} then {micros} end",
        _unless(name, read, good),
        unit="microseconds",
    )


def _date(name: str, read: str) -> Kept:
    good = f"isfinite({read}) and {read} >= '0001-01-01' and {read} < '10000-01-01'"
    days = f"({read} - date '1970-01-01')"
    return Kept(name, "date", f"case when {good} then {days} end", _unless(name, read, good), unit="days")


def _unless(name: str, read: str, good: str) -> str:
    infinite = f"when not isfinite({read}) then 'infinite_{name}'"
    return f"case {infinite} when not ({good}) then 'out_of_range_{name}' end"


def _numeric(name: str, kind: str, read: str) -> Kept:
    match = NUMERIC.fullmatch(kind)
    if match and int(match[1]) <= MAX_DIGITS and 0 <= int(match[2]) <= int(match[1]):
        nan = f"{read} = 'NaN'::numeric"
        return Kept(
            name,
            f"decimal({match[1]},{match[2]})",
            f"(case when {nan} then null else {read} end)::{kind}",
            f"case when {nan} then 'not_a_number_{name}' end",
        )
    note = f"{name}: {kind} has more digits than a decimal of the lake, it is kept as text"
    odd = f"{read}::text in ('NaN', 'Infinity', '-Infinity')"
    return Kept(name, "string", f"{read}::text", f"case when {odd} then 'not_a_number_{name}' end", note)


def _array(column: SourceColumn) -> Kept | None:
    """One dimension; elements that are neither whole numbers nor truth values are kept as text."""
    name, element, read = column.name, column.type.removesuffix("[]"), quoted(column.name)
    if column.kind == COMPOSITE:
        return None
    kind = ARRAYS.get(element, "string")
    flat = f"coalesce(array_ndims({read}), 1) = 1"
    is_text = kind != "string" or column.kind == ENUM or TEXTS.fullmatch(element)
    return Kept(
        name,
        f"array<{kind}>",
        f"case when {flat} then {read}::{SQL_ARRAYS.get(kind, 'text[]')} end",
        f"case when not ({flat}) then 'nested_array_{name}' end",
        "" if is_text else f"{name}: the elements of {column.type} are kept as text",
    )
