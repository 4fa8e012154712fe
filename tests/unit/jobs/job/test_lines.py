"""How objects may be written, and which of two rows with one key is kept."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.jobs.world import ENGLAND, SCOTLAND, WALES, World, hospital

pytestmark = pytest.mark.usefixtures("compiled")

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_byte_order_marks_line_ends_of_windows_and_gzip_are_read(world: World) -> None:
    windows = world.publish("2022-12-06.json", [])
    rows = [json.dumps(hospital(code, 1, "2022-12-06")) for code in (ENGLAND, SCOTLAND)]
    windows.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(rows).encode() + b"\r\n\r\n")
    packed = world.publish("2022-12-07.json.gz", [])
    packed.write_bytes(gzip.compress(json.dumps(hospital(WALES, 2)).encode()))

    result = world.run()

    assert (result.rows_read, result.rows_quarantined) == (3, 0)
    assert world.rows("areacode") == [(ENGLAND,), (SCOTLAND,), (WALES,)]


def test_of_rows_with_one_key_the_latest_line_counts_whichever_task_reads_it(
    world: World, spark: SparkSession
) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, number) for number in range(1, 200)])
    world.publish("2022-12-06.json", [hospital(ENGLAND, 1000), hospital(SCOTLAND, 1000)])
    spark.conf.set("spark.sql.files.maxPartitionBytes", "500")
    try:
        assert world.run().rows_duplicate == 199
    finally:
        spark.conf.unset("spark.sql.files.maxPartitionBytes")
    assert world.rows() == [(ENGLAND, "2022-12-07", 199), (SCOTLAND, "2022-12-07", 1000)]
