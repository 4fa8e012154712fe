"""What the tools need of the descriptions of a database's tables in `jobs/tables/`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from covidlake.base import project
from covidlake.base.errors import DataSetError
from covidlake.dataset.choice import Choice

if TYPE_CHECKING:
    from covidlake.environment.environment_file import Environment
    from infra.common.pipeline import DescribedTable
    from segmentation.description import Table

FOLDER = project.JOBS / "tables"


def described() -> list[DescribedTable]:
    """What a template needs of the described tables. Raises `DataSetError` for the first that is wrong."""
    import tables
    from infra.common.pipeline import DescribedTable

    found = [_loaded(name) for name in tables.names()]
    return [
        DescribedTable(one.name, one.schema, one.table, follows_cursor=one.follows_cursor) for one in found
    ]


def _loaded(name: str) -> Table:
    import tables

    try:
        return tables.load(name)
    except Exception as error:  # the file is the user's code
        said = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise DataSetError(f"{project.relative(FOLDER / f'{name}.py')}: {said}") from error


def names() -> list[str]:
    """Every described table, found by its file."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def extracted(environment: Environment) -> list[str]:
    """The tables that an execution of the environment extracts: those of its parameter Tables."""
    return _choice().taken(environment)


def chosen(given: Iterable[str], environment: Environment) -> list[str]:
    """The tables with these names, which the environment must extract; all of them for none.

    Raises `DataSetError` with the nearest name.
    """
    return _choice().of(given, environment)


def _choice() -> Choice:
    return Choice("table", "Tables", names())
