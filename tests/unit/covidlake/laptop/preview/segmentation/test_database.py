"""The result in the database as a table that can be compared: every value, in its type."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from covidlake.laptop.database.access import Access
from covidlake.laptop.preview.compare import compare
from covidlake.laptop.preview.parquet_table import ParquetTable
from covidlake.laptop.preview.segmentation import database
from localcloud.rds import postgres
from localcloud.rds.postgres import ADMIN, HOST

MADE = """
CREATE SCHEMA segmentation; CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE segmentation.base (customer_id bigint PRIMARY KEY, segment_name text, monetary numeric(18,2),
    feels mood, seen timestamp with time zone, run_id text, written_at timestamptz, gone_at timestamptz);
INSERT INTO segmentation.base VALUES
    (1, '', 1.50, 'good', '2026-01-01T00:00:00Z', 'r', now(), NULL),
    (2, NULL, NULL, NULL, NULL, 'r', now(), NULL),
    (3, E'a,"b"\nc', 3, 'bad', NULL, 'r', now(), NULL),
    (4, 'gone', 4, 'bad', NULL, 'r', now(), now());
"""


@pytest.fixture(scope="module")
def access(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Access]:
    with postgres.running(tmp_path_factory.mktemp("database") / "server") as server:
        with server.connect() as made:
            made.execute(MADE)
        password = (server.folder / "password").read_text()
        yield Access(HOST, server.port, "postgres", ADMIN, password)


def test_rows_are_exported_with_their_values_and_types(access: Access, tmp_path: Path) -> None:
    database.export(access, "base", tmp_path / "result")
    with duckdb.connect() as duck:
        found = duck.read_parquet(str(tmp_path / "result" / "rows.parquet"))
        assert found.columns == ["customer_id", "segment_name", "monetary", "feels", "seen", "gone_at"]
        kept = found.order("customer_id").project("customer_id, segment_name, monetary, feels")
        rows, seen = kept.fetchall(), found.filter("customer_id = 1").project("epoch(seen)").fetchall()
    assert rows == [
        (1, "", Decimal("1.50"), "good"),
        (2, None, None, None),
        (3, 'a,"b"\nc', Decimal("3.00"), "bad"),
    ]
    assert seen == [(datetime(2026, 1, 1, tzinfo=UTC).timestamp(),)]


def test_a_copy_has_the_same_rows_and_what_is_not_there_is_nothing(access: Access, tmp_path: Path) -> None:
    database.copy(access, "base", "upgrade")
    for name in ("base", "upgrade"):
        database.export(access, name, tmp_path / name)
    sides = [ParquetTable.in_folder(tmp_path / name) for name in ("base", "upgrade")]
    assert compare("result", *sides, ("customer_id",)).identical
    database.copy(access, "none", "never")
    database.export(access, "never", tmp_path / "never")
    assert ParquetTable.in_folder(tmp_path / "never") is None
