"""What a description in `datasets` is made of. Knows nothing of Spark, S3 or any one data set."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection
from dataclasses import asdict, dataclass

from ingestion.description.charts import Chart
from ingestion.description.rules import Expectation, TableRule

# A change of the code that alters what a table holds raises this, so that every table is rebuilt once.
TABLE_VERSION = 5

JSON = "json"
CSV = "csv"
FORMATS = (JSON, CSV)
REMOVE = "remove"
KEEP = "keep"
WHOLE_TABLE = ""  # the one partition of a table without a partition key
TEMPORAL = ("date", "timestamp")
WHOLE_NUMBERS = ("tinyint", "smallint", "int", "bigint")
FLOATING = ("float", "double")
ISO_DATE = "yyyy-MM-dd"
CORRUPT = "_corrupt"  # the field in which Spark's JSON reader puts a line that it cannot read
_DECIMAL = re.compile(r"\bdecimal\b(?:\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?(?!\s*:)")
_TEMPORAL_INSIDE = re.compile(r"(?<=[<,:])(?:date|timestamp)(?=[>,])")
_NUMBER_TYPE = re.compile(
    rf"(?:(?<=[<,:])|^)(?:{'|'.join((*WHOLE_NUMBERS, *FLOATING))}|decimal\(\d+,\d+\))(?=[>,]|$)"
)
# Names that the fingerprint goes on using: ledgers hold it, and another one would rebuild every table.
_STORED_NAMES = {"aliases": "formerly", "nullable": "may_be_empty"}
HISTORY_COLUMNS = {"change": "string", "superseded_at": "timestamp", "superseded_by": "string"}


def _exact(decimal: re.Match[str]) -> str:
    precision, scale = int(decimal[1] or 10), int(decimal[2] or 0)
    return f"decimal(38,{38 - (precision - scale)})"


def table_name(name: str) -> str:
    """A field's name as a column of the table: `Alpha-2 code` becomes `alpha_2_code`, `Fläche` `flache`."""
    plain = re.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFKD", name))
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_") or "column"


@dataclass(frozen=True)
class Source:
    """Where the objects lie below the source root, such as `uk_covid/json/`, and what they are made of.

    `format` is `json` (JSON Lines) or `csv` (UTF-8, the first line names the columns; each object may have a
    header of its own). Objects whose name ends in `.gz` are gzip. `nulls` are the texts that mean NULL in a
    CSV, as an empty one always does. With `trim` its texts lose outer spaces; without, they are kept exactly.
    `vanished` says what happens to the rows of an object that is gone: `remove` them, or `keep` them, for
    which the lake stores a copy of each object.
    """

    prefix: str
    format: str = JSON
    delimiter: str = ","
    nulls: tuple[str, ...] = ("",)
    trim: bool = False
    vanished: str = REMOVE


@dataclass(frozen=True)
class Column:
    """A field of the source and its type in the table, spelled as in the Glue Data Catalog.

    `aliases` are other names of the field, such as older ones. `formats` are Spark's datetime patterns of a
    `date` (by default `yyyy-MM-dd`) or `timestamp` (ISO 8601), tried in this order. `required`: every object
    must have the field, and every row a value. `text`: JSON that writes its numbers as text. `from_name`
    takes the value from the name of the object, not from the row: a regular expression with one group. A
    part of the key must have a value, unless it is `nullable`.
    """

    name: str
    type: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    text: bool = False
    from_name: str = ""
    nullable: bool = False

    @property
    def table_name(self) -> str:
        return table_name(self.name)

    @property
    def names(self) -> tuple[str, ...]:
        """What the source may call it: its name, then the aliases."""
        return (self.name, *self.aliases)

    @property
    def is_nested(self) -> bool:
        return "<" in self.type

    @property
    def is_text_in_source(self) -> bool:
        """A date is read as text: Spark would drop the whole record if only its date is wrong."""
        return self.text or self.type in TEMPORAL or bool(self.from_name)

    @property
    def is_decimal(self) -> bool:
        return self.type.startswith("decimal")

    @property
    def source_type(self) -> str:
        """The type that a value is read by: text for a date, also inside, and more decimals for a decimal."""
        if self.is_text_in_source:
            return "string"
        return _TEMPORAL_INSIDE.sub("string", self.exact_type)

    @property
    def text_type(self) -> str:
        """The type that a value is read by where its numbers are texts, too."""
        return _NUMBER_TYPE.sub("string", self.source_type)

    @property
    def exact_type(self) -> str:
        """The type with decimals that keep what a `decimal(p,s)` would round, so that it can be seen."""
        return _DECIMAL.sub(_exact, self.type)


