"""Events of OpenLineage on the runs of the four jobs, written beside their run records.

They tell of the runs and decide nothing: where one cannot be written, the log says so and the run goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import tables
from ingestion.state import datazone
from ingestion.state.openlineage import ABORT, COMPLETE, START, Event, Frame
from ingestion.state.run_record import FailedRun
from ingestion.state.storage import Storage
from segmentation.arguments import Common
from segmentation.lake.places import Places
from segmentation.lake.table_state import TableState
from segmentation.lineage import columns
from segmentation.lineage.columns import IDENTITY, TRANSFORMATION, WRITE_BACK
from segmentation.record.step_record import StepRecord

_logger = logging.getLogger(__name__)

PRODUCER = "urn:covid-lake:segmentation"
_TEXTS = ("text", "character")


@dataclass(frozen=True)
class Teller:
    """Of one run for one table, or for the write-back; `domain` of DataZone gets the events, too."""

    storage: Storage
    common: Common
    job_name: str
    name: str
    started: str = ""
    domain: str = ""

    def begun(self, started: datetime) -> Teller:
        """Before anything is read; returns the one that tells how it ends."""
        told = replace(self, started=started.isoformat(timespec="seconds"))
        told._write(lambda: told._frame().event(START, told.started, told._inputs()))
        return told

    def completed(self, record: StepRecord) -> None:
        """After the run record, which alone says that the run is complete."""
        self._write(lambda: self._completed(record))

    def failed(self, record: FailedRun) -> None:
        """With the cause that the run record has."""
        told = replace(self, started=self.started or record.started_at)
        self._write(lambda: told._frame().failed(record.ended_at, record.cause))

    def aborted(self, run_id: str) -> None:
        """Of an earlier run, which died while it had the table."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._write(lambda: self._frame(run_id).event(ABORT, now), run_id)

    def _frame(self, run_id: str = "") -> Frame:
        common = self.common
        return Frame(
            PRODUCER, common.lake_root, self.job_name, run_id or common.run_id, self.name, self.started
        )

    def _write(self, make: Callable[[], Event], run_id: str = "") -> None:
        try:
            event = make()
            self._frame(run_id).write(self.storage, event)
        except Exception:  # the data must not wait for what is told about it
            _logger.exception("an event on the lineage of %s could not be written", self.name)
        else:
            datazone.send(self.domain, event)

    def _inputs(self) -> list[Event]:
        """The tables of the lake that the step reads."""
        return [self._frame().table("clean", name, {}) for name in columns.inputs(self.name)]

    def _completed(self, record: StepRecord) -> Event:
        """With the rows that were read, and those that each table holds now."""
        frame = self._frame()
        database = str(record.detail.get("database", ""))
        if self.name == WRITE_BACK:
            outputs = [self._result(record, database)] if database else []
            return frame.event(COMPLETE, record.ended_at, self._inputs(), outputs)
        inputs = self._inputs()
        if not inputs and database:
            read = frame.facet("InputStatisticsInputDatasetFacet", "1-0-0") | {"rowCount": record.rows_read}
            inputs = [{**self._source(database), "inputFacets": {"inputStatistics": read}}]
        outputs = [self._table(name, rows, database) for name, rows in record.tables.items()]
        return frame.event(COMPLETE, record.ended_at, inputs, outputs)

    def _source(self, database: str) -> Event:
        """The described table in the database."""
        return _in_database(database, tables.load(self.name).place)

    def _result(self, record: StepRecord, database: str) -> Event:
        frame = self._frame()
        made: Event = _in_database(database, str(record.detail["target"]))
        facets = self._made({one.column: "" for one in columns.of(WRITE_BACK)})
        return made | {"facets": facets, "outputFacets": frame.written(record.table_rows)}

    def _table(self, name: str, rows: int, database: str) -> Event:
        if name != self.name:
            return self._frame().table("quarantine", name, {}, rows)
        places = Places(name, self.common.run_id, self.common.lake_root)
        state = TableState.load(self.storage, places.state)
        made = columns.of(name)
        facets = self._made(state.columns) if made else self._extracted(state, database)
        return self._frame().table("clean", name, facets, rows)

    def _made(self, types: Mapping[str, str]) -> dict[str, Any]:
        """The columns of a step, which other tables' are the sources of."""
        known = {one.column: one for one in columns.of(self.name)}
        sources = {
            name: [self._frame().table("clean", table, {}) | {"field": field} for table, field in one.sources]
            for name, one in known.items()
            if name in types
        }
        return self._facets(types, sources, {name: (one.kind, one.how) for name, one in known.items()})

    def _extracted(self, state: TableState, database: str) -> dict[str, Any]:
        """Each column of an extracted table is made of the one of its name."""
        types = state.source_types
        how = {name: _extraction(types.get(name, ""), kind) for name, kind in state.columns.items()}
        source = self._source(database) if database else {}
        fields = {name: [source | {"field": name}] if database else [] for name in state.columns}
        return self._facets(state.columns, fields, how)

    def _facets(
        self, types: Mapping[str, str], sources: Mapping[str, list[Event]], how: Mapping[str, tuple[str, str]]
    ) -> dict[str, Any]:
        named = [
            {"name": name, **({"type": kind} if kind else {}), "description": how.get(name, ("", ""))[1]}
            for name, kind in types.items()
        ]
        lineage = {
            name: {"inputFields": [_input(one, *how[name]) for one in found]}
            for name, found in sources.items()
        }
        frame = self._frame()
        return {
            "schema": frame.facet("SchemaDatasetFacet", "1-2-0") | {"fields": named},
            "columnLineage": frame.facet("ColumnLineageDatasetFacet", "1-2-0") | {"fields": lineage},
        }


def _in_database(database: str, table: str) -> Event:
    """By OpenLineage's names for PostgreSQL; `database` is HOST:PORT/NAME."""
    place, _, name = database.partition("/")
    return {"namespace": f"postgres://{place}", "name": f"{name}.{table}"}


def _extraction(source: str, kind: str) -> tuple[str, str]:
    as_text = kind == "string" and not source.startswith(_TEXTS)
    return (TRANSFORMATION, f"{source} written as text") if as_text else (IDENTITY, "kept as it is")


def _input(source: Event, kind: str, how: str) -> Event:
    found = {name: source[name] for name in ("namespace", "name", "field")}
    return found | {"transformations": [{"type": "DIRECT", "subtype": kind, "description": how}]}
