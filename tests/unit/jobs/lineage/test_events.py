"""Events are valid by OpenLineage's own schemas, its facets by theirs."""

from __future__ import annotations

import json

import jsonschema
import pytest

import datasets
from ingestion.lineage.events import Run
from ingestion.state.run_record import LOADED, RunRecord
from ingestion.state.storage import Prefix
from tests.unit.jobs.lineage import openlineage

UK = datasets.load("uk_covid")
STARTED, ENDED = "2026-11-28T10:00:00+00:00", "2026-11-28T10:01:00+00:00"
RUN = Run(Prefix("lake", ""), Prefix("covid19-lake", ""), "covid-lake-dev-ingest", "run-1", UK.name, STARTED)
RECORD = RunRecord(
    dataset=UK.name,
    run_id="run-1",
    status=LOADED,
    crawl_needed=True,
    verify_needed=True,
    catalog="c",
    table_rows=21,
    tables={"uk_covid": 21, "uk_covid_by_age": 90, "uk_covid_history": 3, "uk_covid_quarantine": 2},
    revision="r",
    seconds=60.0,
    started_at=STARTED,
    ended_at=ENDED,
    objects_listed=1,
    objects_read=1,
    rows_read=23,
    rows_new=21,
    rows_quarantined=2,
    rules=(
        {"rule": "bad_area_code", "severity": "reject", "failures": 2, "example": "x"},
        {"rule": "non_decreasing", "severity": "fail", "failures": 0, "example": ""},
    ),
)
EVENTS = {
    "START": RUN.start(UK),
    "COMPLETE": RUN.complete(UK, RECORD),
    "FAIL": RUN.fail(ENDED, "SchemaChangedError: no column"),
    "ABORT": RUN.abort(ENDED),
}


@pytest.mark.parametrize("kind", EVENTS)
def test_an_event_and_its_facets_are_valid(kind: str) -> None:
    event = json.loads(json.dumps(EVENTS[kind]))
    assert event["eventType"] == kind
    openlineage.check(event)


def test_the_schemas_refuse_what_is_none() -> None:
    """Else the test above could not fail."""
    broken = EVENTS["COMPLETE"] | {"eventType": "DONE"}
    with pytest.raises(jsonschema.ValidationError):
        openlineage.validator(broken["schemaURL"]).validate(broken)
    lineage = EVENTS["COMPLETE"]["outputs"][0]["facets"]["columnLineage"]
    with pytest.raises(jsonschema.ValidationError):
        openlineage.validator(lineage["_schemaURL"]).validate(lineage | {"fields": {"a": {}}})


def test_all_events_of_a_run_have_its_id_and_the_executions() -> None:
    assert len({event["run"]["runId"] for event in EVENTS.values()}) == 1
    other = Run(RUN.lake, RUN.source_root, RUN.job_name, RUN.run_id, "second", STARTED).abort(ENDED)
    assert other["run"]["runId"] != EVENTS["ABORT"]["run"]["runId"]
    parents = [one["run"]["facets"]["parent"]["run"]["runId"] for one in (other, EVENTS["ABORT"])]
    assert parents[0] == parents[1]


def test_complete_says_what_was_read_and_what_is_there() -> None:
    event = EVENTS["COMPLETE"]
    (read,) = event["inputs"]
    assert (read["namespace"], read["name"]) == ("s3://covid19-lake", "uk_covid/json")
    assert read["inputFacets"]["inputStatistics"]["rowCount"] == 23
    outputs = {one["name"]: one for one in event["outputs"]}
    assert list(outputs) == [
        "clean/uk_covid", "clean/uk_covid_by_age", "clean/uk_covid_history", "quarantine/uk_covid_quarantine",
    ]  # fmt: skip
    assert outputs["clean/uk_covid"]["outputFacets"]["outputStatistics"]["rowCount"] == 21
    lineage = outputs["clean/uk_covid"]["facets"]["columnLineage"]["fields"]["month"]["inputFields"]
    assert [(one["name"], one["field"]) for one in lineage] == [("uk_covid/json", "date")]
    assertions = outputs["clean/uk_covid"]["facets"]["dataQualityAssertions"]["assertions"]
    assert [(one["assertion"], one["success"], one["severity"]) for one in assertions] == [
        ("bad_area_code", False, "warn"),
        ("non_decreasing", True, "error"),
    ]
