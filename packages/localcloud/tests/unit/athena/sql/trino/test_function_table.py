"""Which of Trino's functions is handled by whom: the table in the repository is what the engines answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from localcloud.athena.sql.trino import function_table, macros
from localcloud.athena.sql.trino.functions import TRINO_FUNCTIONS


def handlers() -> dict[str, function_table.Row]:
    return {row.name: row for row in function_table.rows()}


def test_every_function_of_trino_was_asked() -> None:
    assert set(handlers()) == TRINO_FUNCTIONS


def test_the_table_is_current() -> None:
    committed = Path(function_table.__file__).with_suffix(".md").read_text(encoding="utf-8")
    assert committed == f"{function_table.table()}\n"


@pytest.mark.parametrize(
    ("name", "handler", "becomes"),
    [
        ("date_format", "sqlglot", "STRFTIME(x, y)"),
        ("date_parse", "sqlglot", "STRPTIME(x, y)"),
        ("format_datetime", "rewriter", "date_patterns.format_datetime"),
        ("date_trunc", "rewriter", "rewriters._date_trunc"),
        ("map_filter", "rewriter", "rewriters._map_filter"),
        ("url_extract_host", "macro", ""),
        ("count", "DuckDB as it is", ""),
        ("xxhash64", "refused", ""),
    ],
)
def test_who_handles_a_function(name: str, handler: str, becomes: str) -> None:
    assert handlers()[name] == (name, handler, becomes)


def test_no_macro_is_hidden_by_a_translation() -> None:
    defined = re.findall(r"^CREATE MACRO (\w+)\(", macros.MACROS, re.MULTILINE)
    named = {name for name in defined if not name.startswith(("trino_", "hive_"))}
    assert named == {name for name, row in handlers().items() if row.handler == function_table.MACRO}
