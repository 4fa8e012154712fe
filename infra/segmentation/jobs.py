"""The four Glue jobs: extract, join, segment, write back."""

from __future__ import annotations

from typing import Any

from troposphere import Ref, glue

from infra.common import jobs
from infra.common.code_locations import CodeLocations
from infra.segmentation import connection

EXTRACT, JOIN, SEGMENT, WRITE_BACK = "ExtractJob", "JoinJob", "SegmentJob", "WriteBackJob"
NAMES = {
    EXTRACT: "${AWS::StackName}-extract",
    JOIN: "${AWS::StackName}-join",
    SEGMENT: "${AWS::StackName}-segment",
    WRITE_BACK: "${AWS::StackName}-write-back",
}
SCRIPTS = {
    EXTRACT: "segmentation_extract.py",
    JOIN: "segmentation_join.py",
    SEGMENT: "segmentation_segment.py",
    WRITE_BACK: "segmentation_write_back.py",
}
RESULT_SCHEMA = "segmentation"  # lambdas/prepare_database makes it
TARGET = f"{RESULT_SCHEMA}.customer_segments"


def _job(
    title: str, code: CodeLocations, description: str, arguments: dict[str, Any], **more: Any
) -> glue.Job:
    return jobs.job(title, NAMES[title], description, code, SCRIPTS[title], arguments, **more)


def _connected() -> dict[str, Any]:
    """What puts a job into the network of the database."""
    return {"Connections": glue.ConnectionsList(Connections=[connection.ref()])}


def _version(code: CodeLocations) -> dict[str, Any]:
    """Names the library by its digest: a step makes anew what another version of it has made."""
    return {"--code": code.library}


def extract(code: CodeLocations) -> glue.Job:
    """Runs may overlap: each claims its tables in the lake. --tables and --run_id come with each run."""
    arguments = {
        "--connection": connection.ref(),
        "--parallel_tables": Ref("ParallelTables"),
        "--load_mode": "incremental",
        "--compare_keys": "auto",
        "--allow_removal": "false",
    }
    what = "Reads tables of the database, publishes them in the lake, writes run records"
    return _job(EXTRACT, code, what, arguments, runs=Ref("MaxConcurrentJobRuns"), **_connected())


def join(code: CodeLocations) -> glue.Job:
    return _job(JOIN, code, "Joins the tables of the lake: one row for each customer", _version(code))


def segment(code: CodeLocations) -> glue.Job:
    arguments = {
        **_version(code),
        "--segments": Ref("Segments"),
        "--min_segments": Ref("MinSegments"),
        "--max_segments": Ref("MaxSegments"),
    }
    return _job(SEGMENT, code, "Parts the customers into segments, and names these", arguments)


def write_back(code: CodeLocations) -> glue.Job:
    arguments = {"--connection": connection.ref(), "--target": TARGET, "--gone": Ref("GoneCustomers")}
    what = "Writes the segments to the database, in one transaction"
    return _job(WRITE_BACK, code, what, arguments, **_connected())


def all_jobs(code: CodeLocations) -> list[glue.Job]:
    return [extract(code), join(code), segment(code), write_back(code)]
