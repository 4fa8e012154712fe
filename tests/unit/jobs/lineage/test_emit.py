"""The events that job runs leave: one that ends, one that fails, one that dies, one that cannot tell."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from ingestion import batch
from ingestion.errors import SchemaChangedError
from ingestion.state.job_runs import JobRuns
from ingestion.state.run_record import RunRecord
from ingestion.state.storage import Storage
from tests.unit.jobs.lineage.test_events import RECORD
from tests.unit.jobs.world import GoneJobRuns

OPTIONS = {
    "datasets": "uk_covid",
    "run_id": "run-1",
    "source_root": "s3://source/",
    "lake_root": "s3://lake/",
}


def run(client: Any, one: Any, run_id: str = "run-1", runs: JobRuns | None = None) -> list[RunRecord]:
    return batch.run(
        OPTIONS | {"run_id": run_id}, "ingest", f"jr_{run_id}", Storage(client), runs or GoneJobRuns(), one
    )


def events(client: Any) -> dict[str, dict[str, Any]]:
    found = client.list_objects_v2(Bucket="lake", Prefix="lineage/").get("Contents", [])
    keys = [item["Key"] for item in found]
    return {key: json.load(client.get_object(Bucket="lake", Key=key)["Body"]) for key in keys}


def test_a_run_that_ends_has_a_start_and_a_complete(s3: Any) -> None:
    assert run(s3, lambda *_, **__: RECORD) == [RECORD]
    found = events(s3)
    assert list(found) == ["lineage/uk_covid/run-1.COMPLETE.json", "lineage/uk_covid/run-1.START.json"]
    assert len({event["run"]["runId"] for event in found.values()}) == 1


def test_a_run_that_fails_has_the_cause(s3: Any) -> None:
    def fail(options: Any, **_: Any) -> RunRecord:
        raise SchemaChangedError("a.json: no column date")

    with pytest.raises(SchemaChangedError):
        run(s3, fail)
    found = events(s3)
    assert list(found) == ["lineage/uk_covid/run-1.FAIL.json", "lineage/uk_covid/run-1.START.json"]
    error = found["lineage/uk_covid/run-1.FAIL.json"]["run"]["facets"]["errorMessage"]
    assert error["message"] == "a.json: no column date"


def test_the_next_run_says_abort_for_one_that_died(s3: Any) -> None:
    def die(options: Any, **_: Any) -> RunRecord:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), mock.patch("ingestion.state.claim.Claim.release"):
        run(s3, die)
    assert list(events(s3)) == ["lineage/uk_covid/run-1.START.json"]
    run(s3, lambda *_, **__: RECORD, "run-2")
    found = events(s3)
    assert sorted(key.removeprefix("lineage/uk_covid/") for key in found) == [
        "run-1.ABORT.json", "run-1.START.json", "run-2.COMPLETE.json", "run-2.START.json",
    ]  # fmt: skip
    ids = {key: event["run"]["runId"] for key, event in found.items()}
    assert ids["lineage/uk_covid/run-1.ABORT.json"] == ids["lineage/uk_covid/run-1.START.json"]


def test_a_run_goes_on_where_no_event_can_be_written(s3: Any, caplog: pytest.LogCaptureFixture) -> None:
    whole = s3.put_object

    def refused(**arguments: Any) -> Any:
        if arguments["Key"].startswith("lineage/"):
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject")
        return whole(**arguments)

    with mock.patch.object(s3, "put_object", refused):
        assert run(s3, lambda *_, **__: RECORD) == [RECORD]
    assert "an event on the lineage of uk_covid could not be written" in caplog.text
    assert events(s3) == {}
