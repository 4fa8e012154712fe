"""What the analysis of one statement knows and collects."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.trino.positions import place
from localcloud.athena.sql.trino.syntax import START
from localcloud.athena.sql.trino.types import Type, to_duckdb


@dataclass(frozen=True)
class Typed:
    """DuckDB's SQL of an expression, and Trino's type of its value."""

    sql: str
    kind: Type


@dataclass(frozen=True)
class Source:
    """What a table reference stands for: a relation of DuckDB and its columns; hidden ones are in no `*`."""

    sql: str
    columns: list[tuple[str, Type]]
    hidden: list[tuple[str, Type]] = field(default_factory=list)


@dataclass(frozen=True)
class PythonFunction:
    """A function of Python that the SQL calls: to be registered with DuckDB under its name."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[Type, ...]
    returns: Type
    nulls: bool


@dataclass
class Context:
    """One statement: its text, what its tables are, and the Python functions that its SQL calls."""

    sql: str
    bind: Callable[[exp.Table, str], Source]
    database: str = "default"
    functions: dict[Any, PythonFunction] = field(default_factory=dict)
    names: Iterator[int] = field(default_factory=itertools.count)

    def new_name(self, prefix: str) -> str:
        """A name that no column has: DuckDB takes a column for the parameter of a lambda of the same name."""
        return f"__{prefix}{next(self.names)}"

    def where(self, node: exp.Expression) -> str:
        """`line L:C` of a node, by itself or by the first of its parts."""
        if START in node.meta:
            return place(self.sql, node.meta[START])
        starts = [part.meta[START] for part in node.walk() if START in part.meta]
        return place(self.sql, min(starts)) if starts else "line 1:1"

    def error(self, code: str, node: exp.Expression, text: str) -> QueryError:
        return QueryError(f"{code}: {self.where(node)}: {text}")

    def text(self, node: exp.Expression) -> str:
        """An expression as Trino's messages write it."""
        return str(node.sql(dialect="trino", normalize_functions="lower"))

    def python(
        self,
        function: Callable[..., Any],
        arguments: list[Typed],
        returns: Type,
        *,
        key: Any = None,
        nulls: bool = False,
    ) -> str:
        """A call of a Python function on values; `key` tells functions made on the fly apart."""
        kinds = tuple(one.kind for one in arguments)
        known = (key or function, kinds, returns)
        if known not in self.functions:
            name = self.new_name("python_")
            self.functions[known] = PythonFunction(name, function, kinds, returns, nulls)
        shown = ", ".join(f"CAST({one.sql} AS {to_duckdb(one.kind)})" for one in arguments)
        return f"{self.functions[known].name}({shown})"


def register(connection: Any, context: Context) -> None:
    """Make a connection of DuckDB ready for the SQL of a statement."""
    for one in context.functions.values():
        connection.create_function(
            one.name,
            _given(one.function, len(one.arguments), nulls=one.nulls),
            [to_duckdb(kind) for kind in one.arguments],
            to_duckdb(one.returns),
            null_handling="special",
        )


def _given(function: Callable[..., Any], count: int, *, nulls: bool) -> Callable[..., Any]:
    """The function with so many arguments, which DuckDB counts; NULL for any NULL unless it takes them."""

    def call(*given: Any) -> Any:
        return function(*given) if nulls or not any(one is None for one in given) else None

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(f"a{at}", kind) for at in range(count)]
    )
    return call
