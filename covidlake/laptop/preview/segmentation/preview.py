"""The second pipeline's part of `covidlake dataset diff`: whether it has to run, and what its runs show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from covidlake.base.errors import DataSetError
from covidlake.base.progress import Progress
from covidlake.laptop.preview import fingerprint
from covidlake.laptop.preview.descriptions import DescribedTables
from covidlake.laptop.preview.model import DataSetChange
from covidlake.laptop.preview.segmentation import changes, database, parameters
from covidlake.laptop.preview.segmentation.parameters import PIPELINE, Asked, Parameters
from covidlake.laptop.preview.segmentation.runs import Runs, Side


@dataclass(frozen=True)
class Ref:
    """One side: its folder `jobs`, its descriptions of tables, its environments of the pipeline."""

    jobs: Path
    described: DescribedTables | None
    environments: dict[str, Parameters]

    @classmethod
    def of(cls, jobs: Path, described: DescribedTables | None, environments: Path) -> Ref:
        """Raises `EnvironmentFileError` for an environment's file that cannot be read."""
        return cls(jobs, described, parameters.of(environments))


@dataclass(frozen=True)
class Work:
    """What is to run and why; without `asked` nothing of the change reaches the pipeline.

    `left_out` names the environments with whose parameters nothing runs, each with the reason.
    """

    base: Ref
    head: Ref
    library: tuple[str, ...]
    why: tuple[str, ...]
    asked: tuple[Asked, ...]
    left_out: tuple[str, ...] = ()

    @property
    def is_there(self) -> bool:
        """Whether any side has the pipeline."""
        return bool(self.base.described or self.head.described)

    def changes(self, role: str, place: Path, progress: Progress) -> list[DataSetChange]:
        """Carry out what is to run, on the cloud that this process calls."""
        problems = [one.described.problem if one.described else "" for one in (self.base, self.head)]
        if any(problems):
            return [changes.unread(asked.names[0], self.why, *problems) for asked in self.asked]
        runs = self._runs(role, place, progress)
        there = bool(self.base.described), bool(self.head.described)
        return [changes.of(asked, self.why, runs.of(asked), *there) for asked in self.asked]

    def _runs(self, role: str, place: Path, progress: Progress) -> Runs:
        base, head = (
            Side(name, ref.jobs, ref.described, role) if ref.described else None
            for name, ref in (("base", self.base), ("head", self.head))
        )
        for side in (base, head):
            if side:
                side.create()
        return Runs(base, head, database.create(), place, progress)


def work(base: Ref, head: Ref, forced: bool = False) -> Work:
    """What of the pipeline a change reaches; `forced` runs it anyway."""
    library = fingerprint.library(base.jobs, head.jobs, fingerprint.SEGMENTATION)
    asked = parameters.asked(base.environments, head.environments)
    why = tuple(_why(base.described, head.described, library))
    runs = why or forced or any(one.differences for one in asked)
    if (base.described is None and head.described is None) or not runs:
        return Work(base, head, library, (), (), _left_out(base, head, []))
    if not asked:
        raise DataSetError(f"environments/{PIPELINE}/ has no file, which says what to run with: add one")
    reached = why or any(one.differences for one in asked)
    left_out = _left_out(base, head, asked)
    return Work(base, head, library, why if reached else ("asked for",), tuple(asked), left_out)


def _left_out(base: Ref, head: Ref, ran: list[Asked]) -> tuple[str, ...]:
    return tuple(parameters.left_out(base.environments, head.environments, ran))


def _why(base: DescribedTables | None, head: DescribedTables | None, library: tuple[str, ...]) -> list[str]:
    if base is None or head is None:
        return [f"the pipeline is {'new' if base is None else 'gone'}"] if base is not head else []
    found = []
    if base.problem != head.problem:
        found.append("its descriptions fail to load")
    if base.judged != head.judged:
        found.append("tables")
    if library:
        found.append("library")
    return found
