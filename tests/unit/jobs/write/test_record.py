"""What the record of a run says of its counts; without a Spark session."""

from __future__ import annotations

from collections import Counter

import datasets
from ingestion.read.rows import ACCEPTED, FILTERED_OUT, REJECTED
from ingestion.read.scan import Group, Scan
from ingestion.state.ledger import Plan
from ingestion.state.storage import StoredObject
from ingestion.write import merge, record
from ingestion.write.staged import Built


def test_every_row_read_is_in_one_of_the_counts() -> None:
    lines = {ACCEPTED: 10, REJECTED: 2, FILTERED_OUT: 3}
    groups = [Group("a", 0, "", outcome, "", count, 0, frozenset()) for outcome, count in lines.items()]
    changes = Counter(
        {merge.NEW: 4, merge.RESTATED: 3, merge.UNCHANGED: 2, merge.DUPLICATE: 6, merge.REMOVED: 1}
    )
    built = Built(
        datasets.load("country_codes"), Scan(tuple(groups)), reread=5, objects_read=2, changes=changes
    )
    plan = Plan(False, (StoredObject("a", "1", 10),), (), ("gone",), frozenset())

    counts = record.counts(plan, built)

    assert counts["rows_read"] == 20 == sum(counts[f"rows_{name}"] for name in ACCOUNTED_FOR)
    assert (counts["rows_removed"], counts["objects_read"], counts["objects_removed"]) == (1, 2, 1)


ACCOUNTED_FOR = ("new", "restated", "unchanged", "duplicate", "quarantined", "filtered_out")
