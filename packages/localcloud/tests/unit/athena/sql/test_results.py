"""The result object in S3."""

from __future__ import annotations

from localcloud.athena.sql.results import read_rows, result_body
from localcloud.athena.sql.session import Result


def test_a_result_keeps_null_apart_from_the_empty_string() -> None:
    rows: list[list[str | None]] = [["a", None], ["", 'quote " comma, \n line']]
    body = result_body(Result([("x", "varchar"), ("y", "varchar")], rows), "DML").decode()
    assert body.startswith('"x","y"\n"a",\n"",')
    assert read_rows(body, 2, "DML") == [["x", "y"], *rows]
