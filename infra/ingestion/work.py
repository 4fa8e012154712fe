"""The functions of the ingestion, and what `find_work` is told of the stack: the same as the job is."""

from __future__ import annotations

from typing import Any

from troposphere import Ref

from infra.common import functions, jobs, names
from infra.ingestion import job

FIND_WORK = "find_work"
FUNCTIONS = {
    **functions.CRAWL,
    # Memory buys processor time, too: parsing listings of tens of thousands of objects takes it.
    FIND_WORK: functions.Settings(
        "Says which data sets have anything to do, and in which job runs", 300, 1024
    ),
}


def environment(folder: str) -> dict[str, Any]:
    """The environment variables of a function."""
    if folder != FIND_WORK:
        return {}
    return {
        "SOURCE_ROOT": job.source_root(),
        "LAKE_ROOT": jobs.lake_root(),
        "AREAS": Ref("Areas"),
        "DATABASE": names.database(),
        "JOB_RUN_MEGABYTES": Ref("JobRunMegabytes"),
        "JOB_RUN_DATA_SETS": Ref("JobRunDataSets"),
    }
