"""The table `runs`, where the function of an older version has made it before the template declares it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.common import runs
from localcloud.cloud import LocalCloud
from tests.e2e.ingestion.stack import IngestionStack

NAME = "covid-lake-older"


@pytest.fixture(scope="module")
def stack(cloud: LocalCloud) -> IngestionStack:
    deployed = IngestionStack(cloud, NAME)
    deployed.deploy(without=runs.TITLE, Environment="older")
    return deployed


def of_function(stack: IngestionStack) -> dict[str, Any]:
    """The entry as the function made it."""
    text = json.dumps(runs.table().to_dict()["Properties"]["TableInput"])
    parsed: dict[str, Any] = json.loads(text)
    parsed["StorageDescriptor"]["Location"] = f"s3://{stack.lake}/executions/"
    return parsed


def reasons(stack: IngestionStack) -> str:
    events = stack.cloud.client("cloudformation").describe_stack_events(StackName=NAME)["StackEvents"]
    return " ".join(
        one.get("ResourceStatusReason", "") for one in events if one["LogicalResourceId"] == runs.TITLE
    )


def test_an_upgrade_waits_until_the_entry_is_deleted_and_keeps_the_rows(stack: IngestionStack) -> None:
    glue, database = stack.cloud.client("glue"), stack.outputs["DatabaseName"]
    glue.create_table(DatabaseName=database, TableInput=of_function(stack))
    row = {"execution": "before", "status": "SUCCEEDED"}
    stack.s3.put_object(
        Bucket=stack.lake, Key="executions/month=2026-11/before.json", Body=json.dumps(row) + "\n"
    )
    assert stack.update(Environment="older") == "UPDATE_ROLLBACK_COMPLETE"
    assert "AlreadyExists" in reasons(stack)
    assert glue.get_table(DatabaseName=database, Name=runs.TABLE)["Table"]["Name"] == runs.TABLE
    glue.delete_table(DatabaseName=database, Name=runs.TABLE)
    assert stack.update(Environment="older") == "UPDATE_COMPLETE"
    found = stack.query("SELECT execution FROM runs WHERE month = '2026-11'")
    assert found == [{"execution": "before"}]
