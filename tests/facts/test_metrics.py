"""What dashboards draw and alarms watch is published: by AWS, as `metrics.tsv` says, or by the function."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.common import dashboard
from tests.facts import reference, templates
from tests.facts.templates import CASES, Rendered

Metric = tuple[str, str, frozenset[str]]


def drawn(widget: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """By namespace and name, the dimensions; an expression is made of the others."""
    for metric in widget["properties"].get("metrics", []):
        *fields, _ = metric
        if fields:
            namespace, name, *pairs = fields
            yield namespace, name, dict(zip(pairs[::2], pairs[1::2], strict=True))


def widgets(rendered: Rendered) -> list[dict[str, Any]]:
    (found,) = rendered.of_type("AWS::CloudWatch::Dashboard").values()
    return list(json.loads(found["DashboardBody"])["widgets"])


def in_use() -> Iterator[tuple[Rendered, str, str, dict[str, str]]]:
    for module in templates.main_modules():
        rendered = templates.render(module, CASES[0])
        for widget in widgets(rendered):
            for one in drawn(widget):
                yield rendered, *one
        for alarm in rendered.of_type("AWS::CloudWatch::Alarm").values():
            dimensions = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}
            yield rendered, alarm["Namespace"], alarm["MetricName"], dimensions


def of_aws() -> set[Metric]:
    return {(space, name, frozenset(keys.split())) for space, name, keys, _ in reference.rows("metrics.tsv")}


def used() -> set[Metric]:
    return {(space, name, frozenset(dimensions)) for _, space, name, dimensions in in_use()}


def test_every_metric_of_aws_is_published_with_these_dimensions_and_every_fact_is_used() -> None:
    assert {one for one in used() if one[0].startswith("AWS/")} == of_aws()


def test_every_other_metric_is_one_of_the_functions() -> None:
    own = {(dashboard.NAMESPACE, name, frozenset({"Stack"})) for name in dashboard.METRICS}
    assert {one for one in used() if not one[0].startswith("AWS/")} == own


# By dimension: the resource whose name or ARN is its value.
VALUES = {
    "FunctionName": "AWS::Lambda::Function",
    "BucketName": "AWS::S3::Bucket",
    "WorkGroup": "AWS::Athena::WorkGroup",
    "StateMachineArn": "AWS::StepFunctions::StateMachine",
}


def test_every_dimension_names_a_resource_of_the_stack() -> None:
    for rendered, _, name, dimensions in in_use():
        for key, value in dimensions.items():
            if key in VALUES:
                known = rendered.arns if key.endswith("Arn") else rendered.names
                ours = {known[one] for one in rendered.of_type(VALUES[key])}
                assert value in ours, (name, key)
        assert dimensions.get("Stack", rendered.case.stack) == rendered.case.stack


@pytest.mark.parametrize("module", templates.main_modules())
def test_queries_are_measured_because_the_work_group_says_so(module: str) -> None:
    (group,) = templates.render(module, CASES[0]).of_type("AWS::Athena::WorkGroup").values()
    assert group["WorkGroupConfiguration"]["PublishCloudWatchMetricsEnabled"] is True


@pytest.mark.parametrize("module", templates.main_modules())
def test_a_dashboard_is_complete_and_no_widget_hides_another(module: str) -> None:
    rendered = templates.render(module, CASES[0])
    places = set[tuple[int, int]]()
    for one in widgets(rendered):
        cells = {
            (x, y)
            for x in range(one["x"], one["x"] + one["width"])
            for y in range(one["y"], one["y"] + one["height"])
        }
        assert not cells & places
        assert max(x for x, _ in cells) < 24
        places |= cells
    assert "${" not in json.dumps(widgets(rendered))


@pytest.mark.parametrize("module", templates.main_modules())
def test_a_query_of_the_dashboard_reads_a_log_group_of_the_stack(module: str) -> None:
    rendered = templates.render(module, CASES[0])
    (asked,) = (one["properties"]["query"] for one in widgets(rendered) if one["type"] == "log")
    assert asked.split("'")[1] in {rendered.names[one] for one in rendered.of_type("AWS::Logs::LogGroup")}
