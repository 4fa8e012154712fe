"""One run: the table `customer_segments` from the table `customers`, and the model that made it.

A run without customers that have ordered leaves the last segments as they are: an empty input is a mistake
before this step far more often than it is the truth. The status says so, and the write-back changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.state.job_runs import JobRuns
from ingestion.state.storage import Storage
from segmentation.arguments import SegmentArguments
from segmentation.lake import publication
from segmentation.lake.files import Files, session
from segmentation.lake.inputs import Inputs
from segmentation.lake.merge import Merge, Merged
from segmentation.lake.places import Places
from segmentation.lake.quarantine import Quarantined
from segmentation.lake.table_state import TableState
from segmentation.record.reporting import Recorder
from segmentation.record.step_record import NOTHING_TO_SEGMENT, SegmentRecord, StepRecord
from segmentation.segment import clusters
from segmentation.segment.clusters import CLUSTER, FEATURES, Clustered, Model
from segmentation.segment.drift import Drift, drift
from segmentation.segment.names import names
from segmentation.step import JobRun

_logger = logging.getLogger(__name__)

NAME = "customer_segments"
SOURCE = "customers"
KEY = ("customer_id",)
MODEL = "model.json"


def run(
    options: Mapping[str, str], storage: Storage | None = None, job_runs: JobRuns | None = None
) -> SegmentRecord:
    """Segment the customers and publish what differs; returns the run record that was written."""
    arguments = SegmentArguments.parse(options)
    job_run = JobRun.of(options, storage, job_runs)
    record = job_run.carry_out(NAME, arguments, Segmentation(job_run, arguments).execute)
    return cast("SegmentRecord", record)


@dataclass(frozen=True)
class Segmentation:
    """One run of the segmentation."""

    job_run: JobRun
    arguments: SegmentArguments

    def execute(self) -> StepRecord:
        """Raises SegmentationError with a message of one line."""
        storage, arguments = self.job_run.storage, self.arguments
        places = Places(NAME, arguments.run_id, arguments.lake_root)
        state = publication.load(storage, places)
        recorder = Recorder(storage, places, state.revision)
        inputs = Inputs(storage, arguments.lake_root, arguments.run_id)
        source = inputs.states({SOURCE: (*KEY, *FEATURES)})[SOURCE]
        asked = [arguments.segments, arguments.min_segments, arguments.max_segments]
        made_of = {
            "code": arguments.code,
            SOURCE: source.revision,
            "asked": [asked[0]] if asked[0] else asked,
        }
        if state.about.get("made_of") == made_of:
            _logger.info("neither the customers nor what was asked for have changed")
            status = NOTHING_TO_SEGMENT if state.about.get("nothing") else ""
            return self._record(recorder, state, state.about, status=status)
        publication.clean_up(storage, places)
        files = Files(session(self.job_run.job_name), storage, places)
        customers = inputs.of(files.spark, SOURCE, source).rows().where("frequency > 0")
        count = customers.count()
        if not count:
            return self._nothing(recorder, state, made_of, source)
        return self._segmented(recorder, files, state, customers, count, made_of, source)

    def _nothing(
        self, recorder: Recorder, state: TableState, made_of: Mapping[str, Any], source: TableState
    ) -> StepRecord:
        about = {**state.about, "made_of": made_of, "nothing": True}
        revision = state.revision or self.arguments.run_id  # what is verified and written back needs one
        storage, places = self.job_run.storage, recorder.places
        done = publication.publish(
            storage,
            places,
            state,
            replace(state, about=about, revision=revision),
            Merged(buckets=state.buckets, columns=state.columns),
            Quarantined(),
        )
        said = f"none of {source.rows} customers has an order that counts: {state.rows} rows stay as they are"
        return self._record(recorder, done.state, about, status=NOTHING_TO_SEGMENT, findings=[said])

    def _segmented(
        self,
        recorder: Recorder,
        files: Files,
        state: TableState,
        customers: DataFrame,
        count: int,
        made_of: Mapping[str, Any],
        source: TableState,
    ) -> StepRecord:
        asked = self.arguments
        found = clusters.fit(customers, count, asked.segments, asked.min_segments, asked.max_segments)
        rows, segments = _named(files.keep(found.rows.select(*KEY, *FEATURES, CLUSTER), "clustered"), found)
        before = files.published(state) if state.rows else None
        moved = drift(before, rows)
        merged = Merge(files, state, rows, KEY, count, complete=True).execute()
        about = {
            "made_of": made_of,
            "segments": segments,
            "k": found.model.k,
            "silhouette": found.model.silhouette,
            "drift": moved.share,
        }
        after = publication.next_state(state, asked.run_id, KEY, merged, Quarantined(), about=about)
        places, storage = recorder.places, self.job_run.storage
        model = {**found.model.document(), "segments": segments, "made_of": made_of}
        storage.write_json(places.models.folder(asked.run_id), MODEL, model)
        done = publication.publish(storage, places, state, after, merged, Quarantined())
        return self._record(
            recorder,
            done.state,
            about,
            findings=_findings(asked, found.model, source.rows - count),
            moves=moved,
            rows_read=count,
            **merged.recorded,
            files_written=done.files,
            bytes_written=done.size,
        )

    def _record(
        self,
        recorder: Recorder,
        state: TableState,
        about: Mapping[str, Any],
        moves: Drift | None = None,
        **more: Any,
    ) -> StepRecord:
        """A run that finds nothing new repeats the figures of the segments that stand: they drift by 0."""
        silhouette = about.get("silhouette")
        detail = {"silhouette": silhouette, "moves": list(moves.moves) if moves else []}
        return recorder.record(
            state,
            kind=SegmentRecord,
            segments=tuple(about.get("segments", ())),
            k=about.get("k", 0),
            silhouette=None if silhouette is None else round(silhouette, 4),
            drift=moves.share if moves else 0.0 if about.get("segments") else None,
            detail=detail,
            **more,
        )


def _named(rows: DataFrame, found: Clustered) -> tuple[DataFrame, list[dict[str, Any]]]:
    """Rows with number and name of their segment, and the segments: the first has the highest spend."""
    model = found.model
    measured = {
        row[CLUSTER]: row
        for row in rows.groupBy(CLUSTER)
        .agg(
            F.count("*").alias("customers"),
            F.avg("recency_days").alias("recency"),
            F.avg("frequency").alias("frequency"),
            (F.sum("monetary") / F.count("*")).cast("double").alias("monetary"),
        )
        .collect()
    }
    order = sorted(measured, key=lambda one: (-measured[one]["monetary"], model.centers[one]))
    called = names([model.centers[one] for one in order])
    total = sum(row["customers"] for row in measured.values())
    segments = [
        {
            "number": number,
            "name": called[number - 1],
            "customers": measured[one]["customers"],
            "share": round(measured[one]["customers"] / total, 6),
            "mean_recency_days": round(measured[one]["recency"], 2),
            "mean_frequency": round(measured[one]["frequency"], 2),
            "mean_monetary": round(measured[one]["monetary"], 2),
        }
        for number, one in enumerate(order, start=1)
    ]
    numbers = {one: number for number, one in enumerate(order, start=1)}
    number = F.element_at(F.create_map(*[F.lit(v) for pair in numbers.items() for v in pair]), F.col(CLUSTER))
    named = F.element_at(F.array(*[F.lit(one) for one in called]), number)
    return rows.select(
        *KEY, number.cast("int").alias("segment"), named.alias("segment_name"), *FEATURES
    ), segments


def _findings(asked: SegmentArguments, model: Model, without: int) -> list[str]:
    said = [f"{without} customers without an order that counts are in no segment"] if without else []
    wanted = asked.segments or asked.min_segments
    if model.k < wanted:
        said.append(f"{model.k} segments instead of {wanted}: no more customers differ")
    return said
