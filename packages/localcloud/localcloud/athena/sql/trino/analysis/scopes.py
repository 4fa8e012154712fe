"""Which names an expression may use, and what they mean there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlglot import exp

from localcloud.athena.sql.trino.context import Context, Typed
from localcloud.athena.sql.trino.types import Type


@dataclass(frozen=True)
class Column:
    """A column of a FROM clause: `qualifiers` is how it may be called, from the right: table, schema."""

    name: str
    value: Typed
    qualifiers: tuple[str, ...] = ()
    hidden: bool = False


@dataclass
class Grouping:
    """The keys of a GROUP BY, as DuckDB's SQL, and the columns met that are none of them."""

    keys: frozenset[str]
    violations: list[exp.Expression] = field(default_factory=list)


@dataclass(frozen=True)
class Scope:
    """The names at one place of a statement."""

    context: Context
    columns: tuple[Column, ...] = ()
    outer: Scope | None = None
    variables: dict[str, Typed] = field(default_factory=dict)
    grouping: Grouping | None = None
    clause: str = ""
    """The clause that may not contain aggregates; empty where they may stand."""
    inside_aggregate: bool = False
    outputs: dict[str, Typed] = field(default_factory=dict)
    """The output columns that ORDER BY may name."""
    ctes: dict[str, CommonTable] = field(default_factory=dict)

    def with_variables(self, variables: dict[str, Typed]) -> Scope:
        return replace(self, variables={**self.variables, **variables})

    def find(self, parts: list[str]) -> tuple[Scope, list[Column], int] | None:
        """Columns that the longest prefix of a dotted name means, and how many parts it took."""
        for taken in range(len(parts), 0, -1):
            *qualifiers, name = parts[:taken]
            found = [column for column in self.columns if _means(column, name, qualifiers)]
            if found:
                return self, found, taken
        return self.outer.find(parts) if self.outer else None


def _means(column: Column, name: str, qualifiers: list[str]) -> bool:
    if column.name.lower() != name.lower() or len(qualifiers) > len(column.qualifiers):
        return False
    wanted = [one.lower() for one in reversed(qualifiers)]
    return wanted == [one.lower() for one in column.qualifiers[: len(wanted)]]


@dataclass(frozen=True)
class CommonTable:
    """A query of a WITH: the name of its relation in DuckDB, and its columns."""

    sql: str
    columns: tuple[tuple[str, Type], ...]


@dataclass(frozen=True)
class Output:
    """One column of a query's result: `name` is empty where none was given."""

    name: str
    kind: Type


@dataclass(frozen=True)
class Compiled:
    """A query in DuckDB's SQL; its columns are c0, c1, ... there."""

    sql: str
    outputs: list[Output]
