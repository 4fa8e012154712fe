"""The state of an environment, read and never changed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from covidlake.run import status
from tests.unit.covidlake.run.conftest import OUTPUTS, Stubs

START = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)
MACHINE = OUTPUTS["StateMachineArn"]


def execution(name: str, **more: Any) -> dict[str, Any]:
    arn = f"{MACHINE.replace('stateMachine', 'execution')}:{name}"
    head = {"executionArn": arn, "stateMachineArn": MACHINE, "name": name}
    return {**head, "status": "RUNNING", "startDate": START, **more}


def table(name: str, **more: Any) -> dict[str, Any]:
    storage = {"Columns": [{"Name": "a"}, {"Name": "b"}], "Location": f"s3://lake/{name}/"}
    return {"Name": name, "StorageDescriptor": storage, **more}


def test_executions_tables_and_crawler_are_shown(stubs: Stubs) -> None:
    ended = execution("today", status="SUCCEEDED", stopDate=START + timedelta(seconds=90))
    stubs("stepfunctions").add_response(
        "list_executions",
        {"executions": [execution("now"), ended]},
        {"stateMachineArn": MACHINE, "maxResults": 10},
    )
    glue = stubs("glue")
    tables = [
        table("plain"),
        table("parted", PartitionKeys=[{"Name": "month"}], Parameters={"recordCount": "7"}),
        table("projected", PartitionKeys=[{"Name": "month"}], Parameters={"projection.enabled": "true"}),
    ]
    glue.add_response("get_tables", {"TableList": tables}, {"DatabaseName": "covid_lake_dev"})
    partitions = {"Partitions": [{"Values": ["2022-11"]}, {"Values": ["2022-12"]}]}
    expected = {"DatabaseName": "covid_lake_dev", "TableName": "parted", "ExcludeColumnSchema": True}
    glue.add_response("get_partitions", partitions, expected)
    crawl = {"Status": "SUCCEEDED", "StartTime": START}
    crawler = {"Name": "covid-lake-dev", "State": "READY", "LastCrawl": crawl}
    glue.add_response("get_crawler", {"Crawler": crawler}, {"Name": "covid-lake-dev"})
    found = status.status("dev")
    assert found.executions == [
        ["now", "RUNNING", "2026-01-01 03:00:00", None],
        ["today", "SUCCEEDED", "2026-01-01 03:00:00", "90.0"],
    ]
    assert found.tables == [
        ["plain", "2", None, None, "s3://lake/plain/"],
        ["parted", "2", "2", "7", "s3://lake/parted/"],
        ["projected", "2", None, None, "s3://lake/projected/"],
    ]
    content = json.loads(status.to_json(found))
    assert content["tables"][1]["rows"] == "7"
    assert content["executions"][0] == {
        "name": "now",
        "status": "RUNNING",
        "started": "2026-01-01 03:00:00",
        "seconds": None,
    }
    assert found.crawler == "covid-lake-dev: READY, last crawl SUCCEEDED at 2026-01-01 03:00:00"


def test_a_new_stack_has_nothing_yet(stubs: Stubs) -> None:
    stubs("stepfunctions").add_response("list_executions", {"executions": []})
    stubs("glue").add_response("get_tables", {"TableList": []})
    stubs("glue").add_response("get_crawler", {"Crawler": {"Name": "covid-lake-dev"}})
    found = status.status("dev")
    assert (found.executions, found.tables) == ([], [])
    assert found.crawler == "covid-lake-dev: READY, never ran"
