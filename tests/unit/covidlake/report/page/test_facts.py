"""What a report says of each kind of execution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from covidlake.report.page.collected import Collected
from covidlake.report.page.facts import TEXT_LENGTH, Facts, facts, moment

Told = Callable[[str], Facts]


@pytest.mark.parametrize(
    ("name", "status", "tone", "words"),
    [
        ("succeeded", "SUCCEEDED", "ok", "4 data sets ingested"),
        ("nothing-new", "NOTHING_NEW", "ok", "nothing new"),
        ("replayed", "SUCCEEDED", "ok", "1 data set ingested"),
        ("failed", "FAILED", "bad", "uk_covid failed in RunJob: SchemaChangedError"),
        ("running", "RUNNING", "work", "still runs"),
        ("aborted", "ABORTED", "stopped", "was stopped"),
        ("timed-out", "TIMED_OUT", "bad", "timed out"),
    ],
)
def test_status_and_sentence(name: str, status: str, tone: str, words: str, told: Told) -> None:
    found = told(name)
    assert (found.status, found.tone) == (status, tone)
    assert words in found.sentence
    assert found.seconds > 0
    assert found.gaps == []


def test_a_crawl_is_counted_and_its_absence_is_said(told: Told) -> None:
    assert dict(told("succeeded").crawl)["in this execution"] == "1 crawl"
    assert dict(told("nothing-new").crawl)["in this execution"].startswith("none was needed")
    assert dict(told("succeeded").crawl)["its last crawl"].startswith("SUCCEEDED, begun 2")


def test_texts_of_the_execution_are_one_line_and_cut(recorded: Callable[[str], Collected]) -> None:
    one = recorded("failed")
    found = facts(
        replace(one, execution=one.execution | {"cause": "a\n\x1b[31m" + "x" * 5000, "error": "e\u202e"})
    )
    assert found.cause.startswith("a \\u001b[31m")
    assert len(found.cause) <= TEXT_LENGTH
    assert found.error == "e\\u202e"


def test_a_report_is_made_where_nothing_but_the_execution_is_known(
    recorded: Callable[[str], Collected],
) -> None:
    bare = Collected("dev", "2026-01-02T00:00:00+00:00", recorded("running").execution)
    found = facts(bare)
    assert (found.status, found.data_sets, found.charts, found.runs) == ("RUNNING", (), (), ())


def test_moments() -> None:
    assert moment("2026-01-02T03:04:05.678+00:00") == "2026-01-02 03:04:05 UTC"
    assert moment("yesterday") == "-"


def test_segments_of_a_run_record_are_a_chart(recorded: Callable[[str], Collected]) -> None:
    one = recorded("nothing-new")
    segments = [
        {"number": 1, "name": "loyal", "customers": 12},
        {"number": 2, "name": "loyal", "customers": 3},
    ]
    record = {"dataset": "customer_segments", "run_id": one.name, "status": "LOADED", "segments": segments}
    *_, chart = facts(replace(one, records={"customer_segments": [record]})).charts
    assert (chart.dataset, chart.drawing.rows) == ("customer_segments", (("1 loyal", "12"), ("2 loyal", "3")))


def test_the_segmentation_counts_the_rows_of_its_source_and_shows_segments(told: Told) -> None:
    found = told("segmented")
    assert (found.item, found.status, found.gaps) == ("table", "SUCCEEDED", [])
    steps = {one.name: one for one in found.data_sets if one.unaccounted is None}
    assert set(steps) == {"customers", "customer_segments", "write_back"}
    assert found.rows_read == sum(one.rows_read or 0 for one in found.data_sets if one.name not in steps)
    assert found.runs[0].rows_read == found.rows_read
    assert found.runs[0].rows_quarantined == sum(dict(one.parts)["quarantined"] for one in found.data_sets)
    segments, model = found.made
    assert len(segments.rows) > 1
    assert any("silhouette" in row[0] for row in model.rows)
    assert dict(found.crawl)["in this execution"] == "4 crawls"
    assert len(dict(found.crawl)) == len(found.crawl)
    assert "job run" in " ".join(line.usage for line in found.costs.lines)
