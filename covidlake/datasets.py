"""What the CLI needs of the data set descriptions in `jobs/datasets/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covidlake._errors import DataSetError

if TYPE_CHECKING:
    from ingestion.dataset import DataSet


def names() -> list[str]:
    """Every described data set, found by its file."""
    import datasets

    return datasets.names()


def load(name: str) -> DataSet:
    """The description of a data set: its question is what `make run` asks Athena at its end.

    Raises `DataSetError` when no file has this name.
    """
    import datasets
    from ingestion.errors import UnknownDataSetError

    try:
        return datasets.load(name)
    except UnknownDataSetError as error:
        raise DataSetError(str(error)) from error


def source_prefixes() -> list[str]:
    """The prefixes of the public bucket that the described data sets are read from."""
    import datasets

    return sorted(datasets.load(name).source.prefix for name in datasets.names())
