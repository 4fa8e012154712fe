"""What the function `find_work` is told of the stack: the same as the job is."""

from __future__ import annotations

from typing import Any

from troposphere import Ref

from infra.common import names
from infra.ingestion import job

FUNCTION = "find_work"


def environment() -> dict[str, Any]:
    """Its environment variables."""
    return {
        "SOURCE_ROOT": job.source_root(),
        "LAKE_ROOT": job.lake_root(),
        "AREAS": Ref("Areas"),
        "DATABASE": names.database(),
        "JOB_RUN_MEGABYTES": Ref("JobRunMegabytes"),
        "JOB_RUN_DATA_SETS": Ref("JobRunDataSets"),
    }
