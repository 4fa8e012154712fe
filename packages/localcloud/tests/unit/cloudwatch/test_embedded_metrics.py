"""Metrics in log events."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.cloudwatch.embedded_metrics import extracted

LINE = {
    "_aws": {
        "Timestamp": 1_700_000_000_000,
        "CloudWatchMetrics": [
            {
                "Namespace": "Shop",
                "Dimensions": [["Stack"], []],
                "Metrics": [{"Name": "Rows", "Unit": "Count"}, {"Name": "Times"}],
            }
        ],
    },
    "Stack": "dev",
    "Rows": 3,
    "Times": [1, 2.5],
}


def test_each_metric_has_each_set_of_dimensions() -> None:
    found = [(one.name, one.unit, one.dimensions, one.values) for one in extracted(json.dumps(LINE))]
    assert found == [
        ("Rows", "Count", {"Stack": "dev"}, [3.0]),
        ("Times", "None", {"Stack": "dev"}, [1.0, 2.5]),
        ("Rows", "Count", {}, [3.0]),
        ("Times", "None", {}, [1.0, 2.5]),
    ]
    first = next(extracted(json.dumps(LINE)))
    assert (first.namespace, first.timestamp) == ("Shop", 1_700_000_000.0)


@pytest.mark.parametrize(
    "change",
    [
        {"_aws": {}},
        {"_aws": 7},
        {"Stack": 7, "Rows": 1},
        {"_aws": {"Timestamp": 1}},
        {"_aws": {"Timestamp": ""}},
    ],
)
def test_what_does_not_hold_to_the_format_is_only_a_log_event(change: dict[str, Any]) -> None:
    found = [one for one in extracted(json.dumps({**LINE, **change})) if "Stack" in one.dimensions]
    assert found == []


def test_a_value_that_is_no_number_is_left_out() -> None:
    found = {one.name for one in extracted(json.dumps({**LINE, "Rows": "3"}))}
    assert found == {"Times"}


@pytest.mark.parametrize("message", ["", "plain", '{"_aws": ', "[]", '"_aws"'])
def test_any_text_may_be_logged(message: str) -> None:
    assert list(extracted(message)) == []
