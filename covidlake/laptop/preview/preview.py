"""`covidlake dataset diff`: run what a change reaches on a local cloud, thrice, and compare the tables."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from covidlake.base import project
from covidlake.base.errors import DataSetError, QueryError
from covidlake.base.nearest import unknown
from covidlake.base.progress import Progress
from covidlake.base.text import count
from covidlake.laptop import local
from covidlake.laptop.preview import catalog, changes, cloud, descriptions, fingerprint, refs
from covidlake.laptop.preview.changes import Lakes, Pair
from covidlake.laptop.preview.descriptions import Described, Descriptions
from covidlake.laptop.preview.lake import Lake
from covidlake.laptop.preview.model import LEFT_OUT, DataSetChange, Preview, QueryChange
from covidlake.laptop.preview.segmentation import preview as pipeline
from covidlake.laptop.preview.segmentation.parameters import PIPELINE
from covidlake.laptop.source import SAMPLE, folder_of, of_two

BASE, HEAD, UPGRADE = "base", "head", "upgrade"


@dataclass(frozen=True)
class Ref:
    """One side of the comparison: what to call it, its folders, what its descriptions say."""

    shown: str
    jobs: Path
    described: Descriptions
    environments: Path

    @classmethod
    def of(cls, shown: str, jobs: Path, environments: Path) -> Ref:
        return cls(shown, jobs, descriptions.of(jobs), environments)

    @property
    def segmentation(self) -> pipeline.Ref:
        """Its part that the second pipeline is made of."""
        return pipeline.Ref.of(self.jobs, self.described.segmentation, self.environments)


def diff(
    base: str, chosen: Collection[str], source: str, progress: Progress, everything: bool = False
) -> Preview:
    """What the work tree does to the data, compared with where it has left `base`.

    Runs the data sets that the change reaches, of the chosen ones, and the second pipeline; with `everything`
    all of them. Raises `ProjectError` for an unknown ref, `DataSetError` for an unknown data set,
    `SourceError` without objects.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="preview-") as scratch:
        place = Path(scratch)
        then, now = _base(base, place / "refs"), Ref.of(refs.described(), project.JOBS, project.ENVIRONMENTS)
        library = fingerprint.library(then.jobs, now.jobs)
        pairs, not_run = _pairs(then.described, now.described, library, chosen, everything)
        second = _second(then, now, chosen, everything)
        if second and second.is_there and not second.asked:
            not_run.append(PIPELINE)
        what = f"{count(len(pairs), 'data set')}{' and the segmentation' if second and second.asked else ''}"
        progress(f"{what} to run, {len(not_run)} that nothing of the change reaches")
        runs = _Runs(then, now, source, place, progress)
        found = runs.changes(pairs, second)
    seconds = round(time.monotonic() - started, 1)
    left_out = (*LEFT_OUT, *runs.left_out, *(second.left_out if second else ()))
    differs = tuple(sorted({*library, *(second.library if second else ())}))
    return Preview(then.shown, now.shown, source, tuple(found), differs, tuple(not_run), left_out, seconds)


def _base(base: str, folder: Path) -> Ref:
    commit = refs.commit_of(base)
    jobs, environments = (refs.lay_out(commit, folder, part=part) for part in (refs.JOBS, refs.ENVIRONMENTS))
    return Ref.of(commit[:12], jobs, environments)


def _second(then: Ref, now: Ref, chosen: Collection[str], everything: bool) -> pipeline.Work | None:
    """What there is to do for the second pipeline; None where only others are asked for."""
    if chosen and PIPELINE not in chosen:
        return None
    return pipeline.work(then.segmentation, now.segmentation, everything)


def _pairs(
    then: Descriptions,
    now: Descriptions,
    library: tuple[str, ...],
    chosen: Collection[str],
    everything: bool,
) -> tuple[list[Pair], list[str]]:
    """The data sets to run, and the names of those that nothing reaches."""
    for side in (then, now):
        if side.problem:
            raise DataSetError(f"jobs/datasets of {'base' if side is then else 'head'}: {side.problem}")
    new_names = descriptions.renamed(then, now)
    names = [*now.data_sets, *(one for one in then.data_sets if one not in now.data_sets)]
    names = [one for one in names if one not in new_names.values()]
    for one in chosen:
        if one not in (*names, PIPELINE):
            raise DataSetError(unknown("data set", one, [*names, PIPELINE]))
    run, left = [], []
    for name in sorted(name for name in names if not chosen or name in chosen):
        before, after = then.data_sets.get(new_names.get(name, name)), now.data_sets.get(name)
        why = fingerprint.why(before, after, library)
        if why or everything:
            run.append(Pair(before, after, why or ("asked for",)))
        else:
            left.append(name)
    return run, left


