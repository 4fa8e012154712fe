"""Runs of Glue jobs, each to its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.parameters import MAX_TIMEOUT_MINUTES
from infra.common.states.building_blocks import GLUE_ERRORS, for_each, jsonata, retry

# The job's own time-out, GlueTimeoutMinutes, ends a run first: this is its largest value and 15 minutes.
RUN_TIMEOUT_SECONDS = 60 * MAX_TIMEOUT_MINUTES + 900
# How many really go is the job's own MaxConcurrentRuns, by parameter: one too many waits for its turn.
RUNS_AT_A_TIME = 10


def run_job(
    state_id: str, job: str, arguments: Mapping[str, Any], catch: sdk.Catch, **options: Any
) -> sdk.Task:
    """Runs the job of this placeholder to its end.

    A run that failed is not repeated: its cause is in the data or in the code.
    """
    # As many runs go as may: one too many waits for another to end, for an hour on average.
    wait = retry(
        ("Glue.ConcurrentRunsExceededException",), attempts=120, interval_seconds=10, max_delay_seconds=60
    )
    return sdk.Task(
        state_id,
        resource=sdk.resource("glue:startJobRun.sync"),
        arguments={"JobName": f"${{{job}}}", "Arguments": dict(arguments)},
        timeout_seconds=RUN_TIMEOUT_SECONDS,
        retry=[wait, retry(GLUE_ERRORS, interval_seconds=5)],
        catch=[catch],
        **options,
    )


def run_jobs(state_id: str, comment: str, run: Any, failed_as_a_whole: Any) -> sdk.Map:
    """Each of `$jobRuns` by itself, which `run` does; what it did, the run records of its data sets say."""
    return for_each(
        state_id,
        comment,
        "$jobRuns",
        run,
        at_a_time=RUNS_AT_A_TIME,
        assign={"jobRuns": jsonata("$states.result")},
        on_fault=failed_as_a_whole,
    )
