"""What the CLI needs of the data set descriptions in `jobs/datasets/`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from covidlake import _project
from covidlake._errors import DataSetError

if TYPE_CHECKING:
    from covidlake.environment_file import Environment
    from ingestion.dataset import DataSet

FOLDER = _project.JOBS / "datasets"


def names() -> list[str]:
    """Every described data set, found by its file."""
    import datasets

    return datasets.names()


def load(name: str) -> DataSet:
    """The description of a data set: its question is what `make run` asks Athena at its end.

    Raises `DataSetError` when no file has this name, or with what is wrong in it.
    """
    import datasets
    from ingestion.errors import UnknownDataSetError

    try:
        return datasets.load(name)
    except UnknownDataSetError as error:
        raise DataSetError(f"{error}; describe it in {path(name)}") from error
    except Exception as error:  # the file is the user's code: whatever it raises is its fault
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise DataSetError(f"{path(name)}{line}: {type(error).__name__}: {_one_line(error)}") from error


def path(name: str) -> str:
    """The file of a data set, as a user would type it."""
    return _project.relative(FOLDER / f"{name}.py")


def check(environments: Iterable[Environment]) -> None:
    """Raise `DataSetError` for the first description that is wrong, or name in DataSets that has none."""
    described = names()
    for name in described:
        _check_statements(load(name))
    for environment in environments:
        named = [name.strip() for name in environment.parameters.get("DataSets", "").split(",")]
        if unknown := [name for name in named if name and name not in described]:
            raise DataSetError(
                f"{_project.relative(environment.path)}: parameter DataSets names {unknown[0]!r}, which no "
                f"file describes: correct it to one of {', '.join(described)}, or add {path(unknown[0])}"
            )


def _check_statements(dataset: DataSet) -> None:
    """Parse the expectations as Spark would and the question as Athena would."""
    known = {column.table_name for column in dataset.columns} | {dataset.partition.name}
    for expectation in dataset.expectations:
        where = f"{path(dataset.name)}: expectation {expectation.reason!r}"
        if unknown := sorted(_columns(expectation.condition, "spark", where) - known):
            raise DataSetError(f"{where} uses {unknown[0]!r}, which is no column of the table: correct it")
    _columns(dataset.question, "athena", f"{path(dataset.name)}: question")


def _columns(sql: str, dialect: str, where: str) -> set[str]:
    import sqlglot
    from sqlglot import exp

    try:
        parsed = sqlglot.parse_one(sql, read=dialect)
    except sqlglot.errors.SqlglotError as error:
        raise DataSetError(f"{where}: {_one_line(error)}: correct the SQL") from error
    return {column.name.lower() for column in parsed.find_all(exp.Column)}


def _one_line(error: Exception) -> str:
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
    return " ".join(text.split())


def source_prefixes() -> list[str]:
    """The prefixes of the public bucket that the described data sets are read from."""
    return sorted(load(name).source.prefix for name in names())
