"""Metrics in log events, in CloudWatch's embedded metric format: each is put as if by PutMetricData.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud import plugin

_MOST_DIMENSIONS, _MOST_METRICS, _MOST_VALUES = 30, 100, 100


@dataclass(frozen=True)
class Value:
    namespace: str
    name: str
    unit: str
    dimensions: dict[str, str]
    timestamp: float
    values: list[float]


def install(_app: Any) -> None:
    from ministack.services import cloudwatch, cloudwatch_logs

    append = plugin.require(cloudwatch_logs, "_append_log_events", ["stream", "events"])
    arguments = ["namespace", "name", "dims", "ts", "unit", "value", "values", "counts", "stat_values"]
    store = plugin.require(cloudwatch, "_store_datum", arguments)
    evaluate = plugin.require(cloudwatch, "_evaluate_all_alarms", [])

    def appended(stream: Any, events: list[dict[str, Any]]) -> None:
        append(stream, events)
        found = [value for event in events for value in extracted(str(event.get("message") or ""))]
        for one in found:
            place = (one.namespace, one.name, one.dimensions, one.timestamp, one.unit)
            store(*place, None, one.values, None, None)
        if found:
            evaluate()

    cloudwatch_logs._append_log_events = appended


def extracted(message: str) -> Iterator[Value]:
    """The metrics of a log event; none of an event that does not hold to the format, as on AWS."""
    if '"_aws"' not in message:
        return
    try:
        content = json.loads(message)
        about = content["_aws"]
        timestamp = float(about["Timestamp"]) / 1000
        for directive in about["CloudWatchMetrics"]:
            for dimensions in directive["Dimensions"]:
                yield from _values(content, directive, dimensions, timestamp)
    except (ValueError, KeyError, TypeError):
        return


def _values(
    content: Mapping[str, Any], directive: Mapping[str, Any], dimensions: list[str], timestamp: float
) -> Iterator[Value]:
    known = {name: content[name] for name in dimensions}
    metrics = directive["Metrics"]
    texts = all(isinstance(one, str) for one in known.values())
    if not texts or len(known) > _MOST_DIMENSIONS or len(metrics) > _MOST_METRICS:
        return
    for metric in metrics:
        given = content.get(metric["Name"])
        values = given if isinstance(given, list) else [given]
        numbers = [float(one) for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
        if len(numbers) == len(values) <= _MOST_VALUES:
            unit = metric.get("Unit", "None")
            yield Value(directive["Namespace"], metric["Name"], unit, known, timestamp, numbers)
