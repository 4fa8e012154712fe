"""What became of every row: it adds up, or the report says by how much it does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from covidlake.report.page import accounting
from covidlake.report.page.collected import Collected
from covidlake.run.pipelines import ingestion, segmentation

Recorded = Callable[[str], Collected]


@pytest.mark.parametrize("name", ["succeeded", "nothing-new", "replayed", "failed"])
def test_rows_of_recorded_executions_add_up(name: str, recorded: Recorded) -> None:
    found = accounting.data_sets(recorded(name))
    assert found
    for one in found:
        assert one.unaccounted == (None if one.rows_read is None else 0)
        assert one.rows_read in (None, sum(rows for _, rows in one.parts))


def test_a_data_set_has_what_the_outcome_and_its_record_say(recorded: Recorded) -> None:
    (one,) = (one for one in accounting.data_sets(recorded("succeeded")) if one.name == "uk_covid")
    assert (one.outcome, one.rows_read, dict(one.parts)["new"], one.table_rows) == (
        "LOADED",
        3787,
        3780,
        3780,
    )
    assert {rule.name for rule in one.broken} == {
        "bad_date",
        "malformed_json",
        "missing_areacode",
        "wrong_type",
    }
    assert len(one.rules) > len(one.broken)


def test_one_that_failed_has_no_rows_but_a_cause(recorded: Recorded) -> None:
    by_name = {one.name: one for one in accounting.data_sets(recorded("failed"))}
    failed, loaded = by_name["uk_covid"], by_name["country_codes"]
    assert (failed.outcome, failed.state, failed.error) == ("FAILED", "RunJob", "SchemaChangedError")
    assert failed.rows_read is None
    assert loaded.outcome == "LOADED"


def test_rows_that_are_missing_are_counted() -> None:
    record = {"rows_read": 10, "rows_new": 6, "rows_duplicate": 1, "status": "LOADED"}
    assert accounting.data_set(ingestion.PIPELINE, "a", {}, record).unaccounted == 3


def test_a_table_of_a_database_is_the_sum_of_other_parts() -> None:
    record = {"rows_read": 10, "rows_new": 4, "rows_changed": 3, "rows_unchanged": 2, "rows_quarantined": 1}
    one = accounting.data_set(
        segmentation.PIPELINE, "orders", {"outcome": "LOADED"}, record | {"rows_deleted": 5}
    )
    assert [name for name, _ in one.parts] == ["new", "changed", "unchanged", "quarantined"]
    assert (one.unaccounted, one.rows_removed) == (0, 5)


def test_a_step_that_counts_customers_is_not_said_to_add_up() -> None:
    record = {"rows_read": 10, "rows_new": 4, "rows_changed": 0, "rows_unchanged": 0, "rows_quarantined": 0}
    one = accounting.data_set(segmentation.PIPELINE, "customers", {}, record)
    assert (one.rows_read, one.unaccounted, dict(one.parts)["new"]) == (10, None, 4)


def test_findings_are_sentences_with_the_data_set() -> None:
    assert accounting.data_set(
        ingestion.PIPELINE, "a", {"findings": "new column b; c fell"}, {}
    ).findings == (
        "a: new column b",
        "a: c fell",
    )
