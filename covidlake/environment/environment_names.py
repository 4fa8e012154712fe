"""What an environment may be called: the roles of one environment must never reach what another one owns.

Roles know the resources of their stack by its name and a wildcard, so the roles of `prod` would reach
everything of `prod-eu`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from pathlib import Path

from covidlake.base import project
from covidlake.base.errors import EnvironmentFileError


def check_files(paths: Iterable[Path]) -> None:
    """Raise `EnvironmentFileError` for the first parameter file whose name no environment may have."""
    by_name = {path.stem: path for path in paths}
    for name, path in sorted(by_name.items()):
        if fault := fault_of(name):
            raise EnvironmentFileError(f"{project.relative(path)}: {name!r} {fault}: rename the file")
    for one, other in overlapping(by_name):
        shown = project.relative(by_name[other])
        raise EnvironmentFileError(f"{shown}: {_reach(one, other)}: rename the file")


def check_beside(name: str, others: Iterable[str]) -> None:
    """Raise `EnvironmentFileError` unless a new environment keeps apart from those of the account."""
    if fault := fault_of(name, reserved=False):
        raise EnvironmentFileError(f"environment {name!r} {fault}: give it another name")
    for one, other in overlapping({name, *others}):
        if name in (one, other):
            raise EnvironmentFileError(
                f"environment {name}: {_reach(one, other)}: give it another name, or an account of its own"
            )


def fault_of(name: str, *, reserved: bool = True) -> str | None:
    """What is wrong with a name; `reserved` refuses `preview` too, which has no parameter file."""
    from infra.common import names

    if not 2 <= len(name) <= names.ENVIRONMENT_LENGTH or not re.fullmatch(names.ENVIRONMENT_PATTERN, name):
        return f"is no name of an environment: it {names.ENVIRONMENT_RULE}"
    if reserved and (name == project.PREVIEW or name.startswith(f"{project.PREVIEW}-")):
        return f"is kept for the stacks of pull requests, which have the roles of {project.PREVIEW}"
    return None


def overlapping(names: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs of names of which the second begins with the first and a hyphen."""
    pairs = itertools.combinations(sorted(names), 2)
    return [(one, other) for one, other in pairs if other.startswith(f"{one}-")]


def _reach(one: str, other: str) -> str:
    return f"the roles of {one} would reach what {other} owns: covid-lake-{one}-* covers covid-lake-{other}"
