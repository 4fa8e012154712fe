"""An execution that is redriven goes on where it stopped, with what it had."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from localcloud.plugin import AwsError
from localcloud.step_functions.control.announcing import detail
from localcloud.step_functions.control.redrives import Redrives, redrive_fields
from localcloud.step_functions.states.execution import Run
from localcloud.step_functions.states.resuming import Point
from rigs.executions import PREFIX, new_record

Record = dict[str, Any]
_ROLE = "arn:aws:iam::000000000000:role/r"
# Fails in the first attempt only.
_LATER = "{% $states.context.Execution.RedriveCount = 0 ? $states.input.missing : $states.input.n + $k %}"
MACHINE = {
    "QueryLanguage": "JSONata",
    "StartAt": "First",
    "States": {
        "First": {"Type": "Pass", "Assign": {"k": 40}, "Output": {"n": 2}, "Next": "Second"},
        "Second": {"Type": "Pass", "Output": _LATER, "Next": "Third"},
        "Third": {"Type": "Pass", "End": True},
    },
}


def started(definition: dict[str, Any]) -> Record:
    """The record of an execution after its first attempt."""
    record = new_record(startedWith={"definition": json.dumps(definition), "roleArn": _ROLE})
    Run(record, {"name": "m", **record["startedWith"]}).run()
    return record


def redriven(record: Record, token: str | None = None) -> dict[str, Any]:
    """The answer, once the redrive has ended."""
    ended = threading.Event()

    def go_on(record: Record, point: Point) -> None:
        Run(record, {"name": "m", **record["startedWith"]}, point).run()
        ended.set()

    answer = Redrives(lambda _: True, lambda _: None, go_on).redrive(record, token)
    assert ended.is_set()
    return answer


def types(record: Record) -> list[str]:
    return [event["type"] for event in record["events"]]


def test_a_redrive_goes_on_with_the_input_and_the_variables_of_the_state() -> None:
    record = started(MACHINE)
    assert (record["status"], record["error"]) == ("FAILED", "States.QueryEvaluationError")
    begun = len(record["events"])
    redriven(record)
    assert (record["status"], record["output"], record["error"]) == ("SUCCEEDED", "42", None)
    assert types(record)[begun:] == [
        *("ExecutionRedriven", "PassStateExited", "PassStateEntered", "PassStateExited", "ExecutionSucceeded")
    ]
    assert record["events"][begun]["executionRedrivenEventDetails"] == {"redriveCount": 1}
    assert [event["id"] for event in record["events"]] == list(range(1, len(record["events"]) + 1))
    assert [event["previousEventId"] for event in record["events"][begun:]] == list(range(begun, begun + 5))


@pytest.mark.claim("Step Functions", "supported", "RedriveExecution")
def test_an_execution_tells_of_its_redrives() -> None:
    record = started(MACHINE)
    assert redrive_fields(record) == {"redriveCount": 0, "redriveDate": None, "redriveStatus": "REDRIVABLE"}
    date = redriven(record)["redriveDate"]
    told = redrive_fields(record)
    assert (told["redriveCount"], told["redriveDate"], told["redriveStatus"]) == (1, date, "NOT_REDRIVABLE")
    event = detail(record)
    assert (event["status"], event["redriveCount"], event["output"]) == ("SUCCEEDED", 1, "42")
    assert event["redriveDate"] is not None


def test_an_execution_that_times_out_is_told_as_redrivable() -> None:
    event = detail({**started(MACHINE), "status": "TIMED_OUT"})
    assert (event["redriveStatus"], event["redriveStatusReason"]) == ("REDRIVABLE", None)


def test_what_fails_again_can_be_redriven_again() -> None:
    record = started({"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "E", "Cause": "c"}}})
    for count in (1, 2):
        redriven(record)
        assert (record["status"], record["error"], record["redriveCount"]) == ("FAILED", "E", count)


def test_a_token_that_was_used_starts_no_other_redrive() -> None:
    record = started({"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "E"}}})
    first = redriven(record, "token")
    assert redriven(record, "other")["redriveDate"] == record["redriveDate"]
    assert Redrives(lambda _: True, lambda _: None, lambda *_: None).redrive(record, "token") == first
    assert record["redriveCount"] == 2


def test_what_can_be_redriven_is_said_by_status() -> None:
    assert redrive_fields({"status": "FAILED"})["redriveStatus"] == "REDRIVABLE"
    child = {"status": "FAILED", "mapRunArn": "m"}
    assert redrive_fields(child)["redriveStatus"] == "REDRIVABLE_BY_MAP_RUN"
    reason = redrive_fields({"status": "SUCCEEDED"})["redriveStatusReason"]
    assert reason == "Execution is SUCCEEDED and cannot be redriven"


def test_what_runs_succeeded_or_is_too_old_is_not_redrivable() -> None:
    old = {"status": "FAILED", "stopDate": "2020-01-02T03:04:05.678Z", "events": []}
    for record, reason in (
        ({"status": "RUNNING"}, "Execution is RUNNING and cannot be redriven"),
        ({"status": "SUCCEEDED"}, "Execution is SUCCEEDED and cannot be redriven"),
        (old, "Execution redrivable period exceeded"),
        ({**old, "events": [{}] * 24_999}, "Execution history event limit exceeded"),
    ):
        with pytest.raises(AwsError) as error:
            redriven({"executionArn": f"{PREFIX}:execution:m:e", **record})
        assert (error.value.code, error.value.message) == ("ExecutionNotRedrivable", reason)


@pytest.mark.claim(
    "Step Functions",
    "refused",
    "RedriveExecution of what stopped in a Map or Parallel state, and of map runs",
)
@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Parallel", "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Fail"}}}], "End": True},
        {
            "Type": "Map",
            "Items": [1],
            "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Fail"}}},
            "End": True,
        },
    ],
)
def test_what_stopped_in_parts_is_refused_by_name(state: dict[str, Any]) -> None:
    record = started({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}})
    assert record["status"] == "FAILED"
    with pytest.raises(AwsError, match="localcloud does not support RedriveExecution of an execution that"):
        redriven(record)


def test_one_that_cannot_be_announced_goes_on_all_the_same() -> None:
    record, gone_on = started(MACHINE), threading.Event()

    def fail(_: Record) -> None:
        raise RuntimeError("no bus")

    with pytest.raises(RuntimeError, match="no bus"):
        Redrives(lambda _: True, fail, lambda *_: gone_on.set()).redrive(record, None)
    assert gone_on.is_set()
