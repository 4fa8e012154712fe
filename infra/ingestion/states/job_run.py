"""The Glue job of a data set, and the run record that it leaves."""

from __future__ import annotations

from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.names import RUNS_PREFIX
from infra.common.states.building_blocks import GLUE_ERRORS, S3_ERRORS, TIMEOUT, jsonata, retry, task, text
from infra.ingestion.parameters import MAX_TIMEOUT_MINUTES

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
    "findings",
)
FIELDS = ("status", "crawl_needed", "revision", "tables", *COUNTS)

# The job's own time-out, GlueTimeoutMinutes, ends a run first: this is its largest value and 15 minutes.
RUN_TIMEOUT_SECONDS = 60 * MAX_TIMEOUT_MINUTES + 900
READ_TIMEOUT_SECONDS = 30

_RUN_RECORD_KEY = f"'{RUNS_PREFIX}' & $dataset & '/' & $runId & '.json'"


def begin_data_set() -> sdk.Pass:
    """Its input is the item of the Map, whose context object AWS documents for the Map's own fields only."""
    return sdk.Pass(
        "BeginDataSet",
        comment="The execution's name is the run's: Step Functions keeps it unique for 90 days",
        assign={
            "dataset": jsonata("$states.input"),
            "runId": jsonata("$states.context.Execution.Name"),
            "polls": 0,
        },
    )


def run_job(on_failure: Any) -> sdk.Task:
    """Runs the job to its end. A run that failed is not repeated: its cause is in the data or in the code."""
    return task(
        "RunJob",
        "glue:startJobRun.sync",
        {
            "JobName": "${JobName}",
            "Arguments": {
                "--dataset": jsonata("$dataset"),
                "--run_id": jsonata("$runId"),
                "--load_mode": jsonata("$mode"),
                "--from_date": jsonata("$from"),
                "--to_date": jsonata("$to"),
                "--allow_removal": jsonata("$allowRemoval"),
            },
        },
        timeout_seconds=RUN_TIMEOUT_SECONDS,
        retries=[
            # The job runs for another data set or execution: wait for it, for an hour on average.
            retry(
                ("Glue.ConcurrentRunsExceededException",),
                attempts=120,
                interval_seconds=10,
                max_delay_seconds=60,
            ),
            retry(GLUE_ERRORS, interval_seconds=5),
        ],
        on_failure=on_failure,
        logs=text("CloudWatch Logs groups ${JobLogGroup}/error and ${JobLogGroup}/output"),
    )


def read_run_record(on_failure: Any) -> sdk.Task:
    """Keeps what is decided by and reported, so that a record that lacks a field fails here, by its name."""
    record = "$parse($states.result.Body)"
    return task(
        "ReadRunRecord",
        "aws-sdk:s3:getObject",
        {"Bucket": "${LakeBucket}", "Key": jsonata(_RUN_RECORD_KEY)},
        timeout_seconds=READ_TIMEOUT_SECONDS,
        retries=[retry((*S3_ERRORS, TIMEOUT))],
        on_failure=on_failure,
        logs=text("the run record under s3://${LakeBucket}/" + RUNS_PREFIX),
        assign={
            "run": {field: jsonata(f"{record}.{field}") for field in FIELDS},
            "runRecord": jsonata(f"'s3://${{LakeBucket}}/' & {_RUN_RECORD_KEY}"),
        },
    )


def outcome(state_id: str, outcome_name: Any, comment: str) -> sdk.Pass:
    """The end of a data set that did not fail: a name, a pointer and counts."""
    return sdk.Pass(
        state_id,
        comment=comment,
        output={
            "dataset": jsonata("$dataset"),
            "outcome": outcome_name,
            "run_record": jsonata("$runRecord"),
            **{count: jsonata(f"$run.{count}") for count in COUNTS},
        },
    )


def crawl_needed() -> sdk.Choice:
    """Crawl when the table changed, or when no crawl of its present revision was ever verified."""
    choice = sdk.Choice("CrawlNeeded", comment="The table as it was, and verified before: no crawl")
    choice.go_on_when(sdk.Condition(jsonata("$run.crawl_needed")))
    # A run may have read new objects and kept none of their rows: that is no "nothing new".
    choice.default_choice(outcome("TableUnchanged", jsonata("$run.status"), "The table is what it was"))
    return choice
