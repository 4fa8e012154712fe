"""Ask Java once what a name is: py4j asks at each use, and Java then looks in every jar of Spark's.

A job that builds its queries does so thousands of times, and the answer does not change.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from localcloud.glue.jobs import after_import

MODULE = "py4j.java_gateway"
ROOTS = ("com", "java", "javax", "org", "scala")


def remember() -> None:
    """Have py4j keep the packages, classes and methods that it has found. Before or after its import."""
    after_import.change(MODULE, _change)


def _change(py4j: ModuleType) -> None:
    def is_package(owner: Any, name: str, found: Any) -> bool:
        # Anything else may become a class, by an import or a new jar.
        is_below = name in ROOTS or isinstance(owner, py4j.JavaPackage)
        return isinstance(found, py4j.JavaPackage) and is_below and name.islower()

    def is_found(owner: Any, name: str, found: Any) -> bool:
        return isinstance(found, py4j.JavaClass) or is_package(owner, name, found)

    def is_method(_owner: Any, _name: str, found: Any) -> bool:
        return isinstance(found, py4j.JavaMember)

    for kind, keeps in ((py4j.JVMView, is_found), (py4j.JavaPackage, is_found), (py4j.JavaClass, is_method)):
        kind.__getattr__ = _remembering(kind.__getattr__, keeps)


def _remembering(look_up: Callable[[Any, str], Any], keeps: Callable[[Any, str, Any], bool]) -> Any:
    def remembered(self: Any, name: str) -> Any:
        found = look_up(self, name)
        if keeps(self, name, found):
            self.__dict__[name] = found
        return found

    return remembered
