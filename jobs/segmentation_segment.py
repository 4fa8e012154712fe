"""Glue job: find segments of customers. What a run does: `segmentation.segment`."""

from __future__ import annotations

import sys

from awsglue.utils import getResolvedOptions

from ingestion.state import datazone
from segmentation.arguments import SEGMENT
from segmentation.segment import job
from segmentation.step import log_to_output


def main(argv: list[str]) -> None:
    """Run with a Glue job's arguments; a failure leaves as an exception, which ends the job run FAILED."""
    log_to_output()
    job.run(getResolvedOptions(argv, ["JOB_NAME", *SEGMENT, *datazone.given(argv)]))


if __name__ == "__main__":
    main(sys.argv)
