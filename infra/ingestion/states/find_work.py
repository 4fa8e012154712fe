"""Look before anything is started: which data sets have news, and which job runs they take."""

from __future__ import annotations

from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.states.building_blocks import LAMBDA_ERRORS, TIMEOUT, items, jsonata, retry, task, text
from infra.common.states.outcomes import all_failed
from infra.common.states.run_records import RUN_ID

# Beyond the function's own time-out, so that Lambda is the one to say what took so long.
TIMEOUT_SECONDS = 330
UNAVAILABLE = "FindWorkUnavailableError"  # raised by the function when AWS is throttled or down

_LOGS = text("CloudWatch Logs group /aws/lambda/${StackName}-find-work")
# The function says what failed; where to look is known here.
_WHERE = f"{{'state': 'FindWork', 'logs': {_LOGS}}}"
_FOUND = (
    "$map($states.result.Payload.data_sets, function($one) { $exists($one.failure) "
    f"? $merge([$one, {{'failure': $merge([$one.failure, {_WHERE}])}}]) : $one }})"
)


def find_work(on_failure: Any) -> sdk.Task:
    """`dataSets` has each with a `run`, a `failure` or neither: those are in one of the `jobRuns`."""
    return task(
        "FindWork",
        "lambda:invoke",
        {
            "FunctionName": "${FindWorkFunction}",
            "Payload": {
                "datasets": jsonata("$datasets"),
                "run_id": jsonata(RUN_ID),
                "load_mode": jsonata("$mode"),
                "from_date": jsonata("$from"),
                "to_date": jsonata("$to"),
                "allow_removal": jsonata("$allowRemoval"),
            },
        },
        timeout_seconds=TIMEOUT_SECONDS,
        retries=[retry((*LAMBDA_ERRORS, UNAVAILABLE, TIMEOUT), attempts=4)],
        on_failure=on_failure,
        logs=_LOGS,
        assign={
            "dataSets": jsonata(items(_FOUND)),
            "jobRuns": jsonata("$states.result.Payload.job_runs"),
        },
        comment="Compare each source with its ledger, in seconds and without Spark",
    )


def every_data_set_failed(then: Any) -> sdk.Pass:
    """Where nobody could look, no data set is ingested: each of them failed."""
    return all_failed("FindWorkFailed", "Nothing is known of any data set, so each of them has failed", then)


def work_found(run_jobs: Any, otherwise: Any) -> sdk.Choice:
    """Start job runs only where there is something to read."""
    choice = sdk.Choice("WorkFound", comment="Nothing to read: no job run")
    choice.add_choice(sdk.Condition(jsonata("$count($jobRuns) > 0")), run_jobs)
    choice.default_choice(otherwise)
    return choice
