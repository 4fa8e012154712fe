"""What a description in `datasets` is made of. Knows nothing of Spark, S3 or any one data set."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass

from ingestion.errors import InvalidDescriptionError

# A change of the code that alters what a table holds raises this, so that every table is rebuilt once.
TABLE_VERSION = 1


@dataclass(frozen=True)
class Source:
    """Where the objects lie below the source root, such as `uk_covid/json/`: JSON Lines, plain or gzip."""

    prefix: str


@dataclass(frozen=True)
class Column:
    """A field of the source and its type in the table, spelled as in the Glue Data Catalog.

    The table's column has the same name in lower case. A `date` must be written `YYYY-MM-DD`.
    """

    name: str
    type: str

    @property
    def table_name(self) -> str:
        return self.name.lower()

    @property
    def source_type(self) -> str:
        """A date is read as text: Spark would drop the whole record where only its date is wrong."""
        return "string" if self.type == "date" else self.type


@dataclass(frozen=True)
class Partition:
    """A partition key of the table, derived from a date field by a pattern: `month` as `yyyy-MM`."""

    name: str
    field: str
    pattern: str


@dataclass(frozen=True)
class Expectation:
    """A rule that a row must keep: a SQL condition on table columns, of which NULL counts as kept.

    `reason` is what the quarantine says of a row that breaks it.
    """

    reason: str
    condition: str


@dataclass(frozen=True)
class DataSet:
    """One table of the lake: where it comes from, what a row is, what a good row is, what to ask of it.

    `key` names the source fields that identify a row. Of two rows with one key the table keeps the one of
    the object whose name sorts last, so objects must be named by the date of their publication.
    `subset` names the fields that `--areas` is compared with.
    `question` is one Athena statement that shows what the table is good for.
    """

    name: str
    description: str
    source: Source
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition: Partition
    subset: tuple[str, ...]
    question_title: str
    question: str
    expectations: tuple[Expectation, ...] = ()

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise InvalidDescriptionError(f"data set `{self.name}`: {problem}")

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def fingerprint(self, areas: Collection[str]) -> str:
        """Changes whenever rows that are in the lake already would be read, judged or kept differently."""
        description = asdict(self)
        for prose in ("description", "question_title", "question"):
            del description[prose]
        content = json.dumps([TABLE_VERSION, description, sorted(areas)], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def _problems(self) -> Iterator[str]:
        names = [column.name for column in self.columns]
        table_names = [column.table_name for column in self.columns] + [self.partition.name]
        repeated = {name for name in table_names if table_names.count(name) > 1}
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            yield "a name is a table's name: lower-case letters, digits and underscores"
        if not self.source.prefix.endswith("/"):
            yield f"source prefix `{self.source.prefix}` must end with a slash"
        if repeated:
            yield f"columns {sorted(repeated)} occur twice; a table's columns do not differ by case alone"
        for role, fields in (
            ("key", self.key),
            ("subset", self.subset),
            ("partition", (self.partition.field,)),
        ):
            if unknown := set(fields) - set(names):
                yield f"{role} {sorted(unknown)} is not among the columns"
        if self.partition.field not in self.key or self.column(self.partition.field).type != "date":
            # Otherwise the versions of one row could lie in two partitions, which are rebuilt separately.
            yield f"partition field `{self.partition.field}` must be a date of the key {list(self.key)}"
