"""What CloudWatch refuses of a dashboard."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.cloudwatch.dashboards import refusal

LINE = ["AWS/States", "ExecutionsFailed", "StateMachineArn", "arn"]
METRIC = {"type": "metric", "properties": {"region": "us-east-2", "metrics": [LINE]}}


def of(*widgets: Any) -> str:
    return json.dumps({"widgets": list(widgets)})


def metric(*metrics: Any, **more: Any) -> dict[str, Any]:
    return {"type": "metric", "properties": {"region": "us-east-2", "metrics": list(metrics)}, **more}


@pytest.mark.parametrize(
    "body",
    [
        of(),
        of(METRIC),
        of({**METRIC, "x": 12, "y": 6, "width": 12, "height": 6}),
        of(metric([*LINE, {"stat": "Sum"}], [{"expression": "m1 / 2", "id": "e1"}], ["...", "other"])),
        of({"type": "text", "properties": {"markdown": "# hello"}}),
        of({"type": "log", "properties": {"query": "SOURCE 'a' | limit 1", "region": "us-east-2"}}),
        of({"type": "metric", "properties": {"annotations": {"alarms": ["arn"]}}}),
    ],
)
def test_a_right_body_is_taken(body: str) -> None:
    assert refusal("name", body) == ""


@pytest.mark.parametrize("body", ["", "{", "[]", "7", "widgets"])
def test_a_body_is_a_json_object(body: str) -> None:
    assert refusal("name", body) == "The field DashboardBody must be a valid JSON object"


@pytest.mark.parametrize(
    ("body", "path", "message"),
    [
        ("{}", "", "Should have required property 'widgets'"),
        ('{"widgets": {}}', "/widgets", "Should be array"),
        (of(*[METRIC] * 501), "/widgets", "Should NOT have more than 500 items"),
        (of(7), "/widgets/0", "Should be object"),
        (of({"properties": {}}), "/widgets/0", "Should have required property 'type'"),
        (of({"type": "text"}), "/widgets/0", "Should have required property 'properties'"),
        (of({"type": "graph", "properties": {}}), "/widgets/0/type", "Should be equal to one of"),
        (of({"type": "text", "properties": {}}), "/widgets/0/properties", "required property 'markdown'"),
        (of({"type": "metric", "properties": {}}), "/widgets/0/properties", "required property 'metrics'"),
        (of({**METRIC, "width": 25}), "/widgets/0/width", "Should be <= 24"),
        (of({**METRIC, "x": -1}), "/widgets/0/x", "Should be >= 0"),
        (of({**METRIC, "y": "1"}), "/widgets/0/y", "Should be integer"),
        (of(METRIC, metric("x")), "/widgets/1/properties/metrics/0", "Should be array"),
        (of(metric([7])), "/widgets/0/properties/metrics/0", "array of array of strings"),
        (of(metric([])), "/widgets/0/properties/metrics/0", "array of array of strings"),
        (of(metric(LINE[:3])), "/widgets/0/properties/metrics/0", "pairs of dimensions"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(body: str, path: str, message: str) -> None:
    text = refusal("name", body)
    assert text.startswith("The dashboard body is invalid, there are ")
    found = [(one["dataPath"], one["message"]) for one in json.loads(text.partition(":\n")[2])]
    assert [one for one in found if one[0] == path and message in one[1]]


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 256])
def test_a_name_has_few_characters(name: str) -> None:
    assert refusal(name, of()).startswith("The field DashboardName must")
