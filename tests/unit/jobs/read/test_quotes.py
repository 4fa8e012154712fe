"""Which lines of a CSV lie in a quoted text that began on an earlier line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OUT, IN = False, True
LINES = {
    "two lines": [('a,"b', OUT), ('c"', IN), ("d,e", OUT)],
    "many lines": [('a,"b', OUT), ("c,d", IN), ("", IN), ('"",x', IN), ('e",f', IN), ("g,h", OUT)],
    "ends and begins": [('a,"b', OUT), ("x,y", IN), ('c","d', IN), ("x,y", IN), ('e"', IN)],
    "a lost quote": [('a,"b', OUT), ("c,d", OUT), ('e,"f', OUT), ("g,h", OUT)],
    "quotes in quotes": [('a,"b ""c', OUT), ('""d"" e,f', IN), ('g"""', IN), ("h", OUT)],
    "no quoted text": [('5" of rain,a', OUT), ('24"', OUT), ('"a","b"', OUT)],
    "blanks after it": [('a,"b', OUT), ('c" ,d', IN), ("e,f", OUT)],
}


@pytest.mark.parametrize("delimiter", [",", "|", "\t"])
@pytest.mark.parametrize("block_lines", [1, 2, 100])
def test_the_lines_of_a_text_are_known(spark: SparkSession, delimiter: str, block_lines: int) -> None:
    from ingestion.read.quotes import inside_a_text

    given = [
        (line.replace(",", delimiter), name, number // block_lines * 1000, number, inside)
        for name, lines in LINES.items()
        for number, (line, inside) in enumerate(lines)
    ]
    frame = spark.createDataFrame(
        given[::-1], "_raw string, object string, block int, id int, expected boolean"
    )
    inside = inside_a_text(delimiter, ("object", "block", "id"))
    found = frame.withColumn("inside", inside).collect()
    wrong = [row for row in found if bool(row["inside"]) is not row["expected"]]
    assert not wrong
