"""Glue job: extract described tables of the database to the lake. What a run does: `segmentation.extract`."""

from __future__ import annotations

import sys

from awsglue.utils import getResolvedOptions

from ingestion.state import datazone
from segmentation.arguments import EXTRACT
from segmentation.extract import job
from segmentation.step import log_to_output


def main(argv: list[str]) -> None:
    """Run with a Glue job's arguments; a failure leaves as an exception, which ends the job run FAILED."""
    log_to_output()
    job.run(getResolvedOptions(argv, ["JOB_NAME", *EXTRACT, *datazone.given(argv)]))


if __name__ == "__main__":
    main(sys.argv)
