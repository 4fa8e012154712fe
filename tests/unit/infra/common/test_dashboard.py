"""What a dashboard draws; that each metric is published, `tests/facts/test_metrics.py` holds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.common import dashboard, monitoring
from localcloud.cloudwatch.dashboards import refusal

BODY = dashboard.body("${AWS::StackName}-watch")
WIDGETS = BODY["widgets"]


def drawn(widget: dict[str, Any]) -> list[str]:
    return [metric[1] for metric in widget["properties"].get("metrics", []) if len(metric) > 1]


def test_cloudwatch_takes_the_body() -> None:
    assert refusal("name", json.dumps(BODY)) == ""


def test_every_ending_and_every_metric_of_ours_is_drawn() -> None:
    found = {name for widget in WIDGETS for name in drawn(widget)}
    endings = {f"Executions{one}" for one in ("Started", "Succeeded", *monitoring.ALARM_METRICS)}
    assert endings | dashboard.METRICS.keys() | {"ExecutionTime"} <= found


def test_every_chart_has_a_title_of_its_own_and_says_its_region() -> None:
    titles = [widget["properties"]["title"] for widget in WIDGETS]
    assert len(set(titles)) == len(titles)
    assert {widget["properties"]["region"] for widget in WIDGETS} == {"${AWS::Region}"}


def test_an_expression_names_metrics_of_its_chart() -> None:
    for widget in WIDGETS:
        options = [metric[-1] for metric in widget["properties"].get("metrics", [])]
        ids = {one.get("id") for one in options}
        for one in options:
            words = {word for word in one.get("expression", "").split() if word.isalpha()}
            assert words <= ids


@pytest.mark.parametrize("name", ["template", "segmentation"])
def test_a_dashboard_is_named_after_stack_and_region(request: pytest.FixtureRequest, name: str) -> None:
    """An account has one of a name for all of its regions: another region would overwrite it."""
    made = request.getfixturevalue(name)["Resources"]["Dashboard"]["Properties"]
    assert made["DashboardName"] == {"Fn::Sub": "${AWS::StackName}-${AWS::Region}"}
