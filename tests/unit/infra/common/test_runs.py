from __future__ import annotations

import json
from typing import Any

import pytest

from infra.common import names, runs


@pytest.fixture(params=["template", "segmentation"])
def resources(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.getfixturevalue(request.param)["Resources"]
    return found


def test_the_table_is_where_the_function_writes_its_rows(resources: dict[str, Any]) -> None:
    given = resources[runs.TITLE]["Properties"]
    assert given["DatabaseName"] == {"Ref": "Database"}
    assert given["TableInput"]["Name"] == "runs"
    place = given["TableInput"]["StorageDescriptor"]["Location"]["Fn::Sub"]
    assert place == "s3://${LakeBucket}/executions/"


def test_no_crawler_looks_at_it(resources: dict[str, Any]) -> None:
    crawled = [
        target["Path"]["Fn::Sub"]
        for one in resources.values()
        if one["Type"] == "AWS::Glue::Crawler"
        for target in one["Properties"]["Targets"].get("S3Targets", [])
    ]
    assert crawled
    assert not [path for path in crawled if names.EXECUTIONS_PREFIX.startswith(path.rpartition("}/")[2])]


def test_athena_computes_the_partitions(resources: dict[str, Any]) -> None:
    given = resources[runs.TITLE]["Properties"]["TableInput"]
    (key,) = given["PartitionKeys"]
    assert given["Parameters"]["projection.enabled"] == "true"
    assert f"projection.{key['Name']}.range" in given["Parameters"]


def test_the_function_may_not_touch_the_catalog(resources: dict[str, Any]) -> None:
    policies = json.dumps(resources["WatchFunctionRole"]["Properties"]["Policies"])
    assert "Table" not in policies
