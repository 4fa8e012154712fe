"""Trino's SQL to DuckDB's: sqlglot does the dialect, this module what sqlglot cannot know."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.trino.functions import is_trino_function
from localcloud.athena.sql.trino.positions import function_calls

UNNAMED = "__unnamed_"
JODA = {
    "yyyy": "%Y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "dd": "%d", "HH": "%H", "hh": "%I",
    "mm": "%M", "ss": "%S", "SSS": "%g", "EEEE": "%A", "EEE": "%a", "a": "%p", "d": "%-d", "M": "%-m",
}  # fmt: skip
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def parse(sql: str) -> exp.Expression:
    """Parse one statement of Trino's SQL; SYNTAX_ERROR with the place of what was not understood."""
    try:
        trees = [tree for tree in sqlglot.parse(sql, read="athena") if tree is not None]
    except ParseError as error:
        raise _syntax_error(error) from error
    except TokenError as error:
        raise QueryError(f"SYNTAX_ERROR: line 1:1: {str(error).splitlines()[0]}") from error
    if len(trees) == 1 and isinstance(trees[0], exp.Values):
        return _rows_as_select(trees[0])
    if len(trees) != 1:
        raise QueryError(f"SYNTAX_ERROR: line 1:1: one statement is expected, {len(trees)} were found")
    return trees[0]


def _rows_as_select(values: exp.Values) -> exp.Expression:
    """A statement that is nothing but VALUES: its columns are _col0, _col1, ..."""
    width = len(values.expressions[0].expressions) if isinstance(values.expressions[0], exp.Tuple) else 1
    names = [exp.to_identifier(f"{UNNAMED}{index}", quoted=True) for index in range(width)]
    values.set("alias", exp.TableAlias(this=exp.to_identifier("rows"), columns=names))
    return exp.select("*").from_(values)


def _syntax_error(error: ParseError) -> QueryError:
    found = error.errors[0] if error.errors else {}
    word = found.get("highlight") or "<EOF>"
    line, column = found.get("line") or 1, found.get("col") or 1
    start = max(1, column - len(word) + 1)
    return QueryError(
        f"SYNTAX_ERROR: line {line}:{start}: mismatched input '{word}'. {found.get('description', '')}"
    )


def require_known_functions(sql: str) -> None:
    for name, where in function_calls(sql):
        if not is_trino_function(name):
            raise QueryError(f"FUNCTION_NOT_FOUND: {where}: Function '{name}' not registered")


def tables_of(tree: exp.Expression) -> list[exp.Table]:
    """The tables that the catalog must know: every reference but those to a WITH of this query."""
    found = [table for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]
    return [table for table in found if table.db or not _is_cte(table)]


def _is_cte(table: exp.Table) -> bool:
    inside: set[str] = set()
    node: exp.Expression | None = table.parent
    while node is not None:
        if isinstance(node, exp.CTE):
            inside.add(node.alias.lower())
        clause = node.args.get("with_") or node.args.get("with")
        if clause is not None:
            names = {one.alias.lower() for one in clause.expressions}
            recursive = bool(clause.args.get("recursive"))
            if table.name.lower() in (names if recursive else names - inside):
                return True
        node = node.parent
    return False


def point_to(table: exp.Table, view: str) -> None:
    """Let a table reference mean a DuckDB view, under the name that the query knows it by."""
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))
    if not alias.this:
        alias.set("this", exp.to_identifier(table.name, quoted=True))
    for part in ("db", "catalog"):
        table.set(part, None)
    table.set("this", exp.to_identifier(view, quoted=True))
    table.set("alias", alias)


def name_columns(tree: exp.Expression) -> None:
    """Mark the unnamed columns of the outermost SELECT: Trino calls them _col0, _col1, ..."""
    select = tree
    while isinstance(select, exp.SetOperation | exp.Subquery):
        select = select.this
    if not isinstance(select, exp.Select):
        return
    named = []
    for index, column in enumerate(select.expressions):
        if isinstance(column, exp.Dot):
            named.append(exp.alias_(column, column.expression.name, quoted=True))
        elif isinstance(column, exp.Alias | exp.Star | exp.Column | exp.Aliases):
            named.append(column)
        else:
            named.append(exp.alias_(column, f"{UNNAMED}{index}", quoted=True))
    select.set("expressions", named)


