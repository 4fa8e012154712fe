"""Which executions are stopped."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from covidlake.base.errors import IngestionError
from covidlake.run import stop
from tests.unit.covidlake.run.conftest import OUTPUTS, Stubs

MACHINE = OUTPUTS["StateMachineArn"]
EXECUTIONS = MACHINE.replace(":stateMachine:", ":execution:")
AT = datetime(2026, 1, 1, 3, tzinfo=UTC)


def execution(name: str, status: str = "RUNNING") -> dict[str, object]:
    arn = f"{EXECUTIONS}:{name}"
    return {"executionArn": arn, "stateMachineArn": MACHINE, "name": name, "status": status, "startDate": AT}


def running_are(stubs: Stubs, *names: str) -> None:
    found = {"executions": [execution(name) for name in names]}
    asked = {"stateMachineArn": MACHINE, "statusFilter": "RUNNING"}
    stubs("stepfunctions").add_response("list_executions", found, asked)


def test_all_that_run_are_meant_or_the_named_one(stubs: Stubs) -> None:
    running_are(stubs, "a", "b")
    assert stop.running("dev", None) == [f"{EXECUTIONS}:a", f"{EXECUTIONS}:b"]
    running_are(stubs, "a", "b")
    assert stop.running("dev", "b") == [f"{EXECUTIONS}:b"]


def test_all_that_run_are_found_in_whichever_state_machine(stubs: Stubs) -> None:
    machine = {"stateMachineArn": MACHINE, "name": "m", "type": "STANDARD", "creationDate": AT}
    stubs("stepfunctions").add_response("list_state_machines", {"stateMachines": [machine, machine]})
    running_are(stubs, "a")
    running_are(stubs, "b")
    assert stop.running_anywhere() == ["a", "b"]


def test_what_does_not_run_is_not_stopped(stubs: Stubs) -> None:
    running_are(stubs)
    with pytest.raises(IngestionError, match="no execution runs in dev"):
        stop.running("dev", None)
    running_are(stubs, "today")
    stubs("stepfunctions").add_response("describe_execution", execution("older", "SUCCEEDED"))
    with pytest.raises(IngestionError, match="execution older is SUCCEEDED"):
        stop.running("dev", "older")
    running_are(stubs, "today")
    stubs("stepfunctions").add_client_error("describe_execution", "ExecutionDoesNotExist")
    with pytest.raises(IngestionError, match=r"no execution 'todai': did you mean today\?"):
        stop.running("dev", "todai")


def test_an_execution_says_who_stopped_it(stubs: Stubs) -> None:
    asked = {"executionArn": "arn:aws:states:x", "error": "Stopped", "cause": "covidlake stop by me"}
    stubs("stepfunctions").add_response("stop_execution", {"stopDate": AT}, asked)
    stop.stop("arn:aws:states:x", "me")