@dataclass(frozen=True)
class Partition:
    """A partition key of the table, derived from a date of the key by a pattern: `month` as `yyyy-MM`.

    A partition is one file, which a run replaces as a whole. Choose the pattern so that a partition holds
    some thousand rows at least, and some 10 million at most.
    """

    name: str
    field: str
    pattern: str


@dataclass(frozen=True)
class Unnested:
    """A table of its own for the elements of arrays of structures: one row for each element.

    Its columns are the key and the `carried` columns of the row, `label` with the name of the array, and the
    fields of the structure. The arrays must have the same type.
    """

    name: str
    columns: tuple[str, ...]
    label: str
    carried: tuple[str, ...] = ()


@dataclass(frozen=True)
class NamedQuery:
    """An Athena statement that shows what the table is good for; deployed as a named query of Athena."""

    title: str
    sql: str


@dataclass(frozen=True)
class Description:
    """One table of the lake: where it comes from, what a row is, what a good row is, how to query it.

    `key` names the source fields that identify a row. Of two rows with the same key the table keeps the one
    with the greater `version` (a field). Without a version, or if both are equal, it keeps the row of the
    object whose name sorts last, and within one object the later line. `subset` names the fields that
    `--areas` is compared with. `keep` is a SQL condition on table columns: rows that do not meet it are
    filtered out. `max_rejected` is the share of a run's rows that may be rejected before the run fails,
    `max_removed` the share of the table's rows that a run may remove.
    `history` keeps each change of a row in the table `<name>_history`. `make run` ends with the first of
    `queries`; the report of a run shows the `charts`.
    """

    name: str
    description: str
    source: Source
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    queries: tuple[NamedQuery, ...]
    partition: Partition | None = None
    version: str = ""
    subset: tuple[str, ...] = ()
    keep: str = ""
    expectations: tuple[Expectation, ...] = ()
    rules: tuple[TableRule, ...] = ()
    max_rejected: float = 0.2
    max_removed: float = 0.2
    history: bool = False
    unnested: tuple[Unnested, ...] = ()
    charts: tuple[Chart, ...] = ()

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def types(self) -> dict[str, str]:
        """The type of each of the table's columns."""
        return {column.table_name: column.type for column in self.columns}

    @property
    def table_columns(self) -> tuple[str, ...]:
        return tuple(column.table_name for column in self.columns)

    def is_required(self, column: Column) -> bool:
        """Whether a row must have a value in the column."""
        return column.required or (column.name in self.key and not column.nullable)

    @property
    def key_columns(self) -> tuple[str, ...]:
        return tuple(self.column(name).table_name for name in self.key)

    @property
    def schema(self) -> str:
        """The table's columns as Spark's DDL, without the partition key."""
        return ", ".join(f"`{column.table_name}` {column.type}" for column in self.columns)

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table that the data set may have in the catalog; a table without rows is not there."""
        history = [f"{self.name}_history"] if self.history else []
        return (self.name, *(one.name for one in self.unnested), *history, f"{self.name}_quarantine")

    def fingerprint(self, areas: Collection[str]) -> str:
        """Changes whenever rows that are in the lake already would be read, judged or kept differently."""
        description = asdict(self)
        for without_effect in ("description", "queries", "charts", "rules", "max_rejected", "max_removed"):
            del description[without_effect]
        description["columns"] = [
            {_STORED_NAMES.get(name, name): value for name, value in column.items()}
            for column in description["columns"]
        ]
        content = json.dumps([TABLE_VERSION, description, sorted(areas)], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()
