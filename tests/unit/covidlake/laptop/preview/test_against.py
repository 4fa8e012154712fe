"""The real lake is compared by its schema and statistics: no row and no text of one is asked for."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from covidlake.base import project
from covidlake.base.errors import DataSetError
from covidlake.laptop.preview import against, gate
from covidlake.laptop.preview.lake import Lake
from covidlake.laptop.preview.model import Preview
from covidlake.run.query import Answer

NAME = "country_codes"
MADE = "SELECT 'GBR' AS alpha_3_code, 826 AS numeric_code, 54.0::DOUBLE AS latitude, 'x' AS new"
LAKE = (
    "SELECT * FROM (VALUES ('GBR', 826::BIGINT, 54.0::DOUBLE), ('FRA', 250, NULL)) "
    "t(alpha_3_code, numeric_code, latitude)"
)
TYPES = {"alpha_3_code": "string", "numeric_code": "bigint", "latitude": "double"}


class Glue:
    exceptions = SimpleNamespace(EntityNotFoundException=KeyError)

    def get_table(self, **where: str) -> dict[str, Any]:
        columns = [{"Name": name, "Type": kind} for name, kind in TYPES.items()]
        return {where["Name"]: {"Table": {"StorageDescriptor": {"Columns": columns}}}}[NAME]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Athena was asked, which DuckDB answers; the lake of head is in a folder."""
    folder = tmp_path / "clean" / NAME
    folder.mkdir(parents=True)
    statements: list[str] = []
    with duckdb.connect() as database:
        database.execute(f"COPY ({MADE}) TO '{folder}/part.parquet'")

    def query(_environment: str, sql: str) -> Answer:
        statements.append(sql)
        with duckdb.connect() as database:
            database.execute(f"CREATE VIEW {NAME} AS {LAKE}")
            (row,) = database.execute(sql).fetchall()
        return Answer([], [[None if cell is None else str(cell) for cell in row]], 0, "")

    monkeypatch.setattr(against.query, "query", query)
    monkeypatch.setattr(against.aws, "client", lambda _service: Glue())
    monkeypatch.setattr(against.stack, "find", lambda _name: SimpleNamespace(outputs={"DatabaseName": "d"}))
    (tmp_path / "runs" / NAME).mkdir(parents=True)
    (tmp_path / "runs" / NAME / "preview-head.json").write_text('{"status": "LOADED", "rows_read": 1}')
    monkeypatch.setattr(against, "_made", lambda *_: Lake(tmp_path, "head"))
    return statements


@pytest.fixture
def found(asked: list[str]) -> Preview:
    return against.against("dev", [NAME], "sample", print)


def test_columns_counts_and_ranges_of_numbers_are_compared(found: Preview) -> None:
    (table,) = found.data_sets[0].tables
    assert table.before
    assert table.after
    assert (table.before.rows, table.after.rows) == (2, 1)
    kinds = {one.name: (one.kind, one.before_type, one.after_type) for one in table.columns if one.kind}
    assert kinds == {"numeric_code": ("type", "bigint", "int"), "new": ("added", "", "string")}
    columns = {one.name: one for one in table.columns}
    latitude = columns["latitude"].before
    assert latitude
    assert (latitude.null_share, latitude.low, latitude.high) == (0.5, "54.0", "54.0")
    assert "the lake of dev" in found.base
    assert gate.judge(found)


def test_no_text_of_a_row_is_asked_for(found: Preview, asked: list[str]) -> None:
    (statement,) = asked
    assert 'min("alpha_3_code")' not in statement
    assert "*" not in statement.replace("count(*)", "")
    (table,) = found.data_sets[0].tables
    (text,) = (one for one in table.columns if one.name == "alpha_3_code")
    assert text.before
    assert text.after
    assert (text.before.low, text.after.low) == (None, None)


def test_an_unknown_data_set_is_named(asked: list[str]) -> None:
    with pytest.raises(DataSetError, match=f"{NAME}"):
        against.against("dev", ["country_code"], "sample", print)
    assert (project.JOBS / "datasets" / f"{NAME}.py").is_file()
