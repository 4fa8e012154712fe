"""What the CLI needs of the data set descriptions in `jobs/datasets/`."""

from __future__ import annotations


def names() -> list[str]:
    """Every described data set, found by its file."""
    import datasets

    return datasets.names()


def question(name: str) -> str:
    """The statement that shows a data set at its best: what `make run` asks Athena at its end."""
    import datasets

    return datasets.load(name).question


def source_prefixes() -> list[str]:
    """The prefixes of the public bucket that the described data sets are read from."""
    import datasets

    return sorted(datasets.load(name).source.prefix for name in datasets.names())
