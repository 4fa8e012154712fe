"""The Glue job."""

from __future__ import annotations

from typing import Any

from troposphere import Ref, Sub, glue

from infra.common import jobs, names
from infra.common.code_locations import CodeLocations

JOB = "Job"
NO_BOUND = "any"  # of jobs/ingestion/read/date_range.py; Glue does not promise to pass an empty argument on


def source_root() -> Sub:
    return Sub("s3://${SourceBucket}/")


def _arguments() -> dict[str, Any]:
    """Arguments of every run; --datasets, --run_id, --load_mode and any dates come with each run."""
    return {
        "--source_root": source_root(),
        "--areas": Ref("Areas"),
        # For executions of a definition that knows no dates yet, and for runs by hand.
        "--from_date": NO_BOUND,
        "--to_date": NO_BOUND,
        "--allow_removal": "false",
    }


def job(code: CodeLocations) -> glue.Job:
    """Runs may overlap: each claims its data sets in the lake, so no two work on the same one."""
    return jobs.job(
        JOB,
        names.JOB,
        "Reads data sets of the source, publishes their clean subset, writes run records",
        code,
        "ingest.py",
        _arguments(),
        Ref("MaxConcurrentJobRuns"),
    )
