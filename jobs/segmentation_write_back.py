"""Glue job: write the segments back to the database. What a run does: `segmentation.write_back`."""

from __future__ import annotations

import sys

from awsglue.utils import getResolvedOptions

from ingestion.state import datazone
from segmentation.arguments import WRITE_BACK
from segmentation.step import log_to_output
from segmentation.write_back import job


def main(argv: list[str]) -> None:
    """Run with a Glue job's arguments; a failure leaves as an exception, which ends the job run FAILED."""
    log_to_output()
    job.run(getResolvedOptions(argv, ["JOB_NAME", *WRITE_BACK, *datazone.given(argv)]))


if __name__ == "__main__":
    main(sys.argv)
