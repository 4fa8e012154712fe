"""The SQL of descriptions: conditions of one row for Spark, named queries for Athena."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from covidlake.base.errors import DataSetError
from covidlake.dataset import constants

if TYPE_CHECKING:
    from sqlglot import exp

_ROW = "_row"  # the table of a condition: no data set can have this name
# Functions of Spark's SQL that its Python does not have under their name.
_SPARK_ONLY = frozenset(
    """
    bigint binary boolean chr date div double float if int len luhn_check map mod random smallint space string
    timestamp timestampadd timestampdiff tinyint try_cast uuid
    """.split()  # noqa: SIM905 - a list of words reads better as one
)
_PYTHON_ONLY = frozenset(
    ("asc", "broadcast", "bucket", "col", "column", "desc", "expr", "lit", "udf", "udtf")
)
# Functions over several rows, or that make several rows, which sqlglot does not know as such.
_OF_MANY_ROWS = re.compile(
    r"any|count_min_sketch|every|histogram_numeric|hll_(sketch|union)_agg|inline_outer|json_tuple|mean|some|std"
    r"|try_avg|try_sum",
    re.IGNORECASE,
)


def check_condition(sql: str, types: Mapping[str, str], where: str) -> None:
    """Raise `DataSetError` unless the SQL is one expression on a row, and is true or false.

    `types` are those of the table's columns, spelled as in the Glue Data Catalog.
    """
    import sqlglot
    from sqlglot import exp

    try:
        parsed = sqlglot.parse_one(sql, read="spark", into=exp.Condition)
        problem = _beyond_a_row(parsed) or _unknown_function(sql, parsed) or _quoted_column(sql, types)
        typed = None if problem else _typed(parsed, types)
    except sqlglot.errors.SqlglotError as error:
        raise DataSetError(f"{where}: {_first(error)}: correct the SQL") from error
    if typed is not None:
        problem = next(itertools.chain(_problems_of_types(typed, types), constants.problems(typed)), "")
    if problem:
        raise DataSetError(f"{where} {problem}")


def check_query(
    sql: str,
    tables: Collection[str],
    where: str,
    columns: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Raise `DataSetError` unless the SQL is one query of Athena on the tables.

    `columns` says of tables what columns they have. Where it does of all that are asked, names and types are
    checked too, by the code that answers on the laptop; without the local cloud installed, they are not.
    """
    import sqlglot
    from sqlglot import exp

    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # a statement that it cannot parse is refused below
    try:
        trees = [tree for tree in sqlglot.parse(sql, read="athena") if tree and tree.key != "semicolon"]
    except sqlglot.errors.SqlglotError as error:
        raise DataSetError(f"{where}: {_first(error)}: correct the SQL") from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Select | exp.SetOperation):
        raise DataSetError(f"{where} must be one SELECT, or WITH and SELECT: write nothing else")
    named = {cte.alias.lower() for cte in trees[0].find_all(exp.CTE)}
    for table in trees[0].find_all(exp.Table):
        name = table.name.lower().partition("$")[0]  # `name$partitions` is what Athena knows of a table
        if table.db:
            raise DataSetError(
                f"{where} names {table.sql('athena')!r}: databases differ by environment, write {name!r}"
            )
        if name and name not in named and name not in tables:
            raise DataSetError(
                f"{where} asks {name!r}, which is not a table of a data set: correct it, or describe it"
            )
    asked = {table.name.lower() for table in trees[0].find_all(exp.Table)} - named - {""}
    if columns is not None and asked <= columns.keys():
        _check_types(sql, columns, where)


def _check_types(sql: str, columns: Mapping[str, Mapping[str, str]], where: str) -> None:
    """Names, types, functions and syntax by the local cloud's Athena, where it is installed."""
    try:
        from localcloud import lint
    except ImportError:
        return
    try:
        lint.check_query(sql, columns)
    except lint.RefusedQueryError as error:
        raise DataSetError(f"{where}: Athena refuses it: {error}: correct the SQL") from error


def _first(error: Exception) -> str:
    """The first of the parser's errors, in one line."""
    found: list[dict[str, Any]] = getattr(error, "errors", [])
    if found and found[0].get("line"):
        text = f"{found[0]['description']} (line {found[0]['line']}, column {found[0]['col']})"
    else:
        text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    text = re.sub(r"Required keyword: .*?>", "a part is missing", text)
    return " ".join(text.split()).rstrip(".")


def _quoted_column(sql: str, types: Mapping[str, str]) -> str:
    """A name in double quotes, which is a text to Spark, although it is a name in other dialects."""
    from sqlglot.dialects.spark import Spark
    from sqlglot.tokens import TokenType

    for token in Spark().tokenize(sql):
        is_text = token.token_type == TokenType.STRING and sql[token.start] == '"'
        if is_text and token.text.lower() in map(str.lower, types):
            return f'has "{token.text}" in double quotes, a text and no column to Spark: write it without'
    return ""


