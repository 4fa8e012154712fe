"""A drift in each form: the summary, the rows, the notes, and the report of a job."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from covidlake.base import console
from covidlake.environment.drift_ignore import Entry
from covidlake.report import drift_report
from covidlake.ship.drift.drift import Difference, Drift, Ignored, Resource

CHANGED = Resource(
    "Function",
    "AWS::Lambda::Function",
    "fn",
    "MODIFIED",
    (Difference("/Timeout", "60", "77", "NOT_EQUAL"), Difference("/Tags/3", "", "x", "ADD")),
)
GONE = Resource("Queue", "AWS::SQS::Queue", "https://queue", "DELETED")
UNCHECKED = Resource("Alias", "Custom::Thing", "a", "NOT_CHECKED", reason="rate exceeded")
ENTRY = Entry("Role", "/Tags", "a tagging tool", 7)
IGNORED = Ignored("Role", "MODIFIED", None, ENTRY)


def drift(**found: Any) -> Drift:
    return Drift("dev", "covid-lake-dev", datetime(2026, 1, 1, 2, 3, tzinfo=UTC), **found)


@pytest.mark.parametrize(
    ("found", "summary"),
    [
        ({"in_sync": 3}, "covid-lake-dev: no drift, 3 in sync"),
        (
            {"resources": [CHANGED], "unchecked": [UNCHECKED]},
            "covid-lake-dev: 1 resource drifted, 0 in sync, 1 not checked",
        ),
        (
            {
                "resources": [CHANGED, GONE],
                "ignored": [Ignored("Role", "MODIFIED", None, ENTRY)],
                "stale": [ENTRY],
            },
            "covid-lake-dev: 2 resources drifted, 0 in sync, 1 difference ignored, 1 stale ignore line",
        ),
    ],
)
def test_the_summary_is_one_line_of_numbers(found: dict[str, Any], summary: str) -> None:
    assert drift_report.summary(drift(**found)) == summary


def test_each_difference_has_a_row_and_so_has_a_deleted_resource() -> None:
    rows = drift_report.rows(drift(resources=[CHANGED, GONE]))
    assert [row[2:] for row in rows] == [
        ["/Timeout", "NOT_EQUAL", "60", "77"],
        ["/Tags/3", "ADD", "", "x"],
        [None, "DELETED", "https://queue", None],
    ]


def test_notes_say_what_was_not_checked_and_which_lines_are_stale() -> None:
    found = drift(unchecked=[UNCHECKED], stale=[ENTRY], failure="throttled")
    assert drift_report.notes(found) == [
        "not checked: Custom::Thing Alias",
        "Alias (NOT_CHECKED): rate exceeded",
        "stale: drift-ignore Role:/Tags in environments/dev.yaml line 7 matches nothing: remove it",
        "CloudFormation could not check everything: throttled",
    ]


def test_markdown_escapes_notes_and_values() -> None:
    hostile = Resource("A", "T", "p", "MODIFIED", (Difference("/x", "a|b", "@all", "NOT_EQUAL"),))
    text = drift_report.markdown(drift(resources=[hostile], failure="see [x](http://y) #12"))
    assert "a&#124;b" in text
    assert "@all" not in text
    assert "](http" not in text
    assert "2026-01-01 02:03 UTC" in text


@pytest.mark.parametrize(
    ("found", "status"),
    [({}, "IN_SYNC"), ({"failure": "throttled"}, "FAILED"), ({"resources": [GONE]}, "DRIFTED")],
)
def test_only_a_stack_in_sync_is_healthy(found: dict[str, Any], status: str) -> None:
    made = drift_report.report(drift(**found))
    assert (made.status, made.healthy, made.kind) == (status, status == "IN_SYNC", "drift")


def test_a_file_has_the_table_as_plain_text() -> None:
    text = console.rendered(drift_report.for_terminal(drift(resources=[GONE])))
    assert "https://queue" in text
    assert "\x1b" not in text
    assert text.rstrip().endswith("1 resource drifted, 0 in sync")
