"""The main pipeline's part of `covidlake run`: a copy of the public bucket, a question for each data set."""

from __future__ import annotations

from collections.abc import Mapping

from covidlake.base import console
from covidlake.base.console import Stages
from covidlake.base.errors import DataSetError, SourceError
from covidlake.base.nearest import instead
from covidlake.dataset import descriptions
from covidlake.environment import environment_file
from covidlake.laptop import local
from covidlake.laptop.pipelines.own_part import Wanted
from covidlake.run import ingest
from covidlake.run.execution import Execution
from covidlake.run.pipelines.ingestion import Request


class Part:
    """Raises `EnvironmentFileError`, `DataSetError` for a wrong name, `SourceError` for a database."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        given = descriptions.MAIN if wanted.data_sets is None else wanted.data_sets
        self.request = Request(_chosen(wanted.environment, given))
        if wanted.database is not None:
            raise SourceError(
                f"--database: {wanted.environment} reads no database: "
                "covidlake run segmentation/dev --database URL"
            )

    def before_deploy(self, stages: Stages) -> Mapping[str, str]:
        with stages.stage("Source objects") as stage:
            stage.note = local.fill_source(self._wanted.source, console.detail)
        return {}

    def after_deploy(self, stages: Stages) -> None:
        """Nothing: the source was there before the stack."""

    def answer(self, ended: Execution, stages: Stages) -> None:
        """Run the first named query of each ingested data set and show Athena's answer."""
        from covidlake.run import query

        for outcome in ingest.outcomes(ended):
            name = outcome["dataset"]
            with stages.stage(f"Ask Athena about {name}") as stage:
                described = descriptions.load(name)
                named = described.queries[0]
                answer = query.query(self._wanted.environment, named.sql)
                stage.note = f"{len(answer.rows)} rows, {answer.bytes_scanned:,} bytes scanned"
            stages.answer(answer.columns, answer.rows, named.title)


def _chosen(environment: str, data_sets: str) -> tuple[str, ...]:
    """What to ingest; () for all of the environment's data sets."""
    loaded = environment_file.load(environment)
    if data_sets == "*":
        return ()
    named = [name.strip() for name in data_sets.split(",") if name.strip()]
    if not named:
        raise DataSetError(f"{data_sets!r} names no data set: {instead(data_sets, descriptions.names())}")
    return tuple(descriptions.chosen(named, loaded))
