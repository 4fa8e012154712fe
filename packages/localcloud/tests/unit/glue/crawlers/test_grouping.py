"""Folders that a crawler makes partitions of."""

from __future__ import annotations

from localcloud.glue.catalog.partition_paths import partition_name
from localcloud.glue.crawlers.grouping import CrawledTable


def test_a_folder_that_insert_named_has_the_key_and_value_that_were_inserted() -> None:
    folder = partition_name(["a:b"], ["10:00 50%"])
    assert folder == "a%3Ab=10%3A00 50%25"
    table = CrawledTable("t/", {(folder, "x=__HIVE_DEFAULT_PARTITION__"): []})
    assert table.partition_keys == ["a:b", "x"]
    assert table.partition_values(next(iter(table.partitions))) == [
        "10:00 50%",
        "__HIVE_DEFAULT_PARTITION__",
    ]


def test_a_plain_folder_is_a_value_as_it_is() -> None:
    table = CrawledTable("t/", {("10%3A00",): []})
    assert (table.partition_keys, table.partition_values(("10%3A00",))) == (["partition_0"], ["10%3A00"])
