"""What the CLI needs of the data set descriptions in `jobs/datasets/`."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from covidlake.base import project
from covidlake.base.errors import DataSetError
from covidlake.base.nearest import instead, unknown
from covidlake.dataset import chart_statements, loading, statements
from covidlake.dataset.choice import Choice

if TYPE_CHECKING:
    from covidlake.environment.environment_file import Environment
    from infra.common.pipeline import DescribedDataSet
    from ingestion.description import DataSet

MAIN = "uk_covid"  # what `make run`, `query` and the smoke test take by default
FOLDER = project.JOBS / "datasets"


def names() -> list[str]:
    """Every described data set, found by its file."""
    import datasets

    return datasets.names()


def load(name: str) -> DataSet:
    """The description of a data set: `make run` ends with its first named query.

    Raises `DataSetError` when no file has this name, or with what is wrong in it.
    """
    import datasets
    from ingestion.errors import UnknownDataSetError

    try:
        return loading.run(lambda: datasets.load(name))
    except UnknownDataSetError as error:
        raise DataSetError(f"{unknown('data set', name, names())}; describe it in {path(name)}") from error
    except (Exception, loading.MisbehavedError) as error:  # the file is the user's code
        raise _wrong(name, error) from error


def _wrong(name: str, error: BaseException) -> DataSetError:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    kind = "it" if isinstance(error, loading.MisbehavedError) else f"{type(error).__name__}:"
    said = f"{_where(name, error)}: {kind} {' '.join(text.split())}"
    return DataSetError(said.strip().rstrip(":"))


def _where(name: str, error: BaseException) -> str:
    """The file and line that raised: of the description, or of a module that descriptions share."""
    import datasets

    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        frames.append((error.filename or "", error.lineno))
    for file, line in reversed(frames):
        found = Path(file)
        if line and found.parent in map(Path, datasets.__path__) and found.name != "__init__.py":
            return f"{path(found.stem)}, line {line}"
    return path(name)


def path(name: str) -> str:
    """The file of a data set, as a user would type it."""
    return project.relative(FOLDER / f"{name}.py")


def check(environments: Iterable[Environment]) -> None:
    """Raise `DataSetError` for the first wrong description, or name in DataSets without a description."""
    described = names()
    for name in described:
        check_statements(load(name))
    for environment in environments:
        _check_named(environment, described)


def _check_named(environment: Environment, described: list[str]) -> None:
    shown, named = project.relative(environment.path), ingested(environment)
    if unknown := [name for name in named if name not in described]:
        raise DataSetError(
            f"{shown}: parameter DataSets names {unknown[0]!r}, which no "
            f"file describes: {instead(unknown[0], described)}; or add {path(unknown[0])}"
        )
    if repeated := [name for name in named if named.count(name) > 1]:
        raise DataSetError(f"{shown}: parameter DataSets names {repeated[0]!r} twice: name it once")


def ingested(environment: Environment) -> list[str]:
    """The data sets that an execution of the environment ingests: those of its parameter DataSets."""
    return _choice().taken(environment)


def chosen(given: Iterable[str], environment: Environment) -> list[str]:
    """The data sets with these names, which the environment must ingest; all of them for none.

    Raises `DataSetError` with the nearest name.
    """
    return _choice().of(given, environment)


def _choice() -> Choice:
    return Choice("data set", "DataSets", names())


def described() -> list[DescribedDataSet]:
    """What the template needs of the described data sets. Raises `DataSetError`."""
    from infra.common.pipeline import DescribedDataSet

    return [
        DescribedDataSet(one.name, tuple((query.title, query.sql) for query in one.queries), _columns(one))
        for one in map(load, names())
    ]


def _columns(dataset: DataSet) -> tuple[tuple[str, str], ...]:
    """Those of its table in the catalog, with the partition."""
    partition = {dataset.partition.name: "string"} if dataset.partition else {}
    return tuple({**dataset.types, **partition}.items())


def check_statements(dataset: DataSet) -> None:
    """Check the conditions as Spark does, the named queries as Athena does, and that its tables are its own.

    Raises `DataSetError` with the first that is wrong.
    """
    here = path(dataset.name)
    others = _others(dataset.name)
    tables = {table: other.name for other in others for table in other.tables}
    for table in dataset.tables:
        if table in tables:
            raise DataSetError(
                f"{here}: table {table!r} is also one of data set {tables[table]!r}: rename one of them"
            )
    for other in others:
        _check_apart(dataset, other)
    columns = {one.name: _catalog_columns(one) for one in (dataset, *others)}
    for what, condition in _conditions(dataset):
        statements.check_condition(condition, dataset.types, f"{here}: {what}")
    for named in dataset.queries:
        where = f"{here}: query {named.title!r}"
        statements.check_query(named.sql, {*dataset.tables, *tables}, where, columns)
    chart_statements.check(dataset, {*dataset.tables, *tables}, here, columns)


def _catalog_columns(dataset: DataSet) -> dict[str, str]:
    """The columns of a data set's main table as the catalog has them: the partition key is a text."""
    return {**dataset.types, **({dataset.partition.name: "string"} if dataset.partition else {})}


def _others(name: str) -> list[DataSet]:
    """All other data sets; what cannot be loaded is left out, for it has an error of its own."""
    found = []
    for other in names():
        if other != name:
            with contextlib.suppress(DataSetError):
                found.append(load(other))
    return found


def _check_apart(dataset: DataSet, other: DataSet) -> None:
    """Raise `DataSetError` if one of the two would also read the objects of the other, which has more."""
    mine, its = dataset.source.prefix, other.source.prefix
    if mine != its and (mine.startswith(its) or its.startswith(mine)):
        relation = "lies inside" if mine.startswith(its) else "holds"
        raise DataSetError(
            f"{path(dataset.name)}: source prefix {mine!r} {relation} {its!r} of data set {other.name!r}, so "
            "one of them would read the other's objects too: move one of them"
        )


def of_the_same_objects(dataset: DataSet) -> list[str]:
    """The other data sets that are made of the same objects, which may be meant."""
    return [other.name for other in _others(dataset.name) if other.source.prefix == dataset.source.prefix]


def _conditions(dataset: DataSet) -> Iterator[tuple[str, str]]:
    """Every SQL condition of a description, and what it is."""
    from ingestion.description import SumOfParts

    if dataset.keep:
        yield "keep", dataset.keep
    for expectation in dataset.expectations:
        yield f"expectation {expectation.name!r}", expectation.condition
    for rule in dataset.rules:
        if isinstance(rule, SumOfParts):
            yield f"whole of rule {rule.name!r}", rule.whole
            yield f"parts of rule {rule.name!r}", rule.parts


def source_prefixes() -> list[str]:
    """The prefixes of the public bucket that the described data sets are read from."""
    return sorted(load(name).source.prefix for name in names())
