"""The history of executions that the lake keeps, the table `runs`, beside what Step Functions still lists."""

from __future__ import annotations

from typing import Any

from covidlake.run import pipelines, query

COUNTS = ("rows_read", "rows_new", "rows_quarantined")
STATEMENT = (
    "SELECT execution, status, started_at, ended_at, rows_read, rows_new, rows_quarantined "
    "FROM runs ORDER BY started_at DESC LIMIT {most}"
)

# By data set, the last execution that verified its table. One that was stopped, or failed as a whole, says
# nothing of that: only the pipeline's own error comes after every outcome.
VERIFIED = (
    "SELECT dataset, max(verified) AS ended_at, max_by(execution, verified) AS execution, "
    "max_by(held, verified) AS table_rows FROM ("
    "SELECT each.dataset, execution, each.held, CASE WHEN each.outcome = 'LOADED' AND "
    "(status = 'SUCCEEDED' OR error = '{error}') THEN ended_at END AS verified FROM runs "
    "CROSS JOIN UNNEST(datasets) AS each (dataset, outcome, taken, fresh, rejected, held)"
    ") AS known GROUP BY dataset"
)


def read(environment: str, most: int) -> list[dict[str, Any]]:
    """The last executions that ended, the newest first, in the form of Step Functions' list with `rows`.

    Raises `QueryError` where there is no such table.
    """
    answer = query.query(environment, STATEMENT.format(most=most))
    return [_execution(dict(zip(answer.columns, row, strict=True))) for row in answer.rows]


def verified(environment: str) -> dict[str, dict[str, Any]]:
    """By data set, `run_id`, `ended_at` and `table_rows` of the last execution that verified what it loaded.

    {} for one whose loads all failed later. Raises `QueryError` where there is no table `runs`.
    """
    answer = query.query(environment, VERIFIED.format(error=pipelines.of(environment).error))
    found = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    return {str(row["dataset"]): _execution_of(row) if row["ended_at"] else {} for row in found}


def _execution_of(row: dict[str, str | None]) -> dict[str, Any]:
    rows = row["table_rows"]
    return {
        "status": "LOADED",
        "run_id": row["execution"],
        "ended_at": _moment(row["ended_at"]),
        "table_rows": None if rows is None else int(rows),
    }


def merged(listed: list[dict[str, Any]], recorded: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The last ones of both. What is in both has Step Functions' times and the table's rows."""
    rows = {one["name"]: one["rows"] for one in recorded}
    known = {one["name"] for one in listed}
    both = [one | {"rows": rows[one["name"]]} if one["name"] in rows else one for one in listed]
    both += [one for one in recorded if one["name"] not in known]
    return sorted(both, key=lambda one: str(one["startDate"]), reverse=True)[:most]


def _execution(row: dict[str, str | None]) -> dict[str, Any]:
    return {
        "name": row["execution"],
        "status": row["status"],
        "startDate": _moment(row["started_at"]),
        "stopDate": _moment(row["ended_at"]),
        "rows": {name: int(row[name] or 0) for name in COUNTS},
    }


def _moment(text: str | None) -> str:
    """`2026-11-28 12:00:00.000`, as Athena writes it, in ISO 8601."""
    return f"{text or ''}+00:00".replace(" ", "T")
