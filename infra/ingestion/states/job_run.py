"""The runs of the Glue job, and what the run record of each data set tells the outcome."""

from __future__ import annotations

from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.states import job_run
from infra.common.states.building_blocks import caught_failure, jsonata
from infra.common.states.run_records import JOB_LOGS, RUN_ID, RunRecords

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
RECORDS = RunRecords(COUNTS)


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
    ended = sdk.Pass("JobRunFailed", comment="Some of its data sets may be done: their run records say so")
    names = jsonata("$states.input.datasets")
    failed = {"datasets": names, "failure": caught_failure("RunJob", JOB_LOGS)}
    catch = sdk.Catch(error_equals=["States.ALL"], output=failed, next_step=ended)
    return job_run.run_job("RunJob", "JobName", _arguments(), catch, output={"datasets": names})


def run_jobs(failed_as_a_whole: Any) -> sdk.Map:
    return job_run.run_jobs(
        "RunJobs",
        "Each job run takes several data sets; one that fails does not stop the others",
        sdk.chain(_run_job()),
        failed_as_a_whole,
    )
