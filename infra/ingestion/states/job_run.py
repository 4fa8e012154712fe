"""The Glue job runs, and the run record that each data set leaves."""

from __future__ import annotations

from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.names import RUNS_PREFIX
from infra.common.states.building_blocks import (
    GLUE_ERRORS,
    S3_ERRORS,
    TIMEOUT,
    caught_failure,
    for_each,
    jsonata,
    retry,
    text,
)
from infra.ingestion.parameters import MAX_TIMEOUT_MINUTES
from infra.ingestion.states.find_work import RUN_ID

# Counts of the run record that become part of the outcome.
COUNTS = (
    "objects_read",
    "rows_read",
    "rows_new",
    "rows_restated",
    "rows_unchanged",
    "rows_removed",
    "rows_duplicate",
    "rows_quarantined",
    "rows_filtered_out",
    "quarantine_rows",
    "partitions_written",
    "files_written",
    "bytes_written",
    "table_rows",
    "seconds",
    "findings",
)
FIELDS = ("status", "crawl_needed", "verify_needed", "catalog", "revision", "tables", *COUNTS)

# The job's own time-out, GlueTimeoutMinutes, ends a run first: this is its largest value and 15 minutes.
RUN_TIMEOUT_SECONDS = 60 * MAX_TIMEOUT_MINUTES + 900
READ_TIMEOUT_SECONDS = 30
READ_AT_A_TIME = 10
# How many really go is the job's own MaxConcurrentRuns, by parameter: one too many waits for its turn.
RUNS_AT_A_TIME = 10

_JOB_LOGS = text("CloudWatch Logs groups ${JobLogGroup}/error and ${JobLogGroup}/output")
_RECORD_LOGS = text("the run record under s3://${LakeBucket}/" + RUNS_PREFIX)
RECORD_KEY = f"'{RUNS_PREFIX}' & %s & '/' & {RUN_ID} & '.json'"


def _arguments() -> dict[str, str]:
    """Those of each run; the others are the job's own."""
    return {
        "--datasets": jsonata("$join($states.input.datasets, ',')"),
        "--run_id": jsonata(RUN_ID),
        "--load_mode": jsonata("$mode"),
        "--from_date": jsonata("$from"),
        "--to_date": jsonata("$to"),
        "--allow_removal": jsonata("$allowRemoval"),
    }


def _run_job() -> sdk.Task:
    """Runs the job to its end. A run that failed is not repeated: its cause is in the data or in the code."""
    ended = sdk.Pass("JobRunFailed", comment="Some of its data sets may be done: their run records say so")
    names = jsonata("$states.input.datasets")
    failed = {"datasets": names, "failure": caught_failure("RunJob", _JOB_LOGS)}
    # As many runs go as may: one too many waits for another to end, for an hour on average.
    wait = retry(
        ("Glue.ConcurrentRunsExceededException",), attempts=120, interval_seconds=10, max_delay_seconds=60
    )
    return sdk.Task(
        "RunJob",
        resource=sdk.resource("glue:startJobRun.sync"),
        arguments={"JobName": "${JobName}", "Arguments": _arguments()},
        timeout_seconds=RUN_TIMEOUT_SECONDS,
        output={"datasets": names},
        retry=[wait, retry(GLUE_ERRORS, interval_seconds=5)],
        catch=[sdk.Catch(error_equals=["States.ALL"], output=failed, next_step=ended)],
    )


def run_jobs(failed_as_a_whole: Any) -> sdk.Map:
    """Each job run by itself: what it did for its data sets, their run records say."""
    return for_each(
        "RunJobs",
        "Each job run takes several data sets; one that fails does not stop the others",
        "$jobRuns",
        sdk.chain(_run_job()),
        at_a_time=RUNS_AT_A_TIME,
        assign={"jobRuns": jsonata("$states.result")},
        on_fault=failed_as_a_whole,
    )


