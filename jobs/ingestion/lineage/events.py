"""Events of OpenLineage on the runs of data sets, in the frame that `ingestion.state.openlineage` gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.description import DataSet
from ingestion.description.rules import FAIL
from ingestion.lineage import columns
from ingestion.lineage.columns import Origin
from ingestion.state.openlineage import ABORT, COMPLETE, START, Event, Frame
from ingestion.state.run_record import RunRecord
from ingestion.state.storage import Prefix

PRODUCER = "urn:covid-lake:ingestion"


@dataclass(frozen=True)
class Run:
    """One data set in one execution of the job; `started` is in ISO 8601, UTC."""

    lake: Prefix
    source_root: Prefix
    job_name: str
    run_id: str
    data_set: str
    started: str

    @property
    def frame(self) -> Frame:
        return Frame(PRODUCER, self.lake, self.job_name, self.run_id, self.data_set, self.started)

    def start(self, dataset: DataSet | None = None) -> Event:
        """The data set is begun; without its description, the inputs are not known."""
        return self.frame.event(START, self.started, self._inputs(dataset))

    def complete(self, dataset: DataSet, record: RunRecord) -> Event:
        """With what was read and what is in each table now."""
        read = self.frame.facet("InputStatisticsInputDatasetFacet", "1-0-0")
        read |= {"rowCount": record.rows_read, "fileCount": record.objects_read}
        inputs = [one | {"inputFacets": {"inputStatistics": read}} for one in self._inputs(dataset)]
        outputs = [self._output(dataset, table, record) for table in record.tables]
        return self.frame.event(COMPLETE, record.ended_at, inputs, outputs)

    def fail(self, ended: str, cause: str) -> Event:
        """With the cause in one line."""
        return self.frame.failed(ended, cause)

    def abort(self, ended: str) -> Event:
        """Said by the next run for one that died without a word."""
        return self.frame.event(ABORT, ended)

    def _inputs(self, dataset: DataSet | None) -> list[Event]:
        if dataset is None:
            return []
        return [{"namespace": f"s3://{self.source_root.bucket}", "name": self._source(dataset)}]

    def _source(self, dataset: DataSet) -> str:
        return self.source_root.folder(dataset.source.prefix).key.rstrip("/")

    def _output(self, dataset: DataSet, table: str, record: RunRecord) -> Event:
        made = [origin for origin in columns.of(dataset) if origin.table == table]
        area = "quarantine" if table == f"{dataset.name}_quarantine" else "clean"
        facets: dict[str, Any] = {}
        if made:
            named = [{"name": one.column, "type": one.type, "description": one.how} for one in made]
            facets["schema"] = self.frame.facet("SchemaDatasetFacet", "1-2-0") | {"fields": named}
            facets["columnLineage"] = self._lineage(dataset, made)
        if table == dataset.name and record.rules:
            facets["dataQualityAssertions"] = self._assertions(record.rules)
        return self.frame.table(area, table, facets, record.tables[table])

    def _lineage(self, dataset: DataSet, made: Iterable[Origin]) -> Event:
        where = {"namespace": f"s3://{self.source_root.bucket}", "name": self._source(dataset)}
        fields = {
            one.column: {"inputFields": [where | {"field": name, **_direct(one)} for name in one.fields]}
            for one in made
        }
        return self.frame.facet("ColumnLineageDatasetFacet", "1-2-0") | {"fields": fields}

    def _assertions(self, results: Iterable[Mapping[str, Any]]) -> Event:
        made = [
            {
                "assertion": result["rule"],
                "success": not result["failures"],
                "severity": "error" if result["severity"] == FAIL else "warn",
                "actual": str(result["failures"]),
                "expected": "0",
            }
            for result in results
        ]
        return self.frame.facet("DataQualityAssertionsDatasetFacet", "1-1-0") | {"assertions": made}


def _direct(one: Origin) -> Event:
    return {"transformations": [{"type": "DIRECT", "subtype": one.kind, "description": one.how}]}
