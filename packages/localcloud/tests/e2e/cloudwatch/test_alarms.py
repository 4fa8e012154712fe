"""Alarms watch the dimensions and periods that they name."""

from __future__ import annotations

import time
from typing import Any

from localcloud.cloud import LocalCloud


def alarm_state(cloud: LocalCloud, name: str, wanted: str) -> str:
    """The state of an alarm, after a short wait for the one that is wanted."""
    deadline = time.monotonic() + 10
    while True:
        (alarm,) = cloud.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        if alarm["StateValue"] == wanted or time.monotonic() > deadline:
            return str(alarm["StateValue"])
        time.sleep(0.05)


def put(cloud: LocalCloud, machine: str, value: float) -> None:
    dimensions = [{"Name": "StateMachineArn", "Value": machine}]
    data = {"MetricName": "Failed", "Dimensions": dimensions, "Value": value}
    cloud.client("cloudwatch").put_metric_data(Namespace="core/machines", MetricData=[data])


def watch(cloud: LocalCloud, machine: str, **more: Any) -> str:
    name = f"core-watch-{machine}"
    cloud.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="core/machines",
        MetricName="Failed",
        Dimensions=[{"Name": "StateMachineArn", "Value": machine}],
        Statistic="Sum",
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        **{"TreatMissingData": "notBreaching", "Period": 300, **more},
    )
    return name


def test_an_alarm_watches_its_own_dimensions_only(cloud: LocalCloud) -> None:
    mine, other = watch(cloud, "mine"), watch(cloud, "other")
    put(cloud, "mine", 1)
    assert alarm_state(cloud, mine, "ALARM") == "ALARM"
    assert alarm_state(cloud, other, "OK") == "OK"


def test_an_alarm_returns_to_ok_when_its_periods_have_passed(cloud: LocalCloud) -> None:
    name = watch(cloud, "brief", Period=10)
    cloud.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert alarm_state(cloud, name, "OK") == "OK"
