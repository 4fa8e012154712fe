"""TestState with a mock, as boto3 sends and reads it: no role, no service, numbers as numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from rigs.steps import task

TASK = task(
    "aws-sdk:dynamodb:getItem",
    Parameters={"TableName": "meters", "Key": {"id": {"S.$": "$.id"}}},
    Retry=[{"ErrorEquals": ["DynamoDb.DynamoDbException"], "IntervalSeconds": 3, "MaxAttempts": 2}],
    Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.why", "Next": "Late"}],
    Next="Done",
)
MAP = {
    "Type": "Map",
    "ItemsPath": "$.meters",
    "ToleratedFailurePercentage": 50,
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
        "StartAt": "Read",
        "States": {"Read": {**TASK, "Next": "Late"}, "Late": {"Type": "Succeed"}},
    },
    "End": True,
}


@pytest.fixture(scope="module")
def states(cloud: LocalCloud) -> Any:
    client = cloud.client("stepfunctions")
    client.meta.config.inject_host_prefix = False  # AWS answers on a host of its own, sync-states
    return client


def test_a_task_is_unit_tested_without_role_and_service(states: Any) -> None:
    def answered(mock: dict[str, Any], **fields: Any) -> Any:
        return states.test_state(definition=json.dumps(TASK), input='{"id": "7"}', mock=mock, **fields)

    found = answered({"result": json.dumps({"Item": {"level": {"N": "3"}}})})
    assert (found["status"], found["nextState"]) == ("SUCCEEDED", "Done")
    assert json.loads(found["output"]) == {"Item": {"level": {"N": "3"}}}
    error = {"errorOutput": {"error": "DynamoDb.DynamoDbException", "cause": "busy"}}
    again = answered(error, stateConfiguration={"retrierRetryCount": 1}, inspectionLevel="DEBUG")
    details = {"retryIndex": 0, "retryBackoffIntervalSeconds": 6}
    assert (again["status"], again["inspectionData"]["errorDetails"]) == ("RETRIABLE", details)
    caught = answered(error, stateConfiguration={"retrierRetryCount": 2})
    assert (caught["status"], caught["nextState"]) == ("CAUGHT_ERROR", "Late")


def test_a_map_is_unit_tested_without_its_iterations(states: Any) -> None:
    answer = states.test_state(
        definition=json.dumps(MAP),
        input=json.dumps({"meters": [7, 8]}),
        mock={"result": "[1, 2]"},
        stateConfiguration={"mapIterationFailureCount": 1},
        inspectionLevel="DEBUG",
    )
    assert (answer["status"], answer["output"]) == ("SUCCEEDED", "[1, 2]")
    seen = answer["inspectionData"]
    assert (seen["toleratedFailurePercentage"], seen["maxConcurrency"]) == (50.0, 0)
    assert json.loads(seen["afterItemsPath"]) == [7, 8]


def test_a_mock_that_the_service_would_not_return_is_refused(states: Any) -> None:
    with pytest.raises(ClientError, match="Field 'N' must be a string") as error:
        states.test_state(
            definition=json.dumps(TASK),
            input='{"id": "7"}',
            mock={"result": json.dumps({"Item": {"level": {"N": 3}}})},
        )
    assert error.value.response["Error"]["Code"] == "ValidationException"
