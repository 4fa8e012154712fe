"""What to do about a failure that an older version of the stack has left behind."""

from __future__ import annotations

import re

from infra.common import runs

# A resource that failed, or a validation of one: `RunsTable: ...`, `RunsTable (AWS::Glue::Table): ...`.
RUNS_EXISTS = re.compile(rf"{runs.TITLE}\b.*already ?exists", re.IGNORECASE)


def hint(stack_name: str, cause: str) -> str:
    """What to add to the cause, as the end of its sentence; empty where nothing is known."""
    if not RUNS_EXISTS.match(cause):
        return ""
    database = stack_name.replace("-", "_")
    return (
        f": the function watch of an older version made the table {runs.TABLE}; delete its entry, which "
        "keeps every row in S3, and deploy again: "
        f"aws glue delete-table --database-name {database} --name {runs.TABLE}"
    )
