"""The history of executions that the lake keeps, the table `runs`, beside what Step Functions still lists."""

from __future__ import annotations

from typing import Any

from covidlake.run import query

COUNTS = ("rows_read", "rows_new", "rows_quarantined")
STATEMENT = (
    "SELECT execution, status, started_at, ended_at, rows_read, rows_new, rows_quarantined "
    "FROM runs ORDER BY started_at DESC LIMIT {most}"
)

LOADS = (
    "SELECT load.dataset, max_by(execution, ended_at) AS execution, max(ended_at) AS ended_at, "
    "max_by(load.held, ended_at) AS table_rows "
    "FROM runs CROSS JOIN UNNEST(datasets) AS load (dataset, outcome, taken, fresh, rejected, held) "
    "WHERE load.outcome = 'LOADED' GROUP BY load.dataset"
)


def read(environment: str, most: int) -> list[dict[str, Any]]:
    """The last executions that ended, the newest first, in the form of Step Functions' list with `rows`.

    Raises `QueryError` where there is no such table.
    """
    answer = query.query(environment, STATEMENT.format(most=most))
    return [_execution(dict(zip(answer.columns, row, strict=True))) for row in answer.rows]


def loads(environment: str) -> dict[str, dict[str, Any]]:
    """By data set, its last load in the form of a run record: `run_id`, `ended_at` and `table_rows`.

    Raises `QueryError` where there is no such table.
    """
    answer = query.query(environment, LOADS)
    found = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    return {str(row["dataset"]): _load(row) for row in found}


def _load(row: dict[str, str | None]) -> dict[str, Any]:
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
