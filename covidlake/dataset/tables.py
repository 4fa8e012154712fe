"""What the tools need of the descriptions of a database's tables in `jobs/tables/`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from covidlake.base import project
from covidlake.base.errors import DataSetError
from covidlake.base.nearest import unknown

if TYPE_CHECKING:
    from covidlake.environment.environment_file import Environment
    from infra.common.pipeline import DescribedTable

FOLDER = project.JOBS / "tables"
ALL = "*"


def described() -> list[DescribedTable]:
    """What a template needs of the described tables. Raises `DataSetError` for the first that is wrong."""
    import tables
    from infra.common.pipeline import DescribedTable

    return [DescribedTable(name, *_place(name)) for name in tables.names()]


def _place(name: str) -> tuple[str, str]:
    """Schema and table in the database."""
    import tables

    try:
        table = tables.load(name)
    except Exception as error:  # the file is the user's code
        said = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise DataSetError(f"{project.relative(FOLDER / f'{name}.py')}: {said}") from error
    return table.schema, table.table


def names() -> list[str]:
    """Every described table, found by its file."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def extracted(environment: Environment) -> list[str]:
    """The tables that an execution of the environment extracts: those of its parameter Tables."""
    given = [name.strip() for name in environment.parameters.get("Tables", ALL).split(",")]
    return names() if given == [ALL] else [name for name in given if name]


def chosen(given: Iterable[str], environment: Environment) -> list[str]:
    """The tables with these names, which the environment must extract; all of them for none.

    Raises `DataSetError` with the nearest name.
    """
    there, asked = extracted(environment), list(dict.fromkeys(given))
    for name in asked:
        if name not in names():
            raise DataSetError(unknown("table", name, names()))
        if name not in there:
            shown = project.relative(environment.path)
            raise DataSetError(f"table {name!r}: parameter Tables in {shown} leaves it out: add it")
    return asked or there