def output_name(name: str, position: int) -> str:
    return f"_col{position}" if name.startswith(UNNAMED) else name


def touched_columns(tree: exp.Expression) -> set[str] | None:
    """Every name that the statement mentions, or None when a star may mean any column."""
    for star in tree.find_all(exp.Star):
        if not isinstance(star.parent, exp.Count):
            return None
    return {name.name.lower() for name in tree.find_all(exp.Identifier)}


def to_duckdb_sql(tree: exp.Expression, map_columns: set[str]) -> str:
    """DuckDB's SQL of a tree whose tables already point to views; the tree is changed.

    `map_columns` names the columns of type map, which UNNEST turns into two columns.
    """
    for column in tree.find_all(exp.Column):
        column.set("db", None)
        column.set("catalog", None)
    tree = tree.transform(_rewrite)
    for unnest in list(tree.find_all(exp.Unnest)):
        _expand_rows(unnest, map_columns)
    return str(tree.sql(dialect="duckdb"))


def _rewrite(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Anonymous):
        rewriter = _FUNCTIONS.get(node.name.lower())
        return rewriter(node.expressions) if rewriter else node
    if isinstance(node, exp.Div) and not node.find_ancestor(exp.Try):
        divisor = exp.Anonymous(this="trino_divisor", expressions=[node.expression])
        return exp.Div(this=node.this, expression=divisor, typed=False, safe=True)
    if isinstance(node, exp.Add | exp.Sub) and isinstance(node.expression, exp.Interval):
        return _plus(node.this, node.expression, negative=isinstance(node, exp.Sub))
    if isinstance(node, exp.DateAdd) and node.args.get("unit"):
        return _date_add(node)
    if isinstance(node, exp.RegexpReplace):
        return _regexp_replace(node)
    if isinstance(node, exp.AtTimeZone) and node.args["zone"].name.upper() != "UTC":
        raise unsupported("a time zone other than UTC")
    if isinstance(node, exp.ParseDatetime):
        pattern = node.args.get("format")
        return _strptime(node.this, pattern.name if isinstance(pattern, exp.Literal) else "")
    if isinstance(node, exp.DateTrunc | exp.TimestampTrunc):
        unit = exp.Literal.string(node.args["unit"].name.lower())
        return exp.Anonymous(this="trino_date_trunc", expressions=[unit, node.this])
    return node


def _regexp_replace(node: exp.RegexpReplace) -> exp.Expression:
    """Trino replaces every match and writes groups as $1; DuckDB needs an option and \\1."""
    replacement = node.args.get("replacement") or exp.Literal.string("")
    if isinstance(replacement, exp.Literal):
        replacement = exp.Literal.string(re.sub(r"\$(\d)", r"\\\1", replacement.name))
    arguments = [node.this, node.expression, replacement, exp.Literal.string("g")]
    return exp.Anonymous(this="regexp_replace", expressions=arguments)


def _strptime(value: exp.Expression, pattern: str) -> exp.Expression:
    if not pattern:
        raise unsupported("parse_datetime with a format that is not a literal")
    return exp.Anonymous(this="strptime", expressions=[value, exp.Literal.string(joda(pattern))])


def _plus(base: exp.Expression, interval: exp.Expression, negative: bool) -> exp.Expression:
    amount = exp.Neg(this=exp.Paren(this=interval)) if negative else interval
    return exp.Anonymous(this="trino_plus", expressions=[base, amount])


def _date_add(node: exp.DateAdd) -> exp.Expression:
    """Trino's date_add keeps a date a date; DuckDB would make it a timestamp."""
    unit = node.args["unit"].name.upper()
    step = exp.Anonymous(
        this="to_milliseconds" if unit == "MILLISECOND" else f"to_{unit.lower()}s",
        expressions=[exp.cast(node.expression, "bigint")],
    )
    if unit == "QUARTER":
        months = exp.Mul(this=exp.Paren(this=node.expression), expression=exp.Literal.number(3))
        step = exp.Anonymous(this="to_months", expressions=[exp.cast(months, "bigint")])
    return exp.Anonymous(this="trino_plus", expressions=[node.this, step])


