"""Tables compared by key: what is added, gone and changed, as plain Python finds it too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from covidlake.laptop.preview import compare
from covidlake.laptop.preview.model import TableChange
from covidlake.laptop.preview.parquet_table import ParquetTable

NAN = float("nan")


@pytest.fixture(params=[compare.HASHED_FROM, 0], ids=["by values", "by hash"])
def ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tables are compared value by value, large ones by a hash: the result must be the same."""
    monkeypatch.setattr(compare, "HASHED_FROM", request.param)


def table(folder: Path, name: str, sql: str, partition: str = "") -> ParquetTable:
    """A table in Parquet out of a query."""
    target = folder / name
    with duckdb.connect() as database:
        if partition:
            database.execute(f"COPY ({sql}) TO '{target}' (FORMAT parquet, PARTITION_BY ({partition}))")
        else:
            target.mkdir()
            database.execute(f"COPY ({sql}) TO '{target}/part.parquet'")
    found = ParquetTable.in_folder(target)
    assert found
    return found


def compared(tmp_path: Path, before: str, after: str, key: Sequence[str] = ("k",)) -> TableChange:
    return compare.compare("t", table(tmp_path, "before", before), table(tmp_path, "after", after), key)


def differing(change: TableChange) -> dict[str, int]:
    return {one.name: one.differ for one in change.columns if one.differ}


@pytest.mark.usefixtures("ways")
def test_equal_values_are_equal_also_where_sql_would_not_say_so(tmp_path: Path) -> None:
    sql = (
        "SELECT 1 AS k, 'NaN'::DOUBLE AS x, NULL::INT AS n, 1.50::DECIMAL(10, 2) AS d, "
        "[{'age': '0', 'value': NULL::INT}] AS nested, TIMESTAMP '2022-01-01 00:00:00.5' AS t "
        "UNION ALL SELECT NULL, 0.0, 2, NULL, [], NULL"
    )
    other = sql.replace("0.0, 2", "-0.0, 2")
    change = compared(tmp_path, sql, other)
    assert change.identical
    assert (change.added, change.gone, change.changed) == (0, 0, 0)


@pytest.mark.usefixtures("ways")
def test_each_kind_of_value_that_differs_is_found(tmp_path: Path) -> None:
    before = (
        "SELECT 1 AS k, 1.0::DOUBLE AS x, NULL::INT AS n, 1.50::DECIMAL(10, 2) AS d, "
        "[{'age': '0', 'value': 1}] AS nested, TIMESTAMP '2022-01-01 00:00:00.5' AS t, 'a' AS s, true AS b"
    )
    after = (
        "SELECT 1 AS k, 'NaN'::DOUBLE AS x, 0 AS n, 1.51::DECIMAL(10, 2) AS d, "
        "[{'age': '0', 'value': 2}] AS nested, TIMESTAMP '2022-01-01 00:00:00.6' AS t, 'A' AS s, false AS b"
    )
    change = compared(tmp_path, before, after)
    assert differing(change) == dict.fromkeys("xndtsb", 1) | {"nested": 1}
    assert change.changed == 1
    (number,) = (one for one in change.columns if one.name == "n")
    assert [(one.key, one.before, one.after) for one in number.examples] == [("1", None, "0")]
    assert number.before
    assert number.before.null_share == 1.0


@pytest.mark.usefixtures("ways")
def test_a_column_of_another_type_is_named_and_its_values_compared_as_they_can_be(tmp_path: Path) -> None:
    before = "SELECT k, k AS n, k AS s, k AS gone FROM range(3) t(k)"
    text = "CASE k WHEN 1 THEN 'one' ELSE k::VARCHAR END AS s"
    after = f"SELECT k, k::DOUBLE AS n, {text}, 1 AS new FROM range(3) t(k)"  # noqa: S608
    change = compared(tmp_path, before, after)
    kinds = {one.name: (one.kind, one.before_type, one.after_type) for one in change.columns}
    assert kinds["n"] == ("type", "bigint", "double")
    assert kinds["s"] == ("type", "bigint", "string")
    assert kinds["gone"] == ("gone", "bigint", "")
    assert kinds["new"] == ("added", "", "int")
    assert differing(change) == {"s": 1}


