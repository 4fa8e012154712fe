"""The status of an environment: reports of its last executions, freshness, what could not be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from covidlake.base.errors import IngestionError, PriceError
from covidlake.cost import month_cost
from covidlake.report.page import facts, recorded, report
from covidlake.report.page.facts import Facts
from covidlake.report.site import status
from tests import recorded_executions

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
LAST = "replayed"


@pytest.fixture(autouse=True)
def verified(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the table `runs` says: nothing, unless a test puts it there."""
    said: dict[str, Any] = {}
    monkeypatch.setattr(recorded, "verified", lambda _: said)
    return said


def found(asked: list[tuple[str | None, bool]]) -> Any:
    """Recorded executions in the place of AWS; `failed` cannot be read."""

    def find(_environment: str, name: str | None = None, beside: Facts | None = None) -> Facts:
        asked.append((name, beside is not None))
        if name not in (None, *recorded_executions.names()) or name == "failed":
            raise IngestionError(f"no execution {name}")
        return facts.facts(recorded_executions.read(name or LAST))

    return find


def test_each_of_the_last_executions_has_a_report_and_what_they_share_is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str | None, bool]] = []
    monkeypatch.setattr(report, "found", found(asked))
    monkeypatch.setattr(month_cost, "of_month", lambda _: None)
    made = status.status("dev", most=3, now=NOW)
    assert [one.collected.name for one in made.reports] == [LAST, "nothing-new", "succeeded"]
    assert asked == [(None, False), ("nothing-new", True), ("succeeded", True)]
    assert [run.name for run in made.runs] == ["replayed", "nothing-new", "succeeded"]
    assert made.gaps == ()


def test_the_oldest_data_set_comes_first_with_its_age(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "found", found([]))
    monkeypatch.setattr(month_cost, "of_month", lambda _: None)
    fresh = status.status("dev", most=1, now=NOW).freshness
    assert {one.name for one in fresh} == set(recorded_executions.DATA_SETS)
    assert [one.loaded_at for one in fresh] == sorted(one.loaded_at for one in fresh)
    codes = next(one for one in fresh if one.name == "country_codes")
    # Loaded 2026-11-28 at 19:58:08 and again when it was replayed, at 19:59; now it is 8:00 two days later.
    assert codes.days == pytest.approx(1.5, abs=0.01)
    assert codes.table_rows == 24


BY_HAND = {"status": "LOADED", "run_id": "by-hand", "ended_at": "2026-11-30T02:00:00.000+00:00"}


def test_what_only_the_table_runs_knows_is_of_the_execution_that_verified_it(
    monkeypatch: pytest.MonkeyPatch, verified: dict[str, Any]
) -> None:
    monkeypatch.setattr(report, "found", found([]))
    monkeypatch.setattr(month_cost, "of_month", lambda _: None)
    verified.update(new={**BY_HAND, "table_rows": None})
    fresh = {one.name: one for one in status.status("dev", most=1, now=NOW).freshness}
    assert set(fresh) == {*recorded_executions.DATA_SETS, "new"}
    assert (fresh["new"].execution, fresh["new"].table_rows, fresh["new"].days) == ("by-hand", None, 0.25)


def test_a_table_that_is_verified_again_is_as_old_as_its_load(
    monkeypatch: pytest.MonkeyPatch, verified: dict[str, Any]
) -> None:
    monkeypatch.setattr(report, "found", found([]))
    monkeypatch.setattr(month_cost, "of_month", lambda _: None)
    before = {one.name: one for one in status.status("dev", most=1, now=NOW).freshness}
    verified.update(country_codes={**BY_HAND, "table_rows": 24})
    after = {one.name: one for one in status.status("dev", most=1, now=NOW).freshness}
    assert after["country_codes"] == before["country_codes"]


@pytest.mark.parametrize("said", [{}, {**BY_HAND, "ended_at": "2026-11-01T00:00:00+00:00"}])
def test_a_load_that_was_not_verified_is_none(
    monkeypatch: pytest.MonkeyPatch, verified: dict[str, Any], said: dict[str, Any]
) -> None:
    monkeypatch.setattr(report, "found", found([]))
    monkeypatch.setattr(month_cost, "of_month", lambda _: None)
    verified.update(country_codes=said)
    fresh = {one.name: one for one in status.status("dev", most=1, now=NOW).freshness}
    assert fresh["country_codes"].execution == said.get("run_id", "")
    assert (fresh["country_codes"].days is None) is (said == {})


def test_a_report_and_a_cost_that_cannot_be_had_are_said_and_the_others_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: str) -> None:
        raise PriceError("region mars-1: no prices")

    last = facts.facts(recorded_executions.read(LAST))
    last.collected.executions[1]["name"] = "failed"
    last = facts.facts(last.collected)
    monkeypatch.setattr(
        report,
        "found",
        lambda _, name=None, beside=None: last if name is None else found([])(_, name, beside),
    )
    monkeypatch.setattr(month_cost, "of_month", refuse)
    made = status.status("dev", now=NOW)
    assert [one.collected.name for one in made.reports] == [LAST, "succeeded"]
    assert [(gap.part, gap.why) for gap in made.gaps] == [
        ("report of failed", "no execution failed"),
        ("cost of the month", "region mars-1: no prices"),
    ]
    assert made.month is None


@pytest.mark.parametrize("ended_at", ["", "yesterday", "2026-11-28T10:00:00"])
def test_an_age_that_no_record_tells_is_unknown(ended_at: str) -> None:
    fresh = status._fresh("x", [{"ended_at": ended_at}], NOW.isoformat())
    assert (fresh.days, fresh.table_rows) == (None, None)


@pytest.mark.parametrize("later", ["FAILED", "NOTHING_NEW"])
def test_only_a_run_that_loaded_makes_a_data_set_fresh(later: str) -> None:
    loaded = {"status": "LOADED", "run_id": "old", "ended_at": "2026-11-01T00:00:00+00:00", "table_rows": 5}
    newer = {"status": later, "run_id": "new", "ended_at": "2026-11-29T00:00:00+00:00"}
    fresh = status._fresh("cases", [loaded, newer], NOW.isoformat())
    assert (fresh.execution, fresh.table_rows) == ("old", 5)
    assert fresh.days == pytest.approx(29.3, abs=0.1)
    assert status._fresh("cases", [newer], NOW.isoformat()).days is None
