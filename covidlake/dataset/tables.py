"""What the tools need of the descriptions of a database's tables in `jobs/tables/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covidlake.base import project
from covidlake.base.errors import DataSetError

if TYPE_CHECKING:
    from infra.common.pipeline import DescribedTable

FOLDER = project.JOBS / "tables"


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
