"""The report as JSON: whole, and of plain values."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from covidlake.report.page import data
from covidlake.report.page.collected import Collected
from covidlake.report.page.facts import Facts, facts
from covidlake.run import pipelines
from tests import recorded_executions


@pytest.mark.parametrize("name", recorded_executions.names())
def test_every_execution_has_all_parts(name: str, told: Callable[[str], Facts]) -> None:
    found = told(name)
    content = json.loads(data.to_json(found))
    assert content["version"] == data.VERSION
    assert content["status"] == found.status
    assert len(content["states"]["visits"]) == len(found.timeline.visits)
    assert {one["name"] for one in content["data_sets"]} == {one.name for one in found.data_sets}
    steps = pipelines.of(content["environment"]).other_rows
    for one in content["data_sets"]:
        added = sum(one["parts"].values())
        assert one["unaccounted"] == (None if one["name"] in steps else 0) or one["rows_read"] is None
        assert one["rows_read"] in (None, added) or one["name"] in steps
    assert content["gaps"] == []


def test_hostile_text_stays_text(recorded: Callable[[str], Collected]) -> None:
    hostile = recorded("aborted")
    assert hostile.execution["cause"] == recorded_executions.HOSTILE
    made = data.to_json(facts(hostile))
    assert "\x1b" not in made
    assert json.loads(made)["execution"]["cause"] == recorded_executions.HOSTILE
