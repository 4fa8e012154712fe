"""DuckDB's complaints in Athena's words, with the place in the statement as it was written."""

from __future__ import annotations

import re
from collections.abc import Callable

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.trino.positions import find_name
from localcloud.plugin import refusals

TYPES = {"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint"}
Writer = Callable[[str, re.Match[str]], str]


def explain_failure(sql: str, message: str) -> QueryError:
    """The error of a statement that DuckDB refused."""
    first = message.split("\n")[0]
    for pattern, write in RULES:
        if match := re.match(pattern, first):
            return QueryError(write(sql, match))
    return QueryError(f"GENERIC_USER_ERROR: {first}")


def _column(sql: str, match: re.Match[str]) -> str:
    path = [part for part in match.groups() if part]
    return (
        f"COLUMN_NOT_FOUND: {find_name(sql, *path)}: Column '{'.'.join(path)}' cannot be resolved or "
        "requester is not authorized to access requested resources"
    )


def _lacking(sql: str, match: re.Match[str]) -> str:
    where, name = find_name(sql, match[1]), match[1].lower()
    sentence = refusals.not_supported(f"the function '{name}'")
    return f"NOT_SUPPORTED: {where}: {sentence}"


def _not_grouped(sql: str, match: re.Match[str]) -> str:
    return (
        f"EXPRESSION_NOT_AGGREGATE: {find_name(sql, match[1])}: '{match[1]}' must be an aggregate expression "
        "or appear in GROUP BY clause"
    )


def _ambiguous(sql: str, match: re.Match[str]) -> str:
    return f"AMBIGUOUS_NAME: {find_name(sql, match[1])}: Column '{match[1]}' is ambiguous"


def _arguments(sql: str, match: re.Match[str]) -> str:
    where, name = find_name(sql, match[1]), match[1].lower()
    return f"FUNCTION_NOT_FOUND: {where}: Unexpected parameters ({match[2].lower()}) for function {name}"


def _cast(_sql: str, match: re.Match[str]) -> str:
    target = TYPES.get(match[2], match[2].lower())
    return f"INVALID_CAST_ARGUMENT: Cannot cast '{match[1]}' to {target}"


def _near(sql: str, match: re.Match[str]) -> str:
    return f"SYNTAX_ERROR: {find_name(sql, match[1])}: mismatched input '{match[1]}'"


RULES: tuple[tuple[str, Writer], ...] = (
    (
        r"Invalid Input Error: Python exception occurred while executing the UDF: \w+: (.*)",
        lambda _, match: match[1],
    ),
    (
        r"Conversion Error: Type INT128 with value (-?\d+) .*INT64",
        lambda _, match: f"NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow: {match[1]}",
    ),
    (
        r"Conversion Error: Type (\w+) with value (.+?) can't be cast .*type (\w+)",
        lambda _, match: (
            f"INVALID_CAST_ARGUMENT: Out of range for {TYPES.get(match[3], match[3].lower())}: {match[2]}"
        ),
    ),
    (
        r"(?:Conversion|Invalid Input|Out of Range) Error: (?:Could not cast value|Casting value \"?)(.*)",
        lambda _, match: f"INVALID_CAST_ARGUMENT: Cannot cast {match[1]}",
    ),
    (r'Binder Error: Referenced column "(.+?)" (?:was )?not found', _column),
    (r'Binder Error: (?:Table|Values list) "(.+?)" does not have a column named "(.+?)"', _column),
    (r'Binder Error: Referenced table "(.+?)" not found', _column),
    (r'Catalog Error: (?:\w+ )*Function with name "?(\w+)"? does not exist', _lacking),
    (r'Binder Error: column "(.+?)" must appear in the GROUP BY', _not_grouped),
    (r'Binder Error: Ambiguous reference to column name "(.+?)"', _ambiguous),
    (r"Invalid Input Error: ((?:DIVISION_BY_ZERO|HIVE_BAD_DATA).*)", lambda _, match: match[1]),
    (r"Conversion Error: Could not convert string '(.*)' to (\w+)", _cast),
    (
        r"""Binder Error: (?:No function matches|Could not choose)[^'"]*['"]([^('"]+)\((.*?)\)['"]""",
        _arguments,
    ),
    (r"Out of Range Error: (.*)", lambda _, match: f"NUMERIC_VALUE_OUT_OF_RANGE: {match[1]}"),
    (r'(?:Parser|Syntax) Error: syntax error at or near "(.+?)"', _near),
    (r"(?:Parser|Binder|Syntax|Catalog) Error: (.*)", lambda _, match: f"SYNTAX_ERROR: line 1:1: {match[1]}"),
)
