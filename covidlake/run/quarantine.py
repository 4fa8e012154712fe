"""`covidlake quarantine`: the rejected rows, and loading them after a fix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from covidlake.base.errors import DataSetError, EnvironmentFileError
from covidlake.base.nearest import unknown
from covidlake.environment.pipeline_environment import PipelineEnvironment
from covidlake.run import pipelines, query, status
from covidlake.run.pipelines.pipeline import Pipeline
from covidlake.run.query import Answer

SUFFIX = "_quarantine"
EXAMPLE_LENGTH = 120


def rejected_rows(environment: str, data_set: str = "") -> Answer:
    """The rows in quarantine, by data set or table, reason and object, with the first of each.

    A data set without rejected rows has no such table. Raises `DataSetError` for a name that is none, and
    `EnvironmentFileError` for the environment of a pipeline that rejects none.
    """
    of = pipelines.of(environment)
    if data_set and data_set not in of.names():
        raise DataSetError(unknown(of.item, data_set, of.names()))
    there = {row[0] for row in status.status(environment).tables}
    wanted = (
        [data_set + SUFFIX] if data_set else sorted(name for name in there if name and name.endswith(SUFFIX))
    )
    statements = [of.rejected(table, table.removesuffix(SUFFIX)) for table in wanted if table in there]
    if not statements:
        return Answer(columns(of), [], 0, "")
    answer = query.query(environment, " UNION ALL ".join(statements) + " ORDER BY 1, 3 DESC, 2, 4")
    return replace(answer, columns=columns(of))


def check_replay(environment: str) -> None:
    """Raise `EnvironmentFileError` for a pipeline whose rejected rows are no objects to read again."""
    if not PipelineEnvironment.parse(environment).is_main:
        raise EnvironmentFileError(
            f"environment {environment!r}: its rejected rows are rows of a database: correct them there; "
            f"covidlake ingest {environment} then takes them, and with --full all others again too"
        )


def columns(of: Pipeline) -> list[str]:
    """The heads of the columns of a pipeline's rejected rows."""
    return [of.item, "reason", "rows", *of.places]


def abridged(found: Answer) -> Answer:
    """The same with short examples, cut around the column that the reason names."""
    example, reason = found.columns.index("example"), found.columns.index("reason")
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
