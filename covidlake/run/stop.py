"""`covidlake stop`: end an execution; what it published stays, and the next run finishes or repeats it."""

from __future__ import annotations

from covidlake import aws
from covidlake.base.errors import IngestionError
from covidlake.base.nearest import unknown
from covidlake.run import execution, pipelines
from covidlake.ship.stack import stack


def running(environment: str, name: str | None) -> list[str]:
    """The running executions that are meant: the named one, or all.

    Raises `IngestionError` when none of them runs.
    """
    pipelines.of(environment)
    machine = stack.find(environment).outputs["StateMachineArn"]
    there = _running(machine)
    if name is None and there:
        return list(there.values())
    if name in there:
        return [there[name]]
    if name is None:
        raise IngestionError(f"no execution runs in {environment}")
    ended = execution.status_of(machine, name)
    raise IngestionError(f"execution {name} is {ended}" if ended else unknown("execution", name, there))


def _running(machine: str) -> dict[str, str]:
    """The ARNs of a state machine's running executions, by their names."""
    pages = (
        aws.client("stepfunctions")
        .get_paginator("list_executions")
        .paginate(stateMachineArn=machine, statusFilter="RUNNING")
    )
    return {item["name"]: item["executionArn"] for page in pages for item in page["executions"]}


def running_anywhere() -> list[str]:
    """The names of all running executions of the account."""
    pages = aws.client("stepfunctions").get_paginator("list_state_machines").paginate()
    machines = [item["stateMachineArn"] for page in pages for item in page["stateMachines"]]
    return [name for machine in machines for name in _running(machine)]


def stop(arn: str, by: str) -> None:
    """Stop an execution; its Glue job run is stopped with it."""
    aws.client("stepfunctions").stop_execution(
        executionArn=arn, error="Stopped", cause=f"covidlake stop by {by}"
    )
