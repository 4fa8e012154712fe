"""Which partitions are replaced and which are removed, against moto; without Spark."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

import datasets
from ingestion.state.ledger import Ledger
from ingestion.state.places import Places
from ingestion.state.publish import Change
from ingestion.state.storage import Prefix, Storage, StoredObject
from ingestion.write import replacement
from ingestion.write.staged import Staged

UK = datasets.load("uk_covid")
PLACES = Places.of(UK, Prefix("source"), Prefix("lake"), "run-1")
MAIN = PLACES.main
FILE = StoredObject("part-0.parquet", "1", 1)
STAGED = Staged({"2022-12": 3}, {"month=2022-12/": FILE}, Counter(), frozenset({"2022-12"}))


def put(s3: Any, *keys: str) -> None:
    for key in keys:
        s3.put_object(Bucket="lake", Key=key, Body=b"rows")


@pytest.mark.parametrize(
    ("affected", "gone"),
    [(None, {"2022-10", "2022-11"}), (frozenset({"2022-11", "2022-12"}), {"2022-11"}), (frozenset(), set())],
)
def test_a_rebuilt_partition_without_rows_is_gone(
    s3: Any, affected: frozenset[str] | None, gone: set[str]
) -> None:
    put(s3, *(f"{MAIN.folder.key}month=2022-{month}/a.parquet" for month in (10, 11, 12)))
    assert replacement.gone(Storage(), MAIN, STAGED, affected) == gone


def test_the_main_table_changes_where_it_differs_and_where_it_has_no_rows_left() -> None:
    found = list(replacement.of_main(MAIN, STAGED, {"2022-12", "2022-10"}, {"2022-11"}))
    assert found == [Change.of(MAIN, "2022-11", None), Change.of(MAIN, "2022-12", FILE)]


def test_a_table_beside_it_loses_a_changed_partition_that_has_no_rows(s3: Any) -> None:
    table = PLACES.unnested[0]
    put(s3, f"{table.folder.key}month=2022-11/a.parquet", f"{table.folder.key}month=2022-10/a.parquet")
    put(s3, f"{table.staging.key}month=2022-12/b.parquet")
    found = replacement.of_side(Storage(), table, ["2022-11", "2022-12", "2021-01"], {"2022-12": 2})
    assert [(one.partition, one.staged is None) for one in found] == [
        ("month=2022-11/", True),
        ("month=2022-12/", False),
    ]


def test_tables_and_folders_that_are_described_no_more_are_removed(s3: Any) -> None:
    dropped = replace(MAIN, name="uk_covid_by_sex")
    put(s3, f"{MAIN.folder.key}day=2022-12-07/a.parquet", f"{dropped.folder.key}month=2022-12/a.parquet")
    ledger = Ledger(others={"uk_covid_by_sex": {"2022-12": 1}, "uk_covid_by_age": {"2022-12": 1}})
    found = list(replacement.outdated(Storage(), PLACES, UK, ledger))
    assert found == [
        Change(MAIN.place, "day=2022-12-07/", None),
        Change(dropped.place, "month=2022-12/", None),
    ]
