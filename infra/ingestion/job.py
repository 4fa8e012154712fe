"""The Glue job and its log groups."""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, If, NoValue, Ref, Sub, glue

from infra.common import names
from infra.common.code_locations import CodeLocations
from infra.ingestion.parameters import METRICS_CONDITION

JOB = "Job"
GLUE_VERSION = "5.1"
NO_BOUND = "any"  # of jobs/ingestion/read/date_range.py; Glue does not promise to pass an empty argument on


def source_root() -> Sub:
    return Sub("s3://${SourceBucket}/")


def lake_root() -> Sub:
    return Sub(f"s3://${{{names.LAKE_BUCKET}}}/")


def _arguments(code: CodeLocations) -> dict[str, Any]:
    """Arguments of every run; --datasets, --run_id, --load_mode and any dates come with each run."""
    metrics = If(METRICS_CONDITION, "true", NoValue)
    return {
        "--job-language": "python",
        "--extra-py-files": code.library,
        "--source_root": source_root(),
        "--lake_root": lake_root(),
        "--areas": Ref("Areas"),
        # For executions of a definition that knows no dates yet, and for runs by hand.
        "--from_date": NO_BOUND,
        "--to_date": NO_BOUND,
        "--allow_removal": "false",
        "--enable-auto-scaling": "true",
        # Glue takes the name alone for a yes, so that without metrics it must not be there.
        "--enable-metrics": metrics,
        "--enable-observability-metrics": metrics,
        # Glue 5 writes to <prefix>/output and <prefix>/error: groups of our own have a retention.
        "--custom-logGroup-prefix": Sub(names.JOB_LOG_GROUP_PREFIX),
    }


def job(code: CodeLocations) -> glue.Job:
    """Never retried by Glue: the state machine decides what is worth another run.

    Runs may overlap: each claims its data sets in the lake, so no two work on the same one.
    """
    return glue.Job(
        JOB,
        Name=Sub(names.JOB),
        Description="Reads data sets of the source, publishes their clean subset, writes run records",
        Role=GetAtt("JobRole", "Arn"),
        GlueVersion=GLUE_VERSION,
        Command=glue.JobCommand(Name="glueetl", PythonVersion="3", ScriptLocation=code.scripts["ingest.py"]),
        DefaultArguments=_arguments(code),
        WorkerType=Ref("GlueWorkerType"),
        NumberOfWorkers=Ref("GlueNumberOfWorkers"),
        Timeout=Ref("GlueTimeoutMinutes"),
        ExecutionClass=Ref("ExecutionClass"),
        ExecutionProperty=glue.ExecutionProperty(MaxConcurrentRuns=Ref("MaxConcurrentJobRuns")),
        MaxRetries=0,
    )
