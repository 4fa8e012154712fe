"""The jobs of both refs on one database: base and head from nothing, head on what base left."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from covidlake.base.progress import Progress
from covidlake.laptop.database.access import Access
from covidlake.laptop.preview import cloud
from covidlake.laptop.preview.changes import Lakes
from covidlake.laptop.preview.descriptions import DescribedTables
from covidlake.laptop.preview.lake import Lake
from covidlake.laptop.preview.segmentation import database
from covidlake.laptop.preview.segmentation.parameters import Asked, Parameters

STEPS = ("extract", "join", "segment", "write_back")
RESULT = "segmentation.customer_segments"  # what the table in the database is shown as
DEFAULTS = {"Tables": "*", "Segments": "auto", "MinSegments": "3", "MaxSegments": "8"}


@dataclass(frozen=True)
class Side:
    """One ref: its name, its folder `jobs`, what its jobs take. `role` is that of the job runs."""

    name: str
    jobs: Path
    described: DescribedTables
    role: str

    def job(self, step: str) -> str:
        return f"segmentation-{self.name}-{step}"

    def create(self) -> None:
        for step in STEPS:
            cloud.create_job(self.job(step), self.jobs, self.role, f"segmentation_{step}.py")

    def tables(self, parameters: Parameters) -> list[str]:
        """Those that an execution extracts."""
        given = parameters.get("Tables", DEFAULTS["Tables"])
        return sorted(self.described.tables) if given == "*" else [one.strip() for one in given.split(",")]

    def arguments(self, step: str, lake: str, parameters: Parameters) -> Mapping[str, str]:
        """What the stack would tell the job."""
        given = {**DEFAULTS, **parameters}
        known = {
            "lake_root": cloud.lake_root(lake),
            "run_id": cloud.run_id_of(lake),
            "code": self.name,
            "tables": ",".join(self.tables(parameters)),
            "connection": database.NAME,
            "load_mode": "incremental",
            "compare_keys": "auto",
            "allow_removal": "false",
            "parallel_tables": "4",
            "segments": given["Segments"],
            "min_segments": given["MinSegments"],
            "max_segments": given["MaxSegments"],
            "target": f"{database.SCHEMA}.{result_of(lake)}",
            "gone": given.get("GoneCustomers", "delete"),
        }
        taken = self.described.arguments.get(step, ())
        return {name: known.get(name, "any") for name in taken}


@dataclass(frozen=True)
class Runs:
    """The three runs with the parameters of one environment; a side is None where it has no pipeline."""

    base: Side | None
    head: Side | None
    access: Access
    place: Path
    progress: Progress

    def of(self, asked: Asked) -> Lakes:
        """The lakes that they leave; what is in the database stands in each beside the lake's tables."""
        prefix = re.sub(r"[^a-z0-9]+", "-", asked.names[0].lower())
        names = [f"{prefix}-{one}" for one in ("base", "head", "upgrade")]
        cloud.add_buckets(map(cloud.bucket_of, names))
        base, head = cloud.beside(
            lambda: self._run(self.base, names[0], asked.base),
            lambda: self._run(self.head, names[1], asked.head),
        )
        upgrade = Lake(self.place / names[2], names[2])
        if self.base and self.head and not base.error and not head.error:
            cloud.copy(names[0], names[2])
            database.copy(self.access, result_of(names[0]), result_of(names[2]))
            upgrade = self._run(self.head, names[2], asked.head)
        return Lakes(base, head, upgrade)

    def _run(self, side: Side | None, lake: str, parameters: Parameters | None) -> Lake:
        """All steps, up to one that fails; its words are the lake's error."""
        error, seconds = "", 0.0
        for step in STEPS if side else ():
            assert side is not None
            ended = cloud.run_with(side.job(step), side.arguments(step, lake, parameters or {}))
            seconds += ended.seconds
            if ended.error:
                error = f"{step}: {ended.error}"
                break
        if side:
            self.progress(f"segmentation, {lake}: {error or 'all four jobs'} in {seconds:.1f} s")
        found = Lake(cloud.fetch(lake, self.place / lake), lake, error)
        if side and not error:
            database.export(self.access, result_of(lake), found.folder / "clean" / RESULT)
        return found


def result_of(lake: str) -> str:
    """The table in the database that the run into a lake writes its result to."""
    return lake.replace("-", "_")
