"""What the record of a run says of its rules and counts; without a Spark session."""

from __future__ import annotations

from collections import Counter

import pytest

import datasets
from ingestion.description import FAIL, REJECT, WARN
from ingestion.description.rules import Result
from ingestion.read.rows import ACCEPTED, FILTERED_OUT, REJECTED
from ingestion.read.scan import Group, Scan
from ingestion.state.ledger import Plan
from ingestion.state.storage import StoredObject
from ingestion.write import merge, record
from ingestion.write.staged import Built

REJECTION = Result("missing_date", REJECT, 3, "a line 2")
STALE = Result("fresh_date", WARN, 1, "2022-12-04")
KEPT = Result("unique_a", FAIL, 0)


@pytest.mark.parametrize(
    ("results", "added", "findings"),
    [
        ([REJECTION, KEPT], (), ""),
        ([STALE], (), "fresh_date 1 times, as 2022-12-04"),
        (
            [STALE],
            ("x", "y"),
            "fresh_date 1 times, as 2022-12-04; new column x; new column y",
        ),
    ],
)
def test_findings_are_what_a_successful_run_reports(
    results: list[Result], added: tuple[str, ...], findings: str
) -> None:
    assert record.findings(results, added, ()) == findings


def test_findings_fit_into_what_a_state_machine_carries() -> None:
    found = record.findings([STALE] * 100, (), ())
    assert len(found) <= record.FINDINGS_LENGTH
    *whole, last = found.split("; ")
    assert set(whole) == {"fresh_date 1 times, as 2022-12-04"}
    long = record.findings([Result("x" * 2_000, WARN, 1, "y"), STALE], ("new",))
    assert long.split("; ")[1:] == ["fresh_date 1 times, as 2022-12-04", "new column new"]
    assert last == f"and {100 - len(whole)} more: see the run record"


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
