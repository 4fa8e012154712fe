"""Which runs of the Glue job still go: only Glue knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3

from ingestion.errors import UnknownJobRunError

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

ENDED = frozenset({"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"})


class JobRuns:
    """The runs of one job."""

    def __init__(self, job_name: str, client: GlueClient | None = None) -> None:
        self._job_name = job_name
        self._client = client or boto3.client("glue")

    def is_running(self, job_run: str) -> bool:
        """Whether a run may still write; Glue forgets a run long after its end."""
        try:
            found = self._client.get_job_run(JobName=self._job_name, RunId=job_run)
        except self._client.exceptions.EntityNotFoundException:
            return False
        return found["JobRun"]["JobRunState"] not in ENDED

    def check(self, job_run: str) -> None:
        """Raise UnknownJobRunError unless Glue knows this run as going: others ask for it in the same way."""
        if not self.is_running(job_run):
            raise UnknownJobRunError(
                f"--JOB_RUN_ID `{job_run}`: Glue knows no such run of {self._job_name} that goes: start the "
                "job with StartJobRun"
            )
