"""The frame of events of OpenLineage, which both pipelines fill.

They are of version 2.0.2: https://openlineage.io/spec/2-0-2/OpenLineage.json. A run is one data set or table
in one execution. Its id is a UUID made of the lake, the name and the execution's name, so that whoever knows
these finds it. A run that dies writes no end: the next one says ABORT for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.state.storage import Prefix, Storage

Event = dict[str, Any]

FOLDER = "lineage"
START, COMPLETE, FAILED, ABORT = "START", "COMPLETE", "FAIL", "ABORT"
SPECIFICATION = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_FACETS = "https://openlineage.io/spec/facets"


@dataclass(frozen=True)
class Frame:
    """Whose the events are: `name` is the data set or table; `started` is in ISO 8601, UTC."""

    producer: str
    lake: Prefix
    job_name: str
    run_id: str
    name: str
    started: str

    @property
    def namespace(self) -> str:
        """Of the lake's tables, and of the jobs that make them."""
        return f"s3://{self.lake.bucket}"

    def event(
        self,
        kind: str,
        time: str,
        inputs: Iterable[Event] = (),
        outputs: Iterable[Event] = (),
        facets: Mapping[str, Any] | None = None,
    ) -> Event:
        """An event of the run; `facets` are those of the run itself."""
        told = dict(facets or {})
        if kind != ABORT:  # when the run that died had begun is not known
            told["nominalTime"] = self.facet("NominalTimeRunFacet", "1-0-1") | {
                "nominalStartTime": self.started
            }
        return {
            "eventType": kind,
            "eventTime": time,
            "run": {"runId": self._uuid(self.name), "facets": {"parent": self._parent(), **told}},
            "job": {"namespace": self.namespace, "name": f"{self.job_name}.{self.name}"},
            "inputs": list(inputs),
            "outputs": list(outputs),
            "producer": self.producer,
            "schemaURL": SPECIFICATION,
        }

    def failed(self, ended: str, cause: str) -> Event:
        """With the cause in one line."""
        said = {"message": cause, "programmingLanguage": "Python"}
        error = self.facet("ErrorMessageRunFacet", "1-0-1") | said
        return self.event(FAILED, ended, facets={"errorMessage": error})

    def table(self, area: str, name: str, facets: Mapping[str, Any], rows: int | None = None) -> Event:
        """A table of the lake, with the rows that it holds now, if they are told."""
        key = self.lake.folder(area).folder(name).key.rstrip("/")
        made: Event = {"namespace": self.namespace, "name": key, "facets": dict(facets)}
        return made if rows is None else made | {"outputFacets": self.written(rows)}

    def written(self, rows: int) -> Event:
        """The rows of an output."""
        facet = self.facet("OutputStatisticsOutputDatasetFacet", "1-0-2")
        return {"outputStatistics": facet | {"rowCount": rows}}

    def facet(self, name: str, version: str) -> Event:
        """The beginning of a facet, by its schema."""
        return {"_producer": self.producer, "_schemaURL": f"{_FACETS}/{version}/{name}.json#/$defs/{name}"}

    def write(self, storage: Storage, event: Event) -> None:
        """Beside the run records: `lineage/<name>/<run id>.<event>.json`."""
        name = f"{self.run_id}.{event['eventType']}.json"
        storage.write_json(self.lake.folder(FOLDER).folder(self.name), name, event)

    def _uuid(self, of: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.lake}{of}/{self.run_id}"))

    def _parent(self) -> Event:
        """The execution that started the job run: its UUID is made of its name alone."""
        job = {"namespace": self.namespace, "name": self.job_name}
        return self.facet("ParentRunFacet", "1-2-0") | {"run": {"runId": self._uuid("")}, "job": job}
