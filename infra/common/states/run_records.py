"""The run record that each data set leaves, read after the job runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.names import RUNS_PREFIX
from infra.common.states.building_blocks import (
    S3_ERRORS,
    TIMEOUT,
    caught_failure,
    for_each,
    jsonata,
    retry,
    text,
)

# What is decided by.
DECISIVE = ("status", "crawl_needed", "verify_needed", "catalog", "revision", "tables")

READ_TIMEOUT_SECONDS = 30
READ_AT_A_TIME = 10
RUN_ID = "$states.context.Execution.Name"

JOB_LOGS = text("CloudWatch Logs groups ${JobLogGroup}/error and ${JobLogGroup}/output")
_RECORD_LOGS = text("the run record under s3://${LakeBucket}/" + RUNS_PREFIX)
RECORD_KEY = f"'{RUNS_PREFIX}' & %s & '/' & {RUN_ID} & '.json'"


@dataclass(frozen=True)
class RunRecords:
    """How the records of one kind of job run are read.

    `prefix` is how the names of the states begin, `job` the state that ran the job, `counted` what becomes a
    part of the outcome.
    """

    counted: tuple[str, ...]
    job: str = "RunJob"
    prefix: str = ""

    @property
    def fields(self) -> list[str]:
        return [*DECISIVE, *self.counted]

    def read(self, failed_as_a_whole: Any) -> sdk.Map:
        """What `$jobRuns` did for each of their data sets, put beside what was found of the others."""
        of_run = "$map($run.datasets, function($name) { {'dataset': $name, 'failure': $run.failure} })"
        known = "$exists($one.run) or $exists($one.failure)"
        merged = f"$map($dataSets, function($one) {{ {known} ? $one : $read[dataset = $one.dataset] }})"
        return for_each(
            f"{self.prefix}ReadRunRecords",
            "A run that died as a whole fails exactly the data sets without a record",
            f"$reduce($jobRuns, function($all, $run) {{ $append($all, {of_run}) }}, [])",
            sdk.chain(_read_run_record(self)),
            at_a_time=READ_AT_A_TIME,
            assign={"dataSets": jsonata(f"( $read := $states.result; [{merged}] )")},
            on_fault=failed_as_a_whole,
        )


def _failed(state: str, error: str, cause: str, logs: str) -> str:
    """A data set's item where its run failed; JSONata."""
    failure = f"{{'state': '{state}', 'error': {error}, 'cause': {cause}, 'logs': {logs}}}"
    return f"{{'dataset': $states.input.dataset, 'failure': {failure}}}"


def _no_record(records: RunRecords) -> str:
    """The item of a data set without a record of this run: the job run's own failure says why."""
    cause = "'the job run ended without a run record of ' & $states.input.dataset"
    return (
        "( $exists($states.input.failure) "
        "? {'dataset': $states.input.dataset, 'failure': $states.input.failure} "
        f": {_failed(records.job, text('NoRunRecord'), cause, JOB_LOGS)} )"
    )


def _of_record(records: RunRecords) -> str:
    """The item of a data set by what its record says; one from before this execution counts for nothing."""
    fields = records.fields
    incomplete = "'the run record lacks ' & $join($missing, ', ')"
    kept = f"$sift($record, function($value, $name) {{ $name in {fields} }})"
    record = f"'s3://${{LakeBucket}}/' & {RECORD_KEY % '$record.dataset'}"
    failed = _failed(records.job, "$record.error", "$record.cause", JOB_LOGS)
    read = f"{records.prefix}ReadRunRecord"
    unusable = _failed(read, text("IncompleteRunRecord"), incomplete, _RECORD_LOGS)
    started = "$substring($states.context.Execution.StartTime, 0, 19)"
    return (
        "( $record := $parse($states.result.Body); "
        f"$missing := [$filter({fields}, function($name) {{ $not($exists($lookup($record, $name))) }})]; "
        f"$substring($record.started_at, 0, 19) < {started} ? {_no_record(records)} "
        f": $record.status = 'FAILED' ? {failed} "
        f": $count($missing) > 0 "
        f"? {unusable} "
        f": {{'dataset': $states.input.dataset, 'run': $merge([{kept}, {{'record': {record}}}])}} )"
    )


def _read_run_record(records: RunRecords) -> sdk.Task:
    """Keeps what is decided by and reported."""
    absent = sdk.Pass(
        f"{records.prefix}NoRunRecord",
        comment="The run did not live to write it",
        output=jsonata(_no_record(records)),
    )
    unread = sdk.Pass(
        f"{records.prefix}RunRecordUnread", comment="Without its record nothing is known of a data set"
    )
    failure = caught_failure(f"{records.prefix}ReadRunRecord", _RECORD_LOGS)
    dataset = jsonata("$states.input.dataset")
    return sdk.Task(
        f"{records.prefix}ReadRunRecord",
        resource=sdk.resource("aws-sdk:s3:getObject"),
        arguments={"Bucket": "${LakeBucket}", "Key": jsonata(RECORD_KEY % "$states.input.dataset")},
        timeout_seconds=READ_TIMEOUT_SECONDS,
        output=jsonata(_of_record(records)),
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
