"""The database and the crawler that fills it."""

from __future__ import annotations

import json
from typing import Any


def test_the_database_is_named_after_the_stack_in_sqls_alphabet(template: dict[str, Any]) -> None:
    name = template["Resources"]["Database"]["Properties"]["DatabaseInput"]["Name"]
    assert name == {"Fn::Join": ["_", {"Fn::Split": ["-", {"Ref": "AWS::StackName"}]}]}


def test_the_crawler_makes_one_table_for_each_data_set_and_no_index(template: dict[str, Any]) -> None:
    """AWS counts the bucket as level 1; an index, made by default, would need glue:CreatePartitionIndex."""
    crawler = template["Resources"]["Crawler"]["Properties"]
    configuration = json.loads(crawler["Configuration"])
    for target in crawler["Targets"]["S3Targets"]:
        levels = target["Path"]["Fn::Sub"].removeprefix("s3://").strip("/").count("/") + 2
        assert configuration["Grouping"]["TableLevelConfiguration"] == levels == 3
    assert configuration["CreatePartitionIndex"] is False
