"""The described tables of the database, one file each.

A file `<name>.py` assigns a `Table` of the same name to `TABLE`. A new file is found by its name and needs no
registration. A file whose name begins with an underscore is not a table.
"""

from __future__ import annotations

import importlib
import pkgutil
import reprlib

from segmentation.description import Table
from segmentation.errors import InvalidDescriptionError, UnknownTableError


def names() -> list[str]:
    """Every described table, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def load(name: str) -> Table:
    """The description of a table. Raises UnknownTableError if no file has this name."""
    if name not in names():
        raise UnknownTableError(f"no table `{name}`: the described ones are {', '.join(names())}")
    if name in _TAKEN:
        raise InvalidDescriptionError(
            f"tables/{name}.py: `{name}` is a name of the package itself: choose another"
        )
    table = getattr(importlib.import_module(f"{__name__}.{name}"), "TABLE", None)
    if not isinstance(table, Table) or table.name != name:
        found = f"one of the name `{table.name}`" if isinstance(table, Table) else reprlib.repr(table)
        raise InvalidDescriptionError(
            f"tables/{name}.py: must assign a Table of the name `{name}` to TABLE, not {found}"
        )
    return table


_TAKEN = frozenset(globals())  # a module of such a name would replace what this one defines
