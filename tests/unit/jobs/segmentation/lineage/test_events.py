"""The events that runs of the four jobs leave: valid, and with the columns that the tables really have."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from ingestion.state.storage import Prefix, Storage
from segmentation.arguments import Common
from segmentation.errors import SegmentationError
from segmentation.join import job as join
from segmentation.lake.places import Places
from segmentation.lake.table_state import TableState
from segmentation.lineage import columns
from segmentation.lineage.events import Teller
from segmentation.record.step_record import StepRecord
from segmentation.segment import job as segment
from segmentation.step import JobRun
from segmentation.write_back import job as write_back
from tests.unit.jobs.lineage import openlineage
from tests.unit.jobs.segmentation.join.test_customers import FILL, TABLES
from tests.unit.jobs.segmentation.shop import Shop
from tests.unit.jobs.world import FolderS3, GoneJobRuns

COMMON = Common(Prefix("lake"), "run-1")
ENDED = "2026-01-01T00:00:00+00:00"
RECORD = StepRecord("sales_orders", "run-1", "LOADED", True, True, "", "run-1", {}, 3, 1.0, ENDED, ENDED)


def events(lake: Path, name: str) -> dict[str, Any]:
    """By run and type, each valid by OpenLineage's schemas."""
    found = {path.stem: json.loads(path.read_text()) for path in (lake / "lineage" / name).glob("*.json")}
    for event in found.values():
        openlineage.check(event)
    return found


def lineage(event: Any) -> dict[str, set[tuple[str, str]]]:
    """Of the first output: by column, the tables and columns that it is made of."""
    fields = event["outputs"][0]["facets"]["columnLineage"]["fields"]
    return {
        name: {(one["name"], one["field"]) for one in found["inputFields"]} for name, found in fields.items()
    }


@pytest.fixture
def job_run(tmp_path: Path) -> JobRun:
    options = {"JOB_NAME": "extract", "JOB_RUN_ID": "jr_1"}
    return JobRun.of(options, Storage(FolderS3(tmp_path)), GoneJobRuns())  # type: ignore[arg-type]


def test_an_extraction_names_the_table_of_the_database(job_run: JobRun, tmp_path: Path) -> None:
    def work() -> StepRecord:
        places = Places("sales_orders", "run-1", COMMON.lake_root)
        types = {"order_id": "bigint", "status": "sales.order_status"}
        state = TableState("run-1", {"order_id": "bigint", "status": "string"}, types, buckets=(3,))
        state.save(job_run.storage, places.state)
        return replace(
            RECORD,
            tables={"sales_orders": 3, "sales_orders_quarantine": 1},
            detail={"database": "host:5432/shop"},
            rows_read=4,
        )

    job_run.carry_out("sales_orders", COMMON, work)
    found = events(tmp_path / "lake", "sales_orders")
    assert set(found) == {"run-1.START", "run-1.COMPLETE"}
    event = found["run-1.COMPLETE"]
    (source,) = event["inputs"]
    assert (source["namespace"], source["name"]) == ("postgres://host:5432", "shop.sales.orders")
    assert source["inputFacets"]["inputStatistics"]["rowCount"] == 4
    assert [one["name"] for one in event["outputs"]] == [
        "clean/sales_orders",
        "quarantine/sales_orders_quarantine",
    ]
    assert lineage(event)["status"] == {("shop.sales.orders", "status")}
    fields = event["outputs"][0]["facets"]["columnLineage"]["fields"]
    kinds = {name: one["inputFields"][0]["transformations"][0]["subtype"] for name, one in fields.items()}
    assert kinds == {"order_id": "IDENTITY", "status": "TRANSFORMATION"}


def test_a_failure_tells_its_cause_and_the_next_run_of_one_that_died(job_run: JobRun, tmp_path: Path) -> None:
    def die() -> StepRecord:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), mock.patch("ingestion.state.claim.Claim.release"):
        job_run.carry_out("customers", COMMON, die)
    failing = mock.Mock(side_effect=SegmentationError("broken"))
    with pytest.raises(SegmentationError):
        replace(job_run, id="jr_2").carry_out("customers", replace(COMMON, run_id="run-2"), failing)
    found = events(tmp_path / "lake", "customers")
    assert set(found) == {"run-1.START", "run-1.ABORT", "run-2.START", "run-2.FAIL"}
    assert found["run-2.FAIL"]["run"]["facets"]["errorMessage"]["message"] == "broken"
    assert found["run-1.START"]["run"]["runId"] == found["run-1.ABORT"]["run"]["runId"]
    assert {one["name"] for one in found["run-2.START"]["inputs"]} == {f"clean/{one}" for one in TABLES}


def test_an_event_that_cannot_be_written_stops_nothing(job_run: JobRun) -> None:
    with mock.patch.object(Storage, "write_json", side_effect=OSError("full")):
        Teller(job_run.storage, COMMON, "extract", "customers").completed(RECORD)


def test_whole_runs_tell_the_columns_that_the_tables_have(shop: Shop) -> None:
    shop.sql(FILL)
    shop.extract(*TABLES)
    shop.run(join.run)
    shop.run(segment.run, segments="2", min_segments="2", max_segments="3")
    options = shop.options(target="segmentation.customer_segments", gone="delete")
    write_back.run(options, shop.storage, GoneJobRuns(), shop.access)
    for number, name in ((2, columns.CUSTOMERS), (3, columns.SEGMENTS)):
        event = events(shop.lake, name)[f"run-{number}.COMPLETE"]
        told = {one.column: {(table, column) for table, column in one.sources} for one in columns.of(name)}
        assert list(told) == list(shop.state(name)["columns"])
        found = {
            column: {(table.rpartition("/")[2], field) for table, field in sources}
            for column, sources in lineage(event).items()
        }
        assert found == told
    for name in TABLES:
        assert set(lineage(events(shop.lake, name)["run-1.COMPLETE"])) == set(shop.state(name)["columns"])
    (result,) = events(shop.lake, columns.WRITE_BACK)["run-4.COMPLETE"]["outputs"]
    assert result["name"] == f"{shop.database}.segmentation.customer_segments"
    assert result["outputFacets"]["outputStatistics"]["rowCount"] == 3
