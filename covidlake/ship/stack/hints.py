"""What to do about a failure that was there before the deploy, and that no deploy can mend."""

from __future__ import annotations

import re

from infra.common.declared_tables import TABLES

# A resource that failed, or a validation of one: `RunsTable: ...`, `RunsTable (AWS::Glue::Table): ...`.
EXISTS = re.compile(rf"({'|'.join(TABLES)})\b.*already ?exists", re.IGNORECASE)


def hint(stack_name: str, cause: str) -> str:
    """What to add to the cause, as the end of its sentence; empty where nothing is known."""
    found = EXISTS.match(cause)
    if not found:
        return ""
    table, database = TABLES[found[1]], stack_name.replace("-", "_")
    return (
        f": the table {table} was made by an older version or by hand; delete its entry, which keeps every "
        f"row in S3, and deploy again: aws glue delete-table --database-name {database} --name {table}"
    )
