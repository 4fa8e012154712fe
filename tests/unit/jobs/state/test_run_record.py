"""What a run record says: its findings, and the words of a failure."""

from __future__ import annotations

import pytest

from ingestion.description import FAIL, REJECT, WARN
from ingestion.description.rules import Result
from ingestion.state import run_record

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
    assert run_record.findings(results, added, ()) == findings


def test_findings_fit_into_what_a_state_machine_carries() -> None:
    found = run_record.findings([STALE] * 100, (), ())
    assert len(found) <= run_record.FINDINGS_LENGTH
    *whole, last = found.split("; ")
    assert set(whole) == {"fresh_date 1 times, as 2022-12-04"}
    long = run_record.findings([Result("x" * 2_000, WARN, 1, "y"), STALE], ("new",))
    assert long.split("; ")[1:] == ["fresh_date 1 times, as 2022-12-04", "new column new"]
    assert last == f"and {100 - len(whole)} more: see the run record"


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ValueError("no\n  such\tday"), "no such day"),
        (ValueError(), "no words were given"),
        (
            ValueError("calling o1.text.\n: java.io.IOException: denied\n\tat org.a.B(C.java:1)\n\tat org.d"),
            "calling o1.text. : java.io.IOException: denied",
        ),
        (ValueError("x" * 600), "x" * 498 + " …"),
    ],
)
def test_a_cause_is_one_line_without_the_stack_of_java(error: Exception, cause: str) -> None:
    assert run_record.cause_of(error) == cause
