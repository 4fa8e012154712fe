"""`covidlake quarantine`: the rejected rows, and loading them after a fix."""

from __future__ import annotations

from dataclasses import replace

from covidlake.run import query, status
from covidlake.run.query import Answer

SUFFIX = "_quarantine"
COLUMNS = ["data set", "reason", "rows", "source object", "line", "since run", "example"]
EXAMPLE_LENGTH = 120


def rejected_rows(environment: str, data_set: str = "") -> Answer:
    """The rows in quarantine, by data set, reason and object, with the first line of each.

    A data set without rejected rows has no such table.
    """
    there = {row[0] for row in status.status(environment).tables}
    wanted = (
        [data_set + SUFFIX] if data_set else sorted(name for name in there if name and name.endswith(SUFFIX))
    )
    statements = [statement(table, table.removesuffix(SUFFIX)) for table in wanted if table in there]
    if not statements:
        return Answer(COLUMNS, [], 0, "")
    answer = query.query(environment, " UNION ALL ".join(statements) + " ORDER BY 1, 3 DESC, 2, 4")
    return replace(answer, columns=COLUMNS)


def statement(table: str, data_set: str) -> str:
    """The query of a table of rejected rows; its name comes from the catalog or the descriptions."""
    return (
        f"SELECT '{data_set}' AS data_set, reason, count(*) AS rejected, source_object, "  # noqa: S608
        f"min(line) AS line, max(run_id) AS run_id, "
        f"substr(min_by(raw, line), 1, {EXAMPLE_LENGTH}) AS example "
        f'FROM "{table}" GROUP BY reason, source_object'
    )
