"""Which Retry or Catch applies to an error, and how long a retry waits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.step_functions.states.trials import retries
from rigs.trials import thrown, tried

TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "pump"},
    "End": True,
}
RETRY = [
    {"ErrorEquals": ["Pump.Cold"], "MaxAttempts": 0},
    {"ErrorEquals": ["Pump.Stuck"], "IntervalSeconds": 5, "BackoffRate": 3, "MaxAttempts": 4},
]


@pytest.mark.parametrize(
    ("retrier", "count", "seconds"),
    [
        ({}, 0, 1),
        ({}, 2, 4),
        ({}, 3, None),
        ({"MaxAttempts": 0}, 0, None),
        ({"IntervalSeconds": 3, "BackoffRate": 1.5}, 1, 4),
        ({"IntervalSeconds": 60, "MaxDelaySeconds": 100}, 2, 100),
        ({"MaxAttempts": 9999}, 9998, 31_622_400),
        ({"MaxAttempts": 9999, "JitterStrategy": "FULL"}, 3, 8),
    ],
)
def test_a_retry_waits_longer_each_time_until_none_is_left(
    retrier: dict[str, Any], count: int, seconds: int | None
) -> None:
    assert retries.backoff(retrier, count) == seconds


def test_the_first_that_names_the_error_applies() -> None:
    handlers = [{"ErrorEquals": ["A"]}, {"ErrorEquals": ["B", "C"]}, {"ErrorEquals": ["States.ALL"]}]
    assert [retries.applying(handlers, name) for name in ("A", "C", "D")] == [0, 1, 2]
    assert retries.applying(handlers[:2], "D") is None


def test_a_mocked_error_is_retried_as_often_as_it_may_be() -> None:
    state = {**TASK, "Retry": RETRY}

    def answered(count: int) -> tuple[str, dict[str, Any]]:
        answer = tried(state, mock=thrown("Pump.Stuck"), stateConfiguration={"retrierRetryCount": count})
        return answer["status"], answer["inspectionData"]["errorDetails"]

    assert answered(0) == ("RETRIABLE", {"retryIndex": 1, "retryBackoffIntervalSeconds": 5})
    assert answered(3) == ("RETRIABLE", {"retryIndex": 1, "retryBackoffIntervalSeconds": 135})
    assert answered(4) == ("FAILED", {"retryIndex": 1})


def test_an_error_whose_retries_are_used_up_is_caught() -> None:
    catch = [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.why", "Next": "Alarm"}]
    answer = tried(
        {**TASK, "Retry": RETRY, "Catch": catch},
        mock=thrown("Pump.Stuck", "sand"),
        stateConfiguration={"retrierRetryCount": 4},
    )
    assert (answer["status"], answer["nextState"]) == ("CAUGHT_ERROR", "Alarm")
    assert answer["output"]["why"] == {"Error": "Pump.Stuck", "Cause": "sand"}
    assert answer["inspectionData"]["errorDetails"] == {"catchIndex": 0}


def test_the_retries_of_a_given_context_count() -> None:
    context = json.dumps({"State": {"RetryCount": 1}})
    state = {**TASK, "Retry": RETRY}
    answer = tried(state, mock=thrown("Pump.Stuck"), context=context)
    assert answer["inspectionData"]["errorDetails"]["retryBackoffIntervalSeconds"] == 15
    told = tried(
        state, mock=thrown("Pump.Stuck"), context=context, stateConfiguration={"retrierRetryCount": 0}
    )
    assert told["inspectionData"]["errorDetails"]["retryBackoffIntervalSeconds"] == 5
