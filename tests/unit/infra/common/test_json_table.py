from __future__ import annotations

from infra.common.json_table import json_table


def test_it_is_an_external_table_over_a_prefix_of_the_lake() -> None:
    made = json_table(
        "T", "t", "Rows", "rows/", {"a": "string"}, {"month": "string"}, {"projection.enabled": "true"}
    ).to_dict()["Properties"]["TableInput"]
    assert made["StorageDescriptor"]["Location"] == {"Fn::Sub": "s3://${LakeBucket}/rows/"}
    assert made["StorageDescriptor"]["Columns"] == [{"Name": "a", "Type": "string"}]
    assert made["PartitionKeys"] == [{"Name": "month", "Type": "string"}]
    assert made["Parameters"] == {
        "projection.enabled": "true",
        "EXTERNAL": "TRUE",
        "classification": "json",
    }
