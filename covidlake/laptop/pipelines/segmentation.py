"""The second pipeline's part of `covidlake run`: a filled database, segments, rows that arrived in it."""

from __future__ import annotations

from collections.abc import Mapping

from covidlake.base import console
from covidlake.base.console import Stages
from covidlake.base.errors import DataSetError
from covidlake.environment import environment_file
from covidlake.laptop.database import access, existing, fill
from covidlake.laptop.database.access import Access
from covidlake.laptop.pipelines.own_part import Wanted
from covidlake.run import ingest
from covidlake.run.execution import Execution
from covidlake.run.pipelines import segmentation
from covidlake.run.pipelines.segmentation import Request

TARGET = "segmentation.customer_segments"


class Part:
    """Raises `DataSetError` for data sets, which a database has none of, `SourceError` for a wrong source."""

    request = Request()

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        environment_file.load(wanted.environment)
        if wanted.data_sets is not None:
            raise DataSetError(
                f"{wanted.data_sets!r}: {wanted.environment} has tables, no data sets: leave --datasets out"
            )
        self._own = Access.of_url(wanted.database) if wanted.database is not None else None
        if self._own is not None:
            existing.check(self._own, wanted.source)
            console.detail(existing.said(self._own))
        else:
            fill.check(wanted.source)

    @property
    def _database(self) -> Access:
        return self._own or access.of_stack(self._wanted.environment)

    def before_deploy(self, stages: Stages) -> Mapping[str, str]:
        if self._own is None:
            return {}
        with stages.stage("Your database") as stage:
            parameters = existing.prepare(self._own, self._wanted.environment)
            stage.note = f"{self._own}: secret, subnet and security group made in the local cloud"
        return parameters

    def after_deploy(self, stages: Stages) -> None:
        if self._own is None:
            with stages.stage("Fill the database") as stage:
                stage.note = fill.fill(self._database, self._wanted.source)

    def answer(self, ended: Execution, stages: Stages) -> None:
        """Show the segments as Athena counts them, and as the rows in the database do."""
        from covidlake.run import query

        self._say_work(ended)
        with stages.stage("Ask Athena about the segments") as stage:
            answer = query.query(
                self._wanted.environment, segmentation.QUESTION.format(segmentation.SEGMENTS)
            )
            stage.note = f"{len(answer.rows)} rows, {answer.bytes_scanned:,} bytes scanned"
        stages.answer(answer.columns, answer.rows, "Segments, in the lake")
        with stages.stage("Ask the database") as stage, self._database.connect() as connection:
            asked = connection.execute(segmentation.QUESTION.format(TARGET).encode())
            rows = [[None if cell is None else str(cell) for cell in row] for row in asked.fetchall()]
            stage.note = f"{self._database}: {TARGET}"
        stages.answer(answer.columns, rows, f"The rows that arrived in {TARGET}")

    def _say_work(self, ended: Execution) -> None:
        """The changes in the database, which are none where nothing is new."""
        written = [one for one in ingest.outcomes(ended) if one["dataset"] == segmentation.WRITE_BACK]
        if not written:
            console.detail("nothing new: 0 rows changed in the database")