def _failed(error: str, cause: str, logs: str, state: str = "RunJob") -> str:
    """A data set's item where its run failed; JSONata."""
    failure = f"{{'state': '{state}', 'error': {error}, 'cause': {cause}, 'logs': {logs}}}"
    return f"{{'dataset': $states.input.dataset, 'failure': {failure}}}"


def _no_record() -> str:
    """The item of a data set without a record of this run: the job run's own failure says why."""
    cause = "'the job run ended without a run record of ' & $states.input.dataset"
    return (
        "( $exists($states.input.failure) "
        "? {'dataset': $states.input.dataset, 'failure': $states.input.failure} "
        f": {_failed(text('NoRunRecord'), cause, _JOB_LOGS)} )"
    )


def _of_record() -> str:
    """The item of a data set by what its record says; one from before this execution counts for nothing."""
    fields = list(FIELDS)
    incomplete = "'the run record lacks ' & $join($missing, ', ')"
    kept = f"$sift($record, function($value, $name) {{ $name in {fields} }})"
    record = f"'s3://${{LakeBucket}}/' & {RECORD_KEY % '$record.dataset'}"
    started = "$substring($states.context.Execution.StartTime, 0, 19)"
    return (
        "( $record := $parse($states.result.Body); "
        f"$missing := [$filter({fields}, function($name) {{ $not($exists($lookup($record, $name))) }})]; "
        f"$substring($record.started_at, 0, 19) < {started} ? {_no_record()} "
        f": $record.status = 'FAILED' ? {_failed('$record.error', '$record.cause', _JOB_LOGS)} "
        f": $count($missing) > 0 "
        f"? {_failed(text('IncompleteRunRecord'), incomplete, _RECORD_LOGS, 'ReadRunRecord')} "
        f": {{'dataset': $states.input.dataset, 'run': $merge([{kept}, {{'record': {record}}}])}} )"
    )


def _read_run_record() -> sdk.Task:
    """Keeps what is decided by and reported."""
    absent = sdk.Pass("NoRunRecord", comment="The run did not live to write it", output=jsonata(_no_record()))
    unread = sdk.Pass("RunRecordUnread", comment="Without its record nothing is known of a data set")
    failure = caught_failure("ReadRunRecord", _RECORD_LOGS)
    dataset = jsonata("$states.input.dataset")
    return sdk.Task(
        "ReadRunRecord",
        resource=sdk.resource("aws-sdk:s3:getObject"),
        arguments={"Bucket": "${LakeBucket}", "Key": jsonata(RECORD_KEY % "$states.input.dataset")},
        timeout_seconds=READ_TIMEOUT_SECONDS,
        output=jsonata(_of_record()),
        retry=[retry((*S3_ERRORS, TIMEOUT))],
        catch=[
            sdk.Catch(
                error_equals=["S3.NoSuchKeyException"],
                output=jsonata("$states.input"),
                next_step=absent,
            ),
            sdk.Catch(
                error_equals=["States.ALL"],
                output={"dataset": dataset, "failure": failure},
                next_step=unread,
            ),
        ],
    )


def read_run_records(failed_as_a_whole: Any) -> sdk.Map:
    """What the job runs did for each of their data sets, put beside what was found of the others."""
    of_run = "$map($run.datasets, function($name) { {'dataset': $name, 'failure': $run.failure} })"
    known = "$exists($one.run) or $exists($one.failure)"
    merged = f"$map($dataSets, function($one) {{ {known} ? $one : $read[dataset = $one.dataset] }})"
    return for_each(
        "ReadRunRecords",
        "A run that died as a whole fails exactly the data sets without a record",
        f"$reduce($jobRuns, function($all, $run) {{ $append($all, {of_run}) }}, [])",
        sdk.chain(_read_run_record()),
        at_a_time=READ_AT_A_TIME,
        assign={"dataSets": jsonata(f"( $read := $states.result; [{merged}] )")},
        on_fault=failed_as_a_whole,
    )