@dataclass(frozen=True)
class _Runs:
    """The three runs of some data sets, and those of the second pipeline, on one cloud."""

    base: Ref
    head: Ref
    source: str
    place: Path
    progress: Progress
    left_out: list[str] = field(default_factory=list)

    def changes(self, pairs: list[Pair], second: pipeline.Work | None = None) -> list[DataSetChange]:
        asked = second if second and second.asked else None
        if not pairs and not asked:
            return []
        folder = self._source(pairs) if pairs else None
        with (
            local.ephemeral(warm=True, little_data=self.source == SAMPLE) as running,
            local.attached(running),
        ):
            role = cloud.prepare((BASE, HEAD, UPGRADE))
            found = self._of_data_sets(pairs, role, folder) if folder else []
            return found + (asked.changes(role, self.place / "lakes", self.progress) if asked else [])

    def _of_data_sets(self, pairs: list[Pair], role: str, folder: Path) -> list[DataSetChange]:
        self.progress(local.fill_source(str(folder), self.progress))
        lakes = self._run(pairs, role)
        queries = self._queries(pairs)
        return [changes.of(pair, lakes, queries.get(pair.name, ())) for pair in pairs]

    def _source(self, pairs: Iterable[Pair]) -> Path:
        if self.source != SAMPLE:
            return folder_of(self.source, self.progress)
        folder = self.place / "source"
        for pair in pairs:
            facts = [one.facts.get("whole") if one else None for one in (pair.base, pair.head)]
            if any(facts):
                of_two.generate(facts[0], facts[1], folder)
        return folder_of(str(folder), self.progress)

    def _run(self, pairs: list[Pair], role: str) -> Lakes:
        of_base, of_head = _loaded(pair.base for pair in pairs), _loaded(pair.head for pair in pairs)
        for job, ref in ((BASE, self.base), (HEAD, self.head)):
            cloud.create_job(job, ref.jobs, role)
        base, head = cloud.beside(
            lambda: self._job(BASE, BASE, of_base), lambda: self._job(HEAD, HEAD, of_head)
        )
        cloud.copy(BASE, UPGRADE)
        upgrade = self._job(HEAD, UPGRADE, _loaded(pair.head for pair in pairs if pair.base))
        return Lakes(base, head, upgrade)

    def _job(self, job: str, lake: str, names: list[str]) -> Lake:
        ended = cloud.JobRun(0.0)
        if names:
            taken = (self.base if job == BASE else self.head).described.arguments
            ended = cloud.run(job, lake, names, taken, cloud.SOURCE)
            how = "from nothing" if lake != UPGRADE else "on the lake of base"
            self.progress(f"{job} {how}: {count(len(names), 'data set')} in {ended.seconds:.1f} s")
        return Lake(cloud.fetch(lake, self.place / "lakes" / lake), lake, ended.error)

    def _queries(self, pairs: Iterable[Pair]) -> dict[str, tuple[QueryChange, ...]]:
        """The named queries of both sides; without a crawl they are left out, and that is said."""
        asked = [pair for pair in pairs if any(one and one.queries for one in (pair.base, pair.head))]
        if not asked:
            return {}
        for lake in (BASE, HEAD):
            try:
                catalog.crawl(lake)
            except QueryError as error:
                self.left_out.append(f"named queries have no answer in {lake}: {error}")
        found = {}
        for pair in asked:
            before = pair.base.queries if pair.base else {}
            after = pair.head.queries if pair.head else {}
            found[pair.name] = catalog.compared(
                before, after, catalog.answers(BASE, before), catalog.answers(HEAD, after)
            )
        return found


def _loaded(described: Iterable[Described | None]) -> list[str]:
    return [one.name for one in described if one and not one.problem]
