"""A choice of what an environment has, by names that somebody gave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from covidlake.base import project
from covidlake.base.errors import DataSetError
from covidlake.base.nearest import unknown

if TYPE_CHECKING:
    from covidlake.environment.environment_file import Environment

ALL = "*"


@dataclass(frozen=True)
class Choice:
    """`kind` is what people call one, `parameter` lists those that an execution of an environment takes."""

    kind: str
    parameter: str
    described: Sequence[str]

    def taken(self, environment: Environment) -> list[str]:
        """Those that an execution of the environment takes."""
        given = [name.strip() for name in environment.parameters.get(self.parameter, ALL).split(",")]
        return list(self.described) if given == [ALL] else [name for name in given if name]

    def of(self, given: Iterable[str], environment: Environment) -> list[str]:
        """The ones with these names, which the environment must take; all that it takes for none.

        Raises `DataSetError` with the nearest name.
        """
        there, asked = self.taken(environment), list(dict.fromkeys(given))
        for name in asked:
            if name not in self.described:
                raise DataSetError(unknown(self.kind, name, list(self.described)))
            if name not in there:
                shown = project.relative(environment.path)
                raise DataSetError(
                    f"{self.kind} {name!r}: parameter {self.parameter} in {shown} leaves it out: add it"
                )
        return asked or there
