"""What is said of columns fits together: each is made of columns that the step before makes or extracts."""

from __future__ import annotations

import tables
from segmentation.join import job as join
from segmentation.lineage import columns
from segmentation.lineage.columns import CUSTOMERS, SEGMENTS, WRITE_BACK
from segmentation.segment import job as segment
from segmentation.write_back.target import COLUMNS


def test_the_join_reads_what_customers_are_made_of() -> None:
    assert columns.inputs(CUSTOMERS) == sorted(join.INPUTS)
    used = {source for one in columns.of(CUSTOMERS) for source in one.sources}
    assert {(table, column) for table, column in used if column not in join.INPUTS[table]} == set()
    assert set(join.INPUTS) <= set(tables.names())


def test_segments_and_the_result_are_made_of_the_table_before() -> None:
    assert columns.inputs(SEGMENTS) == [segment.SOURCE]
    assert columns.inputs(WRITE_BACK) == [segment.NAME]
    for table, before in ((SEGMENTS, CUSTOMERS), (WRITE_BACK, SEGMENTS)):
        there = {one.column for one in columns.of(before)}
        assert {name for one in columns.of(table) for _, name in one.sources} <= there
    assert [one.column for one in columns.of(WRITE_BACK)] == list(COLUMNS)


def test_an_extracted_table_is_made_by_no_step() -> None:
    assert columns.of("sales_orders") == []
    assert columns.inputs("sales_orders") == []
