"""What the CLI needs of the data set descriptions in `jobs/datasets/`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from covidlake import _project
from covidlake._errors import DataSetError

if TYPE_CHECKING:
    from covidlake.environment_file import Environment
    from infra.data_sets import DescribedDataSet
    from ingestion.dataset import DataSet

MAIN = "uk_covid"  # what `make run`, `query` and the smoke test take unless told otherwise
FOLDER = _project.JOBS / "datasets"


def names() -> list[str]:
    """Every described data set, found by its file."""
    import datasets

    return datasets.names()


def load(name: str) -> DataSet:
    """The description of a data set: its first question is what `make run` asks Athena at its end.

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
        check_statements(load(name))
    for environment in environments:
        if unknown := [name for name in ingested(environment) if name not in described]:
            raise DataSetError(
                f"{_project.relative(environment.path)}: parameter DataSets names {unknown[0]!r}, which no "
                f"file describes: correct it to one of {', '.join(described)}, or add {path(unknown[0])}"
            )


def ingested(environment: Environment) -> list[str]:
    """The data sets that an execution of the environment ingests: those of its parameter DataSets."""
    from infra.data_sets import ALL

    given = [name.strip() for name in environment.parameters.get("DataSets", ALL).split(",")]
    return names() if given == [ALL] else [name for name in given if name]


def described() -> list[DescribedDataSet]:
    """What the template says of the described data sets. Raises `DataSetError`."""
    from infra.data_sets import DescribedDataSet

    return [
        DescribedDataSet(name, tuple((one.title, one.sql) for one in load(name).questions))
        for name in names()
    ]


def check_statements(dataset: DataSet) -> None:
    """Parse the conditions as Spark would and the questions as Athena would."""
    known = set(dataset.table_columns) | ({dataset.partition.name} if dataset.partition else set())
    for what, condition in _conditions(dataset):
        where = f"{path(dataset.name)}: {what}"
        if unknown := sorted(_columns(condition, "spark", where) - known):
            raise DataSetError(f"{where} uses {unknown[0]!r}, which is no column of the table: correct it")
    for question in dataset.questions:
        _columns(question.sql, "athena", f"{path(dataset.name)}: question {question.title!r}")


def _conditions(dataset: DataSet) -> Iterator[tuple[str, str]]:
    """Every SQL condition of a description, and what it is."""
    from ingestion.rules import SumOfParts

    if dataset.keep:
        yield "keep", dataset.keep
    for expectation in dataset.expectations:
        yield f"expectation {expectation.name!r}", expectation.condition
    for rule in dataset.rules:
        if isinstance(rule, SumOfParts):
            yield f"whole of rule {rule.name!r}", rule.whole
            yield f"parts of rule {rule.name!r}", rule.parts


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
