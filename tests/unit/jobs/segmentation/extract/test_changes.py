"""Where a run reads from, and when it reads everything although it need not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from segmentation.description import APPEND, CURSOR, FULL, UPSERT, Table
from segmentation.errors import InvalidDescriptionError
from segmentation.extract.catalog import Relation
from segmentation.extract.changes import FAR, WRAP, Reading, Snapshot, reading
from segmentation.extract.columns import SourceColumn

COLUMNS = (
    SourceColumn("id", "bigint", filled=True),
    SourceColumn("at", "timestamp with time zone"),
    SourceColumn("day", "date"),
)
RELATION = Relation("7", "r", 10, COLUMNS, True, "7", "f1")
ROWS = Table("a", "s", "t", ("id",), UPSERT)
FOLLOWED = Table("a", "s", "t", ("id",), UPSERT, cursor="at", follow=CURSOR)
ADDED = Table("a", "s", "t", ("id",), APPEND, cursor="id")


def read(table: Table, before: dict[str, str], xmin: int = 900, xmax: int = 950, low: str = "L2") -> Reading:
    return reading(table, RELATION, Snapshot("n", xmin, xmax, "now"), before, "db", low)


def position(xmin: int) -> dict[str, str]:
    return {"rule": "row_version", "identity": "db:7:7", "xmin": str(xmin)}


def test_without_a_position_everything_is_read_and_nothing_said() -> None:
    for table in (ROWS, FOLLOWED, ADDED):
        found = read(table, {})
        assert found.complete
        assert not found.why
    assert read(ROWS, {}).position == position(900)


def test_rows_that_may_lack_a_key_are_always_read() -> None:
    loose = replace(RELATION, columns=(replace(COLUMNS[0], filled=False), *COLUMNS[1:]))
    found = reading(ROWS, loose, Snapshot("n", 900, 950, "now"), position(800), "db", "")
    assert found.where == f'({read(ROWS, position(800)).where} or "id" is null)'
    assert reading(ROWS, loose, Snapshot("n", 900, 950, "now"), {}, "db", "").complete


def test_a_full_table_has_no_position() -> None:
    assert read(Table("a", "s", "t", ("id",), FULL), {"rule": "full"}) == Reading("", {"rule": "full"})


def test_row_versions_are_compared_over_the_wrap_of_their_numbers() -> None:
    assert read(ROWS, position(800)).where == f"(xmin::text::bigint - 800 + {WRAP}) % {WRAP} < 150"
    low = 3 * WRAP - 10
    found = read(ROWS, position(low), xmin=3 * WRAP + 4, xmax=3 * WRAP + 5)
    assert found.where == f"(xmin::text::bigint - {WRAP - 10} + {WRAP}) % {WRAP} < 15"
    seen = [
        number
        for number in range(3 * WRAP - 20, 3 * WRAP + 5)
        if (number % WRAP - (WRAP - 10) + WRAP) % WRAP < 15
    ]
    assert seen == list(range(low, 3 * WRAP + 5))


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (position(950 - FAR), "transactions lie between"),
        (position(2000), "transactions lie between"),
        (position(800) | {"identity": "db:7:7,8"}, "another one than before"),
        ({"rule": "append", "last": "3"}, "it followed append before"),
    ],
)
def test_where_numbers_tell_nothing_everything_is_read(before: dict[str, str], why: str) -> None:
    found = read(ROWS, before)
    assert found.complete
    assert why in found.why


def test_a_cursor_is_followed_from_the_oldest_open_transaction() -> None:
    before = {"rule": "cursor", "identity": "db:7:7", "low": "L1"}
    assert read(FOLLOWED, before).where == '("at" >= \'L1\'::timestamptz or "at" is null)'
    assert read(FOLLOWED, before).position["low"] == "L2"
    assert read(FOLLOWED, before | {"low": ""}).why == "a prepared transaction was open at the last run"
    by_day = Table("a", "s", "t", ("id",), UPSERT, cursor="day", follow=CURSOR)
    with pytest.raises(InvalidDescriptionError, match=r"cursor `day` of s\.t is date"):
        read(by_day, before)


def test_an_append_reads_greater_keys() -> None:
    before = {"rule": "append", "last": "3", "identity": "db:7:7:f1"}
    assert read(ADDED, before).where == "\"id\" > '3'::bigint"
    assert read(ADDED, before).position == before
    anew = read(ADDED, before | {"identity": "db:7:7:f0"})  # truncated, say, and filled again
    assert (anew.complete, "made or filled anew" in anew.why) == (True, True)
    assert read(ADDED, position(800)).why == "it followed row_version before"
    assert read(ADDED, {"rule": "append", "last": ""}).why == ""
