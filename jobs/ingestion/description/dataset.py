"""The description of a data set that has been checked."""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.description.model import Description
from ingestion.description.problems import problems
from ingestion.errors import InvalidDescriptionError


@dataclass(frozen=True)
class DataSet(Description):
    """A description without problems. Raises InvalidDescriptionError with the first one that it has.

    It is checked where it is made, so that an error names the line in the file of the description.
    """

    def __post_init__(self) -> None:
        for problem in problems(self):
            line = problem.replace("\n", "\\n")  # a name or a pattern may hold one
            raise InvalidDescriptionError(f"data set `{self.name}`: {line}")
