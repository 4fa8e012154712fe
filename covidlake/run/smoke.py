"""`covidlake smoke`: one day of one data set through every state, whatever is new."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from covidlake import aws
from covidlake.base.errors import EnvironmentFileError, IngestionError
from covidlake.environment.pipeline_environment import PipelineEnvironment
from covidlake.run.execution import Execution
from covidlake.run.pipelines.ingestion import Request

ONLY_AFTER_A_FAILURE = "Notify"  # how the names of such states begin


def check_pipeline(environment: str) -> None:
    """Raise `EnvironmentFileError` for a pipeline other than the main one: none has a small part to prove."""
    if not PipelineEnvironment.parse(environment).is_main:
        raise EnvironmentFileError(
            f"environment {environment!r}: a smoke test takes one day of a data set, which only the main "
            f"pipeline has: covidlake ingest {environment} --full goes through every step"
        )


def request(data_set: str) -> Request:
    """The newest day, read and published again, crawled, verified and announced, also if nothing differs."""
    return Request((data_set,), "smoke", "latest")


def check(ended: Execution) -> None:
    """Raise `IngestionError` if a successful execution left a task out that a smoke test has to prove."""
    machine = ended.arn.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    described = aws.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
    passed = {visit.name for visit in ended.visits}
    if missed := [name for name in tasks(json.loads(described["definition"])) if name not in passed]:
        raise IngestionError(
            f"execution {ended.arn.rpartition(':')[2]} succeeded, but did not go through "
            f"{', '.join(missed)}: what these states may do is not proven"
        )


def tasks(definition: Mapping[str, Any]) -> Iterator[str]:
    """The names of the tasks, those inside a Map too, but of those that only a failure leads to."""
    for name, state in definition["States"].items():
        if state["Type"] == "Task" and not name.startswith(ONLY_AFTER_A_FAILURE):
            yield name
        if inner := state.get("ItemProcessor"):
            yield from tasks(inner)
