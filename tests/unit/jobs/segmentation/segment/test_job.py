"""Whole segmentations: of a table `customers` that a test writes as the join does."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from pyspark.sql import functions as F  # noqa: N812

from ingestion.state.storage import Prefix
from segmentation.lake import publication
from segmentation.lake.files import Files
from segmentation.lake.merge import Merge
from segmentation.lake.places import Places
from segmentation.lake.quarantine import Quarantined
from segmentation.record.step_record import SegmentRecord
from segmentation.segment import job
from segmentation.write_back import job as write_back
from tests.unit.jobs.segmentation.shop import Shop, frame, prepare
from tests.unit.jobs.world import GoneJobRuns

Row = tuple[int, int | None, int, int]
AUTO = {"segments": "auto", "min_segments": "2", "max_segments": "4"}
# Three groups that nobody could mistake: id, recency, frequency, monetary value.
GROUPS = [
    *[(n, 1 + n % 3, 40 + n % 5, 4000 + n) for n in range(30)],
    *[(n, 300 + n % 9, 12 + n % 3, 900 + n) for n in range(30, 60)],
    *[(n, 700 + n % 9, 1, 10 + n % 7) for n in range(60, 90)],
]


def put(shop: Shop, rows: list[Row], run_id: str = "made", parts: int = 2) -> None:
    """Make `rows` the table `customers`."""
    prepare(shop.spark)
    places = Places("customers", run_id, Prefix.parse(shop.root))
    state = publication.load(shop.storage, places)
    made = frame(shop.spark, "customer_id bigint, recency_days int, frequency int, spent int", rows)
    made = made.repartition(parts, F.rand(len(run_id)))
    made = made.withColumn("monetary", F.col("spent").cast("decimal(18,2)"))
    files = Files(shop.spark, shop.storage, places)
    merged = Merge(files, state, made.drop("spent"), ("customer_id",), len(rows), complete=True).execute()
    after = publication.next_state(state, run_id, ("customer_id",), merged, Quarantined())
    publication.publish(shop.storage, places, state, after, merged, Quarantined())


def segment(shop: Shop, **arguments: str) -> SegmentRecord:
    record: SegmentRecord = shop.run(job.run, **{**AUTO, **arguments})
    assert sum(one["customers"] for one in record.segments) in (record.table_rows, 0)
    return record


def model(shop: Shop, run: int) -> dict[str, Any]:
    path = shop.lake / "state" / "customer_segments" / "models" / f"run-{run}" / "model.json"
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def digests(shop: Shop) -> dict[str, str]:
    folder = shop.lake / "clean" / "customer_segments"
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.parquet")}


def test_segments_are_chosen_named_and_the_same_whatever_the_order_of_the_rows(shop: Shop) -> None:
    put(shop, GROUPS)
    first = segment(shop)
    assert (first.status, first.k, first.rows_new, first.drift) == ("LOADED", 3, 90, None)
    assert [(one["number"], one["name"], one["customers"]) for one in first.segments] == [
        (1, "best customers", 30),
        (2, "at risk", 30),
        (3, "lost", 30),
    ]
    assert first.segments[2]["mean_frequency"] == 1
    assert first.silhouette is not None
    assert first.silhouette > 0.8
    assert model(shop, 1)["silhouettes"].keys() == {"2", "3", "4"}
    assert len(model(shop, 1)["centers"]) == 3
    assert segment(shop).status == "NOTHING_NEW"
    other = replace(shop, lake=shop.lake / "other", root=f"{shop.root}other/", runs=0)
    put(other, GROUPS[::-1], "shuffled", parts=5)
    assert segment(other).segments == first.segments
    assert digests(other) == digests(shop)
    _drifts(shop)


def _drifts(shop: Shop) -> None:
    """Nine of the best have not been seen for long: the next run says so."""
    moved = [(n, 305, 13, 930) if n < 9 else (n, *rest) for n, *rest in GROUPS]
    put(shop, moved, "later")  # type: ignore[arg-type]
    record = segment(shop, segments="3")
    assert record.drift == 0.1
    assert record.detail["moves"] == [{"from": "best customers", "to": "at risk", "customers": 9}]
    assert record.rows_changed == 9


@pytest.mark.prove
def test_fewer_different_customers_than_segments_and_none_at_all(shop: Shop) -> None:
    put(shop, [(n, n % 2, 1, 5) for n in range(8)])
    record = segment(shop, segments="6")
    assert (record.k, record.table_rows) == (2, 8)
    assert record.findings == "2 segments instead of 6: no more customers differ"
    put(shop, [(n, 3, 1, 5) for n in range(4)] + [(9, None, 0, 0)], "same")
    record = segment(shop)
    assert [(one["name"], one["customers"]) for one in record.segments] == [("all customers", 4)]
    assert (record.k, record.silhouette, record.rows_deleted) == (1, None, 4)
    assert "1 customers without an order that counts are in no segment" in record.findings
    put(shop, [(9, None, 0, 0)], "none")
    for _ in range(2):
        record = segment(shop)
        assert (record.status, record.table_rows) == ("NOTHING_TO_SEGMENT", 4)
    put(shop, GROUPS, "back")
    assert segment(shop, segments="2").status == "LOADED"
    assert segment(shop, segments="2").rows_read == 0
    again = segment(shop, segments="2", code="2")
    assert again.rows_unchanged == 90, "another version of the code makes it again"


def test_nothing_to_segment_in_a_first_run_leaves_the_database_as_it_is(shop: Shop) -> None:
    put(shop, [(9, None, 0, 0)])
    record = segment(shop)
    assert (record.status, record.tables, record.revision) == ("NOTHING_TO_SEGMENT", {}, "run-1")
    target = shop.options(target="segmentation.customer_segments", gone="delete")
    written = write_back.run(target, shop.storage, GoneJobRuns(), shop.access)
    assert written.status == "NOTHING_TO_SEGMENT"
    assert shop.sql("select to_regclass('segmentation.customer_segments')") == [(None,)]