def joda(pattern: str) -> str:
    """A format of Joda (format_datetime, parse_datetime) as strftime's."""
    out = ""
    for match in re.finditer(r"'(?P<text>[^']*)'|(?P<letters>([A-Za-z])\3*)|(?P<other>[^A-Za-z'])", pattern):
        letters = match["letters"]
        if letters and letters not in JODA:
            raise unsupported(f"the pattern `{letters}` of the date format '{pattern}'")
        out += JODA[letters] if letters else (match["text"] or "") + (match["other"] or "")
    return out


def _format_datetime(arguments: list[exp.Expression]) -> exp.Expression:
    value, pattern = arguments
    if not isinstance(pattern, exp.Literal):
        raise unsupported("format_datetime with a format that is not a literal")
    return exp.Anonymous(this="strftime", expressions=[value, exp.Literal.string(joda(pattern.name))])


def _matches(
    comparison: Callable[[exp.Expression, exp.Expression], exp.Expression],
) -> Callable[..., exp.Expression]:
    def rewrite(arguments: list[exp.Expression]) -> exp.Expression:
        array, predicate = arguments
        found = exp.Anonymous(
            this="len", expressions=[exp.Anonymous(this="list_filter", expressions=[array.copy(), predicate])]
        )
        return exp.Paren(this=comparison(found, exp.Anonymous(this="len", expressions=[array.copy()])))

    return rewrite


def _over_entries(arguments: list[exp.Expression], kind: str) -> exp.Expression:
    """map_filter, transform_keys and transform_values as a list function over the entries of the map."""
    source, function = arguments
    names = [name.name for name in function.expressions]
    body = function.this.copy()
    for name, part in zip(names, ("key", "value"), strict=True):
        entry = exp.Dot(this=exp.to_identifier("entry"), expression=exp.to_identifier(part, quoted=True))
        body = body.transform(
            lambda node, n=name, e=entry: (
                e.copy()
                if isinstance(node, exp.Column | exp.Identifier)
                and node.name == n
                and not isinstance(node.parent, exp.Column)
                else node
            )
        )
    entries = f"map_entries({source.sql('duckdb')})"
    text = body.sql("duckdb")
    shapes = {
        "map_filter": f"list_filter({entries}, lambda entry: {text})",
        "transform_values": f"list_transform({entries}, lambda entry: {{'key': entry.key, 'value': {text}}})",
        "transform_keys": f"list_transform({entries}, lambda entry: {{'key': {text}, 'value': entry.value}})",
    }
    return sqlglot.parse_one(f"map_from_entries({shapes[kind]})", read="duckdb")


_FUNCTIONS: dict[str, Callable[[list[exp.Expression]], exp.Expression]] = {
    "format_datetime": _format_datetime,
    "any_match": _matches(lambda found, _: exp.GT(this=found, expression=exp.Literal.number(0))),
    "all_match": _matches(lambda found, size: exp.EQ(this=found, expression=size)),
    "none_match": _matches(lambda found, _: exp.EQ(this=found, expression=exp.Literal.number(0))),
    "map_filter": lambda arguments: _over_entries(arguments, "map_filter"),
    "transform_values": lambda arguments: _over_entries(arguments, "transform_values"),
    "transform_keys": lambda arguments: _over_entries(arguments, "transform_keys"),
}


def _expand_rows(unnest: exp.Unnest, map_columns: set[str]) -> None:
    """UNNEST of an array of rows, or of a map, gives one column for each field: name them all."""
    alias = unnest.args.get("alias")
    sources = unnest.expressions
    offset = unnest.args.get("offset")
    if alias is None or len(sources) != 1 or offset or len(alias.args.get("columns") or []) < 2:
        return
    source = sources[0]
    is_map = isinstance(source, exp.Map | exp.VarMap | exp.MapFromEntries) or (
        isinstance(source, exp.Column) and source.name.lower() in map_columns
    )
    text = source.sql("duckdb")
    inner = f"map_entries({text})" if is_map else text
    expanded = sqlglot.parse_one(f"SELECT unnest({inner}, max_depth := 2)", read="duckdb")
    unnest.replace(exp.Lateral(this=exp.Subquery(this=expanded), alias=alias.copy()))
