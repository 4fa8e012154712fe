"""Values as Athena writes them into results."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from localcloud.athena.sql.trino.text_values import athena_type, text, writer


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.5, "1.5"),
        (1e7, "1.0E7"),
        (9999999.0, "9999999.0"),
        (1.25e-5, "1.25E-5"),
        (0.0, "0.0"),
        (float("inf"), "Infinity"),
        (float("nan"), "NaN"),
        (True, "true"),
        ([1, None], "[1, null]"),
        ({"k": 1}, "{k=1}"),
        (b"\x0a\xff", "0a ff"),
        (None, None),
    ],
)
def test_values_as_athena_writes_them(value: Any, written: str | None) -> None:
    assert text(value) == written


def test_rows_are_written_with_the_names_of_their_type() -> None:
    kind = duckdb.sqltype("STRUCT(age VARCHAR, n INTEGER)[]")
    assert writer(kind)([{"Age": "a", "N": None}]) == "[{age=a, n=null}]"
    assert athena_type(kind) == "array"
