"""The table `customer_segments` as the step before leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ingestion.state.storage import Prefix
from segmentation.lake import publication
from segmentation.lake.files import Files
from segmentation.lake.merge import Merge
from segmentation.lake.places import Places
from segmentation.lake.quarantine import Quarantined
from tests.unit.jobs.segmentation.shop import Shop, frame, prepare

COLUMNS = "customer_id bigint, segment int, segment_name string, recency_days int, frequency int"


def put(
    shop: Shop, segments: Mapping[int, int], run_id: str, twice: bool = False, nothing: bool = False
) -> None:
    """Make `segments`, a number for each customer, the table; `twice` with a customer that comes twice."""
    prepare(shop.spark)
    places = Places("customer_segments", run_id, Prefix.parse(shop.root))
    state = publication.load(shop.storage, places)
    given = [(one, number, f"segment {number}", 1, 2) for one, number in segments.items()]
    made = frame(shop.spark, COLUMNS, given).selectExpr("*", "cast(10 as decimal(18,2)) as monetary")
    if twice:
        made = made.unionByName(made.limit(1))
    rows = len(given) + twice
    files = Files(shop.spark, shop.storage, places)
    merged = Merge(files, state, made, ("customer_id",), rows, complete=True).execute()
    about = {"nothing": True} if nothing else {}
    after = publication.next_state(state, run_id, ("customer_id",), merged, Quarantined(), about=about)
    publication.publish(shop.storage, places, state, replace(after, about=about), merged, Quarantined())
