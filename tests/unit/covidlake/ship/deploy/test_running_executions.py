"""What runs in a stack that is destroyed is stopped, and reported."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from covidlake import aws
from covidlake.ship.deploy import running_executions

MACHINE = "arn:aws:states:us-east-2:000000000000:stateMachine:mine"


@pytest.fixture
def machines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client(
        "stepfunctions", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x"
    )
    monkeypatch.setattr(aws, "client", {"stepfunctions": client}.__getitem__)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


MADE = [(running_executions.STATE_MACHINE, MACHINE), ("AWS::Glue::Job", "job")]


@pytest.mark.parametrize(("code", "said"), [("StateMachineDoesNotExist", 0), ("AccessDeniedException", 1)])
def test_executions_that_may_not_be_stopped_are_said(machines: Stubber, code: str, said: int) -> None:
    lines: list[str] = []
    machines.add_client_error("list_executions", code, "no")
    running_executions.stop_executions(MADE, lines.append)
    assert lines == [f"executions of {MACHINE} are not stopped: no"][:said]


def test_each_running_execution_of_a_state_machine_is_stopped(machines: Stubber) -> None:
    arn = f"{MACHINE.replace('stateMachine', 'execution')}:daily"
    running = {
        "executionArn": arn,
        "stateMachineArn": MACHINE,
        "name": "daily",
        "status": "RUNNING",
        "startDate": "2026-01-01T00:00:00Z",
    }
    asked = {"stateMachineArn": MACHINE, "statusFilter": "RUNNING"}
    machines.add_response("list_executions", {"executions": [running]}, asked)
    stopped = {"executionArn": arn, "error": "Destroyed", "cause": running_executions.CAUSE}
    machines.add_response("stop_execution", {"stopDate": "2026-01-01T00:00:00Z"}, stopped)
    lines: list[str] = []
    running_executions.stop_executions(MADE, lines.append)
    assert lines == ["execution daily is stopped: the stack is being destroyed"]
