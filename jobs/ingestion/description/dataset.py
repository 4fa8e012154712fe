"""What a description in `datasets` is made of. Knows nothing of Spark, S3 or any one data set."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection
from dataclasses import asdict, dataclass

from ingestion.description.rules import Expectation, TableRule
from ingestion.errors import InvalidDescriptionError

# A change of the code that alters what a table holds raises this, so that every table is rebuilt once.
TABLE_VERSION = 3

JSON = "json"
CSV = "csv"
FORMATS = (JSON, CSV)
REMOVE = "remove"
KEEP = "keep"
WHOLE_TABLE = ""  # the one partition of a table without a partition key
TEMPORAL = ("date", "timestamp")
ISO_DATE = "yyyy-MM-dd"
CORRUPT = "_corrupt"  # what the reader of JSON calls the text of a line that is no record
HISTORY_COLUMNS = {"change": "string", "superseded_at": "timestamp", "superseded_by": "string"}


def table_name(name: str) -> str:
    """A field's name as a column of the table: `Alpha-2 code` becomes `alpha_2_code`, `Fläche` `flache`."""
    plain = re.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFKD", name))
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_") or "column"


@dataclass(frozen=True)
class Source:
    """Where the objects lie below the source root, such as `uk_covid/json/`, and what they are made of.

    `format` is `json` (JSON Lines) or `csv` (UTF-8, the first line names the columns; each object may have a
    header of its own). Objects whose name ends in `.gz` are gzip. `nulls` are the texts that stand for no
    value in a CSV. `vanished` says what becomes of the rows of an object that is gone: `remove`, or `keep`,
    for which a copy of each object is kept in the lake.
    """

    prefix: str
    format: str = JSON
    delimiter: str = ","
    nulls: tuple[str, ...] = ("",)
    vanished: str = REMOVE


@dataclass(frozen=True)
class Column:
    """A field of the source and its type in the table, spelled as in the Glue Data Catalog.

    `formerly` are older names of the field. `formats` are Spark's datetime patterns of a `date` (by default
    `yyyy-MM-dd`) or `timestamp` (ISO 8601), tried in this order. `required`: every object must have it and
    every row a value. `text`: JSON that writes its numbers as text. `from_name` takes the value not from the
    row but from the name of its object: a regular expression with one group. A part of the key must have a
    value, unless it `may_be_empty`.
    """

    name: str
    type: str
    required: bool = False
    formerly: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    text: bool = False
    from_name: str = ""
    may_be_empty: bool = False

    @property
    def table_name(self) -> str:
        return table_name(self.name)

    @property
    def names(self) -> tuple[str, ...]:
        """What the source may call it, the present name first."""
        return (self.name, *self.formerly)

    @property
    def is_nested(self) -> bool:
        return "<" in self.type

    @property
    def is_text_in_source(self) -> bool:
        """A date is read as text: Spark would drop the whole record where only its date is wrong."""
        return self.text or self.type in TEMPORAL or bool(self.from_name)

    @property
    def source_type(self) -> str:
        return "string" if self.is_text_in_source else self.type


@dataclass(frozen=True)
class Partition:
    """A partition key of the table, derived from a date of the key by a pattern: `month` as `yyyy-MM`.

    A partition is one file, which a run replaces as a whole: choose it so that one holds at most some 10
    million rows, and at least some thousands.
    """

    name: str
    field: str
    pattern: str


@dataclass(frozen=True)
class Unnested:
    """A table of its own for the elements of arrays of structures: one row for each element.

    It has the key and the `carried` columns of the row, in `label` the name of the array, then the fields of
    the structure. The arrays must be of one type.
    """

    name: str
    columns: tuple[str, ...]
    label: str
    carried: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """An Athena statement that shows what the table is good for; deployed as a named query."""

    title: str
    sql: str


@dataclass(frozen=True)
class DataSet:
    """One table of the lake: where it comes from, what a row is, what a good row is, what to ask of it.

    `key` names the source fields that identify a row. Of two rows with one key the table keeps the one with
    the greater `version` (a field); without one, or where it is equal, the one of the object whose name sorts
    last, and of one object the later line. `subset` names the fields that `--areas` is compared with; `keep`
    is a SQL condition on table columns: rows for which it does not hold are filtered out. `max_rejected` is
    the share of a run's rows that may be rejected before it fails. `history` keeps each change of a row in
    the table `<name>_history`. The first of `questions` is asked at the end of `make run`.
    """

    name: str
    description: str
    source: Source
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    questions: tuple[Question, ...]
    partition: Partition | None = None
    version: str = ""
    subset: tuple[str, ...] = ()
    keep: str = ""
    expectations: tuple[Expectation, ...] = ()
    rules: tuple[TableRule, ...] = ()
    max_rejected: float = 0.2
    history: bool = False
    unnested: tuple[Unnested, ...] = ()

    def __post_init__(self) -> None:
        from ingestion.description.problems import problems

        for problem in problems(self):
            line = problem.replace("\n", "\\n")  # a name or a pattern may hold one
            raise InvalidDescriptionError(f"data set `{self.name}`: {line}")

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
        """Whether a row without a value in the column is none."""
        return column.required or (column.name in self.key and not column.may_be_empty)

    @property
    def key_columns(self) -> tuple[str, ...]:
        return tuple(self.column(name).table_name for name in self.key)

    @property
    def schema(self) -> str:
        """The table's columns as Spark's DDL, without the partition key."""
        return ", ".join(f"`{column.table_name}` {column.type}" for column in self.columns)

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table that the data set may have in the catalog; those without rows are not there."""
        history = [f"{self.name}_history"] if self.history else []
        return (self.name, *(one.name for one in self.unnested), *history, f"{self.name}_quarantine")

    def fingerprint(self, areas: Collection[str]) -> str:
        """Changes whenever rows that are in the lake already would be read, judged or kept differently."""
        description = asdict(self)
        for without_effect in ("description", "questions", "rules", "max_rejected"):
            del description[without_effect]
        content = json.dumps([TABLE_VERSION, description, sorted(areas)], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()
