"""What someone needs next, once the stack is there."""

from __future__ import annotations

from troposphere import Output, Ref

from infra.common.outputs import bundle, lake, output
from infra.ingestion import job


def outputs() -> list[Output]:
    return [*lake("an ingestion"), output("JobName", "Glue job", Ref(job.JOB)), *bundle()]
