"""The data sets of the lake, one module each, which assigns a `DataSet` to DATASET.

A new file is found by its name and needs no registration. A file whose name begins with an underscore is not
a data set.
"""

from __future__ import annotations

import importlib
import pkgutil
import reprlib

from ingestion.description import DataSet
from ingestion.errors import InvalidDescriptionError, UnknownDataSetError


def names() -> list[str]:
    """Every described data set, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def load(name: str) -> DataSet:
    """The description of a data set. Raises UnknownDataSetError if no file has this name."""
    if name not in names():
        raise UnknownDataSetError(f"no data set `{name}`: the described ones are {', '.join(names())}")
    if name in _TAKEN:
        raise InvalidDescriptionError(
            f"datasets/{name}.py: `{name}` is a name of the package itself: choose another"
        )
    dataset = getattr(importlib.import_module(f"{__name__}.{name}"), "DATASET", None)
    if not isinstance(dataset, DataSet) or dataset.name != name:
        found = f"one of the name `{dataset.name}`" if isinstance(dataset, DataSet) else reprlib.repr(dataset)
        raise InvalidDescriptionError(
            f"datasets/{name}.py: must assign a DataSet of the name `{name}` to DATASET, not {found}"
        )
    return dataset


_TAKEN = frozenset(globals())  # a module of such a name would replace what this one defines
