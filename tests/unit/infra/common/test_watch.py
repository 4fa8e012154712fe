from __future__ import annotations

from typing import Any

import pytest

from infra.common import dashboard, watch
from infra.common.code_locations import CodeLocations
from infra.ingestion.template import build_template
from infra.segmentation.template import build_template as build_segmentation
from tests.unit.infra.conftest import DESCRIBED
from tests.unit.infra.intrinsics import resolve

BOUNDS = {
    "StaleAfterHours": 0,
    "MaxQuarantinedPercent": 100,
    "MissedScheduleHours": 0,
    "MonthlyBudgetDollars": 0,
}


@pytest.fixture(params=["ingestion", "segmentation"], scope="module")
def made(request: pytest.FixtureRequest) -> dict[str, Any]:
    if request.param == "ingestion":
        return dict(build_template(CodeLocations.local(), DESCRIBED).to_dict())
    return dict(build_segmentation(CodeLocations.local(), []).to_dict())


def test_the_dashboard_is_off_by_default(made: dict[str, Any]) -> None:
    assert made["Parameters"][dashboard.PARAMETER]["Default"] == "false"
    assert made["Resources"]["Dashboard"]["Condition"] == dashboard.CONDITION
    assert made["Conditions"][dashboard.CONDITION] == {"Fn::Equals": [{"Ref": dashboard.PARAMETER}, "true"]}


def test_every_bound_is_off_by_default(made: dict[str, Any]) -> None:
    assert {name: made["Parameters"][name]["Default"] for name in BOUNDS} == BOUNDS


@pytest.mark.parametrize("bound", [*watch.OF_TIME, dashboard.PARAMETER, None])
def test_the_hour_is_watched_only_for_a_bound_that_time_may_cross(
    made: dict[str, Any], bound: str | None
) -> None:
    values = {name: "1" if name == bound else "0" for name in BOUNDS}
    values[dashboard.PARAMETER] = "true" if bound == dashboard.PARAMETER else "false"
    *bounds, shown = (resolve(one, values, {}) for one in made["Conditions"][watch.CONDITION]["Fn::Or"])
    on = any(one["Fn::Not"][0]["Fn::Equals"][0] != "0" for one in bounds)
    on = on or shown == {"Fn::Equals": ["true", "true"]}
    assert on is (bound is not None)
    rule = made["Resources"]["HourRule"]["Properties"]
    assert rule["State"] == {"Fn::If": [watch.CONDITION, "ENABLED", "DISABLED"]}


def test_every_ending_of_an_execution_calls_it(made: dict[str, Any]) -> None:
    rule = made["Resources"]["EndedRule"]["Properties"]
    assert rule["EventPattern"]["detail"]["status"] == ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
    target = rule["Targets"][0]
    assert target["Arn"] == {"Fn::GetAtt": ["WatchFunction", "Arn"]}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["UndeliveredQueue", "Arn"]}}