def _beyond_a_row(parsed: exp.Expression) -> str:
    from sqlglot import exp

    for node in parsed.find_all(exp.Query, exp.Window, exp.Func, exp.Any):
        if isinstance(node.parent, exp.Like | exp.ILike):
            continue  # `like any` looks at one row
        name = node.name if isinstance(node, exp.Anonymous) else node.key
        plain = isinstance(node, exp.Func) and not isinstance(node, exp.AggFunc | exp.UDTF)
        if not plain or _OF_MANY_ROWS.fullmatch(name):
            return f"goes beyond its own row with {node.sql('spark')!r}: compare the columns of one row"
    for sign in parsed.find_all(exp.Star, exp.Placeholder, exp.Parameter):
        return f"has a {sign.sql('spark')!r}, which has no meaning here: write a column or a value"
    return ""


def _unknown_function(sql: str, parsed: exp.Expression) -> str:
    """Check names as they are written: sqlglot knows functions of other dialects, which Spark does not."""
    from sqlglot import exp
    from sqlglot.dialects.spark import Spark
    from sqlglot.tokens import TokenType

    called = [node.name for node in parsed.find_all(exp.Anonymous)]
    for token, following in itertools.pairwise(Spark().tokenize(sql)):
        if (token.token_type, following.token_type) == (TokenType.VAR, TokenType.L_PAREN):
            called.append(token.text)
    known = _functions() if called else ()
    unknown = [name for name in called if known and name.lower() not in known]
    return f"calls {unknown[0]!r}, which is not a function of Spark: correct it" if unknown else ""


@cache
def _functions() -> frozenset[str]:
    """Spark's functions by name; empty where pyspark is not installed."""
    try:
        from pyspark.sql import functions
    except ImportError:
        return frozenset()
    return (frozenset(dir(functions)) - _PYTHON_ONLY) | _SPARK_ONLY


def _typed(parsed: exp.Expression, types: Mapping[str, str]) -> exp.Expression:
    """The condition with the types that sqlglot can infer; each known column belongs to the table _ROW."""
    from sqlglot import exp
    from sqlglot.optimizer.annotate_types import annotate_types
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.schema import MappingSchema

    schema = MappingSchema({_ROW: dict(types)}, dialect="spark")
    query = qualify(
        exp.select(exp.alias_(parsed, "condition")).from_(_ROW),
        schema=schema,
        dialect="spark",
        validate_qualify_columns=False,
        quote_identifiers=False,
    )
    return annotate_types(query, schema=schema, dialect="spark").selects[0].unalias()


def _problems_of_types(typed: exp.Expression, types: Mapping[str, str]) -> Iterator[str]:
    from sqlglot import exp

    for column in typed.find_all(exp.Column):
        if column.table != _ROW:
            name = column.sql("spark")
            yield f"uses {name!r}, which is not a column of the table: name one of {', '.join(types)}"
    variables = _variables(typed)
    for dot in typed.find_all(exp.Dot):
        owner = variables.get(dot.this.name) if isinstance(dot.this, exp.Identifier) else dot.this.type
        fields = _fields(owner)
        if fields is not None and dot.expression.name.lower() not in fields:
            path = dot.sql("spark").removeprefix(f"{_ROW}.")
            yield f"uses {path!r}, which is not a field: name one of {', '.join(fields) or 'the columns'}"
    for compared in typed.find_all(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE):
        kinds = {_kind(compared.left), _kind(compared.right)}
        if kinds == {"time", "number"}:
            yield f"compares a time with a number in {_plain(compared)!r}: write it as date '2020-01-31'"
    joined = typed.find_all(exp.And, exp.Or, exp.Not)
    for part in (typed, *(part for node in joined for part in node.iter_expressions())):
        if part.type and not part.is_type("boolean", "unknown", "null"):
            kind = part.type.sql("spark")
            yield f"uses {_plain(part)!r} as a condition, but its type is {kind}: write a comparison"


def _variables(typed: exp.Expression) -> dict[str, exp.DataType]:
    """The variables of lambdas that are elements of a column, as the x of `exists(column, x -> ...)`."""
    from sqlglot import exp

    found = {}
    for one in typed.find_all(exp.Lambda):
        call = one.parent
        array = call.this if isinstance(call.this, exp.Expression) else call.expressions[0]
        if len(one.expressions) == 1 and not isinstance(call, exp.Reduce) and array.is_type("array"):
            found[one.expressions[0].name] = array.type.expressions[0]
    return found


def _fields(kind: exp.DataType | None) -> tuple[str, ...] | None:
    """The fields of a struct, or of the structs in an array; None where the type is not known."""
    while kind and kind.is_type("array"):
        kind = kind.expressions[0] if kind.expressions else None
    if kind is None or kind.is_type("unknown", "map"):
        return None
    return tuple(field.name.lower() for field in kind.expressions) if kind.is_type("struct") else ()


def _kind(node: exp.Expression) -> str:
    from sqlglot import exp

    if node.is_type(*exp.DataType.TEMPORAL_TYPES):
        return "time"
    return "number" if node.is_type(*exp.DataType.NUMERIC_TYPES) else ""


def _plain(node: exp.Expression) -> str:
    return str(node.sql("spark")).replace(f"{_ROW}.", "")
