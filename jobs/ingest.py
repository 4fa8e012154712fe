"""Glue job: bring the table of one data set up to date with its source. What a run does: `ingestion.job`."""

from __future__ import annotations

import logging
import sys

from awsglue.utils import getResolvedOptions

from ingestion import job
from ingestion.arguments import NAMES


def main(argv: list[str]) -> None:
    """Run with a Glue job's arguments; a failure leaves as an exception, which ends the job run FAILED."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("py4j").setLevel(logging.WARNING)
    options = getResolvedOptions(argv, ["JOB_NAME", *NAMES])
    job.run(options, job_name=options["JOB_NAME"])


if __name__ == "__main__":
    main(sys.argv)
