"""What Athena is asked for a report: the rejected rows by reason, and the answers that charts draw."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from covidlake.base.errors import CovidLakeError, EnvironmentFileError
from covidlake.base.text import shorten
from covidlake.environment.pipeline_environment import PipelineEnvironment
from covidlake.report.page.collected import Gap
from covidlake.report.page.cut import cut
from covidlake.run import quarantine as rejected
from covidlake.run import query, status

AT_ONCE = 4
EXAMPLES = 3  # rows of one reason
EXAMPLE_LENGTH = 300
REASONS = 50  # of all data sets, the most frequent first
CELL_LENGTH = 200
ROWS = 5_001  # of an answer: one more than is drawn, so that it can be said


def quarantine(environment: str) -> list[dict[str, Any]]:
    """Rejected rows by data set and reason, the most frequent first, with examples; [] where none are."""
    try:
        answer = rejected.abridged(rejected.rejected_rows(environment))
    except EnvironmentFileError:  # a pipeline that rejects no rows
        return []
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in answer.rows:
        cells = {column: cell or "" for column, cell in zip(answer.columns, row, strict=True)}
        name, reason, source = cells[answer.columns[0]], cells["reason"], cells.get("source object", "")
        one = found.setdefault(
            (name, reason),
            {"dataset": name, "reason": shorten(reason), "rows": 0, "objects": 0, "examples": []},
        )
        one["rows"] += int(cells["rows"] or 0)
        one["objects"] += 1
        if len(one["examples"]) < EXAMPLES:
            text = cut(cells["example"], EXAMPLE_LENGTH)
            one["examples"].append(
                {"object": shorten(source, 200), "line": cells.get("line", ""), "text": text}
            )
    return sorted(found.values(), key=lambda one: (-one["rows"], one["dataset"], one["reason"]))[:REASONS]


def charts(environment: str, gaps: list[Gap]) -> list[dict[str, Any]]:
    """The charts that descriptions name, of the tables that are there, each with Athena's answer."""
    if not PipelineEnvironment.parse(environment).is_main:
        return []
    try:
        wanted = _wanted(environment)
    except (ClientError, BotoCoreError, CovidLakeError) as error:
        gaps.append(Gap("charts", cut(error, EXAMPLE_LENGTH)))
        return []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda one: _answered(environment, one), wanted))
    for chart, problem in answers:
        if problem:
            gaps.append(Gap(f"chart {chart['title']!r}", problem))
    return [chart for chart, problem in answers if not problem]


def _wanted(environment: str) -> list[dict[str, Any]]:
    """The charts of the data sets whose table is in the catalog, as plain values."""
    from covidlake.dataset import chart_statements, descriptions

    there = {row[0] for row in status.status(environment).tables}
    found = []
    for name in descriptions.names():
        if name in there:
            described = descriptions.load(name)
            for chart in described.charts:
                found.append(
                    {
                        "dataset": name,
                        "title": chart.title,
                        "mark": chart.mark,
                        "x": chart.x,
                        "y": list(chart.y),
                        "series": chart.series,
                        "unit": chart.unit,
                        "sql": chart_statements.statement(described, chart),
                    }
                )
    return found


def _answered(environment: str, chart: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The chart with its answer, and what went wrong, if anything did."""
    try:
        answer = query.query(environment, chart["sql"])
    except (ClientError, BotoCoreError, CovidLakeError) as error:
        return chart, cut(error, EXAMPLE_LENGTH)
    rows = [
        [cell if cell is None else shorten(cell, CELL_LENGTH) for cell in row] for row in answer.rows[:ROWS]
    ]
    return chart | {"columns": answer.columns, "rows": rows, "bytes_scanned": answer.bytes_scanned}, ""
