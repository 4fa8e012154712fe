"""Events of OpenLineage 2.0.2 on the runs of data sets: https://openlineage.io/spec/2-0-2/OpenLineage.json.

A run is one data set in one execution. Its id is a UUID made of the lake, the data set and the execution's
name, so that whoever knows these finds it. A run that dies writes no end: the next one says ABORT for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.description import DataSet
from ingestion.description.rules import FAIL
from ingestion.lineage import columns
from ingestion.lineage.columns import Origin
from ingestion.state.run_record import RunRecord
from ingestion.state.storage import Prefix

Event = dict[str, Any]

START, COMPLETE, FAILED, ABORT = "START", "COMPLETE", "FAIL", "ABORT"
PRODUCER = "urn:covid-lake:ingestion"
SPECIFICATION = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_FACETS = "https://openlineage.io/spec/facets"


@dataclass(frozen=True)
class Run:
    """One data set in one execution of the job; `started` is in ISO 8601, UTC."""

    lake: Prefix
    source_root: Prefix
    job_name: str
    run_id: str
    data_set: str
    started: str

    def start(self, dataset: DataSet | None = None) -> Event:
        """The data set is begun; without its description, the inputs are not known."""
        return self._event(START, self.started, self._inputs(dataset))

    def complete(self, dataset: DataSet, record: RunRecord) -> Event:
        """With what was read and what is in each table now."""
        read = _facet("InputStatisticsInputDatasetFacet", "1-0-0")
        read |= {"rowCount": record.rows_read, "fileCount": record.objects_read}
        inputs = [one | {"inputFacets": {"inputStatistics": read}} for one in self._inputs(dataset)]
        outputs = [self._output(dataset, table, record) for table in record.tables]
        return self._event(COMPLETE, record.ended_at, inputs, outputs)

    def fail(self, ended: str, cause: str) -> Event:
        """With the cause in one line."""
        error = _facet("ErrorMessageRunFacet", "1-0-1") | {"message": cause, "programmingLanguage": "Python"}
        return self._event(FAILED, ended, [], facets={"errorMessage": error})

    def abort(self, ended: str) -> Event:
        """Said by the next run for one that died without a word."""
        return self._event(ABORT, ended, [])

    def _event(
        self,
        kind: str,
        time: str,
        inputs: Iterable[Event],
        outputs: Iterable[Event] = (),
        facets: Mapping[str, Any] | None = None,
    ) -> Event:
        told = dict(facets or {})
        if kind != ABORT:  # when the run that died had begun is not known
            told["nominalTime"] = _facet("NominalTimeRunFacet", "1-0-1") | {"nominalStartTime": self.started}
        return {
            "eventType": kind,
            "eventTime": time,
            "run": {
                "runId": self._uuid(self.data_set),
                "facets": {"parent": self._parent(), **told},
            },
            "job": {"namespace": self._namespace, "name": f"{self.job_name}.{self.data_set}"},
            "inputs": list(inputs),
            "outputs": list(outputs),
            "producer": PRODUCER,
            "schemaURL": SPECIFICATION,
        }

    @property
    def _namespace(self) -> str:
        return f"s3://{self.lake.bucket}"

    def _uuid(self, of: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.lake}{of}/{self.run_id}"))

    def _parent(self) -> Event:
        """The execution that started the job run: its UUID is made of its name alone."""
        job = {"namespace": self._namespace, "name": self.job_name}
        return _facet("ParentRunFacet", "1-2-0") | {"run": {"runId": self._uuid("")}, "job": job}

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
            facets["schema"] = _facet("SchemaDatasetFacet", "1-2-0") | {"fields": named}
            facets["columnLineage"] = self._lineage(dataset, made)
        if table == dataset.name and record.rules:
            facets["dataQualityAssertions"] = _assertions(record.rules)
        rows = _facet("OutputStatisticsOutputDatasetFacet", "1-0-2") | {"rowCount": record.tables[table]}
        name = f"{self.lake.folder(area).folder(table).key.rstrip('/')}"
        return {
            "namespace": self._namespace,
            "name": name,
            "facets": facets,
            "outputFacets": {"outputStatistics": rows},
        }

    def _lineage(self, dataset: DataSet, made: Iterable[Origin]) -> Event:
        where = {"namespace": f"s3://{self.source_root.bucket}", "name": self._source(dataset)}
        fields = {
            one.column: {"inputFields": [where | {"field": name, **_direct(one)} for name in one.fields]}
            for one in made
        }
        return _facet("ColumnLineageDatasetFacet", "1-2-0") | {"fields": fields}


def _direct(one: Origin) -> Event:
    return {"transformations": [{"type": "DIRECT", "subtype": one.kind, "description": one.how}]}


def _assertions(results: Iterable[Mapping[str, Any]]) -> Event:
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
    return _facet("DataQualityAssertionsDatasetFacet", "1-1-0") | {"assertions": made}


def _facet(name: str, version: str) -> Event:
    return {"_producer": PRODUCER, "_schemaURL": f"{_FACETS}/{version}/{name}.json#/$defs/{name}"}
