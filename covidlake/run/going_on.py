"""What is said when a command is interrupted that follows an execution: it goes on without the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from covidlake.base.errors import CovidLakeError
from covidlake.base.progress import Progress
from covidlake.run import execution
from covidlake.ship.stack import stack


@contextmanager
def said(environment: str, name: str, progress: Progress) -> Iterator[None]:
    """After Ctrl-C in the block, say how to follow and to stop the execution of this name, if any."""
    try:
        yield
    except KeyboardInterrupt:
        if line := _line(environment, name):
            progress(line)
        raise


def _line(environment: str, name: str) -> str:
    try:
        machine = stack.find(environment).outputs["StateMachineArn"]
        status = execution.status_of(machine, name)
    except (ClientError, BotoCoreError, CovidLakeError):
        return f"whether execution {name} goes on is not known: covidlake status {environment}"
    if status in execution.RUNNING:
        return (
            f"execution {name} goes on; to follow it: covidlake ingest {environment} --follow {name}; "
            f"to stop it: covidlake stop {environment} {name}"
        )
    return f"execution {name} is {status}" if status else ""
