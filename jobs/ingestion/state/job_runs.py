"""Which runs of the Glue job still go: only Glue knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3

from ingestion.errors import UnknownJobRunError

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_glue.type_defs import JobRunTypeDef

ENDED = frozenset({"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"})
TIMEOUT_MINUTES = 2880  # of a job that names none: Glue's own


class JobRuns:
    """The runs of one job."""

    def __init__(self, job_name: str, client: GlueClient | None = None) -> None:
        self._job_name = job_name
        self._client = client or boto3.client("glue")

    def is_running(self, job_run: str) -> bool:
        """Whether a run may still write; Glue forgets a run long after its end."""
        return self._found(job_run) is not None

    def check(self, job_run: str) -> float:
        """The seconds after which Glue stops this run.

        Raises UnknownJobRunError unless Glue knows it as going: others ask for it in the same way.
        """
        found = self._found(job_run)
        if found is None:
            raise UnknownJobRunError(
                f"--JOB_RUN_ID `{job_run}`: Glue knows no such run of {self._job_name} that goes: start the "
                "job with StartJobRun"
            )
        return 60.0 * found.get("Timeout", TIMEOUT_MINUTES)

    def _found(self, job_run: str) -> JobRunTypeDef | None:
        """What Glue says of a run that has not ended; None too for what is no id of a run."""
        errors = self._client.exceptions
        try:
            found = self._client.get_job_run(JobName=self._job_name, RunId=job_run)
        except (errors.EntityNotFoundException, errors.InvalidInputException):
            return None
        return None if found["JobRun"]["JobRunState"] in ENDED else found["JobRun"]
