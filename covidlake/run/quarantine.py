"""`covidlake quarantine`: the rejected rows, and loading them after a fix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from covidlake.base.errors import DataSetError
from covidlake.base.nearest import unknown
from covidlake.dataset import descriptions
from covidlake.run import ingest, query, status
from covidlake.run.query import Answer

SUFFIX = "_quarantine"
COLUMNS = ["data set", "reason", "rows", "source object", "line", "since run", "example"]
EXAMPLE_LENGTH = 120


def rejected_rows(environment: str, data_set: str = "") -> Answer:
    """The rows in quarantine, by data set, reason and object, with the first line of each.

    A data set without rejected rows has no such table. Raises `DataSetError` for a name that is none, and
    `EnvironmentFileError` for another pipeline's environment.
    """
    ingest.require_main(environment)
    if data_set and data_set not in descriptions.names():
        raise DataSetError(unknown("data set", data_set, descriptions.names()))
    there = {row[0] for row in status.status(environment).tables}
    wanted = (
        [data_set + SUFFIX] if data_set else sorted(name for name in there if name and name.endswith(SUFFIX))
    )
    statements = [statement(table, table.removesuffix(SUFFIX)) for table in wanted if table in there]
    if not statements:
        return Answer(COLUMNS, [], 0, "")
    answer = query.query(environment, " UNION ALL ".join(statements) + " ORDER BY 1, 3 DESC, 2, 4")
    return replace(answer, columns=COLUMNS)


def abridged(found: Answer) -> Answer:
    """The same with short examples, cut around the column that the reason names."""
    example, reason = COLUMNS.index("example"), COLUMNS.index("reason")
    rows = [[*row[:example], _around(row[example] or "", row[reason] or "")] for row in found.rows]
    return replace(found, rows=rows)


def _around(text: str, reason: str) -> str:
    """The part of the text around the field that the reason ends with, as `wrong_type_hospitalcases` does."""
    if len(text) <= EXAMPLE_LENGTH:
        return text
    found = next((at for word in _words(reason) if (at := text.lower().find(word)) >= 0), 0)
    start = max(0, min(found - EXAMPLE_LENGTH // 3, len(text) - EXAMPLE_LENGTH))
    part = text[start : start + EXAMPLE_LENGTH]
    return f"{'… ' if start else ''}{part}{' …' if start + EXAMPLE_LENGTH < len(text) else ''}"


def _words(reason: str) -> Iterator[str]:
    """What may be the name of a field in a reason, the longest first."""
    parts = reason.lower().split("_")
    yield from (f'"{"_".join(parts[index:])}"' for index in range(len(parts)))


def statement(table: str, data_set: str) -> str:
    """The query of a table of rejected rows; its name comes from the catalog or the descriptions."""
    return (
        f"SELECT '{data_set}' AS data_set, reason, count(*) AS rejected, source_object, "  # noqa: S608
        f"min(line) AS line, max(run_id) AS run_id, "
        f"min_by(raw, line) AS example "
        f'FROM "{table}" GROUP BY reason, source_object'
    )
