"""What still runs in a stack that is to be destroyed: executions are stopped and said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable

STATE_MACHINE = "AWS::StepFunctions::StateMachine"
CAUSE = "the stack is being destroyed"
GONE = {"ExecutionDoesNotExist", "StateMachineDoesNotExist"}


def stop_executions(made: Iterable[tuple[str, str]], progress: Progress) -> None:
    """Stop the running executions of a stack's state machines, given as types and physical ids.

    AWS deletes a state machine only when its executions have ended, and a job that goes on would write into
    a bucket that was emptied. A crawl is stopped by CloudFormation itself.
    """
    for machine in [physical_id for kind, physical_id in made if kind == STATE_MACHINE and physical_id]:
        try:
            _stop_all(machine, progress)
        except ClientError as error:
            if aws.is_denied(error):
                progress(f"executions of {machine} are not stopped: {aws.message(error)}")
            elif error.response["Error"]["Code"] not in GONE:
                raise


def _stop_all(machine: str, progress: Progress) -> None:
    client = aws.client("stepfunctions")
    pages = client.get_paginator("list_executions").paginate(stateMachineArn=machine, statusFilter="RUNNING")
    for running in [one for page in pages for one in page["executions"]]:
        client.stop_execution(executionArn=running["executionArn"], error="Destroyed", cause=CAUSE)
        progress(f"execution {running['name']} is stopped: {CAUSE}")
