"""What Athena is asked for a report, and what is made of its answers."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.base.errors import QueryError
from covidlake.report.page import asked
from covidlake.report.page.collected import Gap
from covidlake.run import pipelines, quarantine, query, status
from covidlake.run.query import Answer


def rows(*given: tuple[str, str, str, str]) -> Answer:
    found: list[list[str | None]] = [
        [name, reason, number, source, "1", "run", "raw\n" + "x" * 1000]
        for name, reason, number, source in given
    ]
    return Answer(quarantine.columns(pipelines.of("dev")), found, 0, "")


def test_rejected_rows_are_summed_by_reason_with_few_short_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [("a", "bad", "2", f"s3://b/{number}") for number in range(5)]
    monkeypatch.setattr(quarantine, "rejected_rows", lambda _: rows(*given, ("a", "worse", "30", "s3://b/x")))
    first, second = asked.quarantine("dev")
    assert (first["reason"], first["rows"], first["objects"]) == ("worse", 30, 1)
    assert (second["reason"], second["rows"], second["objects"]) == ("bad", 10, 5)
    assert len(second["examples"]) == asked.EXAMPLES
    assert all(
        len(one["text"]) <= asked.EXAMPLE_LENGTH and "\n" not in one["text"] for one in second["examples"]
    )


def test_a_table_of_a_database_has_no_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = ["table", "reason", "rows", "since run", "example"]
    answer = Answer(columns, [["sales_orders", "bad", "2", "run", "raw"]], 0, "")
    monkeypatch.setattr(quarantine, "rejected_rows", lambda _: answer)
    monkeypatch.setattr(quarantine, "abridged", lambda found: found)
    (one,) = asked.quarantine("segmentation/dev")
    assert (one["dataset"], one["rows"], one["examples"][0]["object"]) == ("sales_orders", 2, "")


def test_another_pipeline_has_neither_of_these() -> None:
    assert asked.quarantine("tiny/dev") == []
    assert asked.charts("tiny/dev", []) == []


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> None:
    found = status.Status(None, [], [["uk_covid", None], ["enigma_us_states", None]], "")  # type: ignore[arg-type]
    monkeypatch.setattr(status, "status", lambda _: found)


def test_charts_of_tables_that_are_there_are_asked_for(there: None, monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[str] = []

    def answer(_: str, sql: str) -> Answer:
        statements.append(sql)
        return Answer(["date"], [["x" * 1000]] * 6000, 7, "")

    monkeypatch.setattr(query, "query", answer)
    gaps: list[Gap] = []
    found = asked.charts("dev", gaps)
    assert gaps == []
    assert {one["dataset"] for one in found} == {"uk_covid", "enigma_us_states"}
    assert all(one["sql"] in statements and one["sql"].startswith("SELECT") for one in found)
    assert len(found[0]["rows"]) == asked.ROWS
    assert len(found[0]["rows"][0][0]) == asked.CELL_LENGTH


def test_a_chart_that_athena_refuses_is_a_gap_of_its_own(
    there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(_: str, sql: str) -> Answer:
        if "hospitalcases" in sql:
            raise QueryError("query failed: TABLE_NOT_FOUND\nuk_covid")
        return Answer(["state_name", "cases"], [["a", "1"]], 0, "")

    monkeypatch.setattr(query, "query", answer)
    gaps: list[Gap] = []
    assert [one["dataset"] for one in asked.charts("dev", gaps)] == ["enigma_us_states"]
    assert [(gap.part, gap.why) for gap in gaps] == [
        ("chart 'People in hospital with COVID-19 by nation'", "query failed: TABLE_NOT_FOUND uk_covid")
    ]


def test_a_catalog_that_cannot_be_read_is_one_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Any) -> None:
        raise QueryError("no catalog")

    monkeypatch.setattr(status, "status", refuse)
    gaps: list[Gap] = []
    assert asked.charts("dev", gaps) == []
    assert gaps == [Gap("charts", "no catalog")]
