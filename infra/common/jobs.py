"""Glue jobs: what each has, whichever pipeline it is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from troposphere import GetAtt, If, NoValue, Ref, Sub, glue

from infra.common import datazone, names
from infra.common.code_locations import CodeLocations
from infra.common.parameters import METRICS_CONDITION

GLUE_VERSION = "5.1"


def lake_root() -> Sub:
    return Sub(f"s3://${{{names.LAKE_BUCKET}}}/")


def _arguments(code: CodeLocations) -> dict[str, Any]:
    metrics = If(METRICS_CONDITION, "true", NoValue)
    return {
        "--job-language": "python",
        "--extra-py-files": code.library,
        "--lake_root": lake_root(),
        **datazone.arguments(),
        "--enable-auto-scaling": "true",
        # Glue takes the name alone for a yes, so that without metrics it must not be there.
        "--enable-metrics": metrics,
        "--enable-observability-metrics": metrics,
        # Glue 5 writes to <prefix>/output and <prefix>/error: groups of our own have a retention.
        "--custom-logGroup-prefix": Sub(names.JOB_LOG_GROUP_PREFIX),
    }


def job(
    title: str,
    name: str,
    description: str,
    code: CodeLocations,
    script: str,
    arguments: Mapping[str, Any],
    runs: Any = 1,
    **properties: Any,
) -> glue.Job:
    """A job with the role `<title>Role`, these arguments of every run, and `runs` at a time at most.

    Never retried by Glue: the state machine decides what is worth another run.
    """
    return glue.Job(
        title,
        Name=Sub(name),
        Description=description,
        Role=GetAtt(f"{title}Role", "Arn"),
        GlueVersion=GLUE_VERSION,
        Command=glue.JobCommand(Name="glueetl", PythonVersion="3", ScriptLocation=code.scripts[script]),
        DefaultArguments={**_arguments(code), **arguments},
        WorkerType=Ref("GlueWorkerType"),
        NumberOfWorkers=Ref("GlueNumberOfWorkers"),
        Timeout=Ref("GlueTimeoutMinutes"),
        ExecutionClass=Ref("ExecutionClass"),
        ExecutionProperty=glue.ExecutionProperty(MaxConcurrentRuns=runs),
        MaxRetries=0,
        **properties,
    )
