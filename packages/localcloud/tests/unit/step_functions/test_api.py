"""What a cloud that was killed finds of its executions when it starts again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import stepfunctions

from localcloud.step_functions import api

_ARN = "arn:aws:states:us-east-2:000000000000:execution:m:{}"


def _record(name: str, status: str) -> dict[str, Any]:
    events = [
        {"id": 1, "type": "ExecutionStarted", "timestamp": "2026-01-02T03:04:05.678Z", "previousEventId": 0}
    ]
    return {"executionArn": _ARN.format(name), "name": name, "status": status, "events": events}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """ministack's module with our functions in it, as it was before afterwards."""
    for name in [name for name in vars(stepfunctions) if name.startswith("_") and not name.startswith("__")]:
        monkeypatch.setattr(stepfunctions, name, getattr(stepfunctions, name))
    api._StepFunctions(stepfunctions).plug_in()
    yield stepfunctions
    stepfunctions.reset()


def test_an_execution_that_ran_has_failed_and_its_history_says_so(service: Any) -> None:
    running, done = _record("running", "RUNNING"), _record("done", "SUCCEEDED")
    service.load_persisted_state({"executions": {one["executionArn"]: one for one in (running, done)}})
    assert (running["status"], running["error"]) == ("FAILED", "States.ServiceRestart")
    assert [event["type"] for event in running["events"]] == ["ExecutionStarted", "ExecutionFailed"]
    assert (running["events"][-1]["id"], running["events"][-1]["previousEventId"]) == (2, 1)
    assert "stopped while the execution was running" in running["cause"]
    assert (done["status"], len(done["events"])) == ("SUCCEEDED", 1)


def test_loading_twice_records_the_end_once(service: Any) -> None:
    record = _record("twice", "RUNNING")
    for _ in range(2):
        service.load_persisted_state({"executions": {record["executionArn"]: record}})
    assert [event["type"] for event in record["events"]] == ["ExecutionStarted", "ExecutionFailed"]
