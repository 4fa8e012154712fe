"""Change a module as soon as it is imported, without importing it before."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType

Change = Callable[[ModuleType], None]


def change(name: str, by: Change) -> None:
    """Call `by` with the module of this name, once: now if it is imported already."""
    if name in sys.modules:
        by(sys.modules[name])
    else:
        sys.meta_path.insert(0, _Finder(name, by))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, name: str, by: Change) -> None:
        self._name = name
        self._by = by

    def find_spec(
        self,
        fullname: str,
        path: object = None,  # noqa: ARG002 - the signature of the base class
        target: object = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        sys.meta_path.remove(self)
        found = importlib.util.find_spec(fullname)
        if found is None or found.loader is None:
            return found
        execute = found.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            self._by(module)

        found.loader.exec_module = exec_module  # type: ignore[method-assign]
        return found
