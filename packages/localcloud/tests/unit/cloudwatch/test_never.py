"""Rules and alarms that would wait for ever."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.cloudwatch.never import alarm_refusal, event_refusal, metric_refusal


@pytest.mark.parametrize(
    ("pattern", "refused"),
    [
        ({"source": ["aws.glue"], "detail-type": ["Glue Job State Change"]}, False),
        ({"source": ["aws.glue"]}, False),
        ({"source": ["aws.states"], "detail": {"status": ["FAILED"]}}, False),
        ({"source": ["aws.s3"], "detail-type": ["Object Created"]}, False),
        ({"source": ["shop.orders"]}, False),
        ({"source": ["aws.athena", "shop"]}, False),
        ({"source": [{"prefix": "aws."}]}, False),
        ({"detail-type": ["order placed"]}, False),
        ({"account": ["000000000000"]}, False),
        ({"source": ["aws.athena"], "detail-type": ["Athena Query State Change"]}, True),
        ({"source": ["aws.athena"]}, True),
        ({"source": ["aws.cloudformation"]}, True),
        ({"source": ["aws.glue"], "detail-type": ["Glue Crawler State Change"]}, True),
        ({"source": ["aws.glue"], "detail-type": ["Glue Data Catalog Table State Change"]}, True),
        ({"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]}, True),
        ({"detail-type": ["Glue Crawler State Change"]}, True),
        ({"detail-type": ["AWS API Call via CloudTrail"]}, True),
    ],
)
def test_a_rule_on_events_that_never_come_is_refused(pattern: dict[str, Any], refused: bool) -> None:
    assert bool(event_refusal(json.dumps(pattern))) == refused


@pytest.mark.parametrize(
    ("namespace", "metric", "refused"),
    [
        ("AWS/States", "ExecutionsFailed", False),
        ("AWS/Lambda", "Errors", False),
        ("shop", "orders", False),
        ("", "", False),
        ("AWS/Lambda", "IteratorAge", True),
        ("AWS/States", "ExecutionThrottled", True),
        ("AWS/Glue", "glue.driver.aggregate.numFailedTasks", True),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", True),
        ("AWS/SNS", "NumberOfNotificationsFailed", True),
        ("AWS/Athena", "ProcessedBytes", True),
        ("AWS/S3", "BucketSizeBytes", True),
    ],
)
def test_an_alarm_on_a_metric_that_never_comes_is_refused(namespace: str, metric: str, refused: bool) -> None:
    assert bool(metric_refusal(namespace, metric)) == refused


def test_an_alarm_on_several_metrics_is_refused() -> None:
    metric = {"Namespace": "AWS/States", "MetricName": "ExecutionsFailed"}
    assert alarm_refusal(metric) == ""
    assert "an alarm on Metrics" in alarm_refusal(
        {"Metrics": [{"Id": "m", "MetricStat": {"Metric": metric}}]}
    )
