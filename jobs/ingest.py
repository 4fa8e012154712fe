"""Glue job: bring the tables of data sets up to date with their sources. What a run does: `ingestion.job`."""

from __future__ import annotations

import logging
import sys

from awsglue.utils import getResolvedOptions

from ingestion import batch
from ingestion.arguments import NAMES
from ingestion.state import datazone


def main(argv: list[str]) -> None:
    """Run with a Glue job's arguments; a failure leaves as an exception, which ends the job run FAILED."""
    log_to_output()
    options = getResolvedOptions(argv, ["JOB_NAME", *NAMES, *datazone.given(argv)])
    batch.run(options, job_name=options["JOB_NAME"], job_run=options["JOB_RUN_ID"])


def log_to_output() -> None:
    """Glue keeps standard output as the log of the run; only messages of this job belong there."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("ingestion")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


if __name__ == "__main__":
    main(sys.argv)
