"""What the loop asks of a pipeline's own part, in this order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from covidlake.base.console import Stages
from covidlake.laptop.source import SAMPLE
from covidlake.run.execution import Execution
from covidlake.run.pipelines.pipeline import Request


@dataclass(frozen=True)
class Wanted:
    """What `covidlake run` was asked for. `data_sets` are names, comma separated, or `*`."""

    environment: str = "dev"
    source: str | None = None
    data_sets: str | None = None
    database: str | None = None

    @property
    def is_sample(self) -> bool:
        """Whether it runs on what our generators make: thousands of rows, not millions."""
        return self.database is None and self.source in (None, SAMPLE)


class OwnPart(Protocol):
    """A pipeline's own steps. Each shows a stage for what takes time."""

    @property
    def request(self) -> Request:
        """What the execution is asked for."""

    def before_deploy(self, stages: Stages) -> Mapping[str, str]:
        """Make what the stack needs; the parameters that differ from the environment's file."""

    def after_deploy(self, stages: Stages) -> None:
        """Fill what the stack has made."""

    def answer(self, ended: Execution, stages: Stages) -> None:
        """Show what the execution has made."""