@pytest.mark.usefixtures("ways")
def test_rows_of_one_key_are_matched_in_the_order_of_their_values_and_that_is_said(tmp_path: Path) -> None:
    before = "SELECT * FROM (VALUES (1, 'a'), (1, 'b'), (2, 'c'), (NULL, 'd')) t(k, v)"
    after = "SELECT * FROM (VALUES (1, 'b'), (1, 'a'), (1, 'z'), (2, 'c'), (NULL, 'e')) t(k, v)"
    change = compared(tmp_path, before, after)
    assert change.before
    assert change.after
    assert (change.before.repeated, change.after.repeated) == (1, 1)
    assert (change.added, change.gone, change.changed) == (1, 0, 1)
    assert change.added_keys == ("1",)


def test_a_key_that_one_side_lacks_gives_way_to_all_columns_of_both(tmp_path: Path) -> None:
    change = compared(tmp_path, "SELECT 1 AS a, 2 AS b", "SELECT 1 AS a, 3 AS b, 4 AS k")
    assert change.key == ("a", "b")
    assert (change.added, change.gone) == (1, 1)


def test_partition_keys_are_read_from_the_folders_and_compared(tmp_path: Path) -> None:
    sql = "SELECT k, '2022-0' || k AS month, '2022' AS year FROM range(1, 4) t(k)"
    before = table(tmp_path, "before", sql, "month")
    after = table(tmp_path, "after", sql, "year")
    change = compare.compare("t", before, after, ("k",))
    assert change.before
    assert change.after
    assert (change.before.partition, change.after.partition) == (("month",), ("year",))
    assert change.before.files == 3
    assert change.after.files == 1
    assert not change.identical
    assert not change.changed


def test_a_table_that_one_side_lacks_has_no_rows_compared(tmp_path: Path) -> None:
    there = table(tmp_path, "there", "SELECT 1 AS k")
    gone = compare.compare("t", there, None, ("k",))
    assert gone.after is None
    assert gone.before
    assert gone.before.rows == 1
    assert not gone.identical


Rows = dict[tuple[int, int], tuple[Any, ...]]


def drawn(random: Random) -> Rows:
    choices: list[list[Any]] = [[None, 0.0, 1.5, NAN, -2.25], [None, "", "a", "it's"], [None, 1, 2**40]]
    keys = {(random.randint(0, 9), random.randint(0, 9)) for _ in range(60)}
    return {key: tuple(random.choice(one) for one in choices) for key in keys}


def written(folder: Path, name: str, rows: Rows) -> ParquetTable:
    folder.mkdir(exist_ok=True)
    with duckdb.connect() as database:
        database.execute("CREATE TABLE t (k1 INT, k2 INT, x DOUBLE, s VARCHAR, n BIGINT)")
        database.executemany(
            "INSERT INTO t VALUES (?, ?, ?, ?, ?)", [(*key, *row) for key, row in rows.items()]
        )
        database.execute(f"COPY t TO '{folder}/{name}.parquet'")
    return ParquetTable((folder / f"{name}.parquet",), ())


def same(one: Any, other: Any) -> bool:
    return one == other or (one != one and other != other)


@pytest.mark.usefixtures("ways")
@pytest.mark.parametrize("seed", range(12))
def test_random_tables_differ_as_plain_python_finds(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    before = drawn(random)
    after = {key: row for key, row in before.items() if random.random() < 0.8} | dict(
        list(drawn(random).items())[:20]
    )
    change = compare.compare(
        "t", written(tmp_path, "before", before), written(tmp_path, "after", after), ("k1", "k2")
    )
    both = before.keys() & after.keys()
    assert change.added == len(after.keys() - both)
    assert change.gone == len(before.keys() - both)
    columns = ("x", "s", "n")
    expected = {
        name: sum(not same(before[key][at], after[key][at]) for key in both)
        for at, name in enumerate(columns)
    }
    assert {name: differing(change).get(name, 0) for name in columns} == expected
    assert change.changed == sum(
        any(not same(*pair) for pair in zip(before[key], after[key], strict=True)) for key in both
    )


def test_tables_without_one_column_in_common_have_no_row_in_common(tmp_path: Path) -> None:
    found = compared(tmp_path, "SELECT 1 AS x, 2 AS y", "SELECT unnest([1, 2]) AS z", key=("x",))
    assert (found.added, found.gone, found.changed) == (2, 1, 0)
    assert {one.name: one.kind for one in found.columns} == {"x": "gone", "y": "gone", "z": "added"}
