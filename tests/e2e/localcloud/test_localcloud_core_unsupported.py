"""What the cloud does not do is an error that names it; alarms watch what they are told to watch."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

ROLE = "arn:aws:iam::000000000000:role/core-any"


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("glue", "create_trigger", {"Name": "t", "Type": "ON_DEMAND", "Actions": []}),
        ("glue", "create_workflow", {"Name": "w"}),
        ("glue", "start_workflow_run", {"Name": "w"}),
        ("glue", "start_crawler_schedule", {"CrawlerName": "c"}),
        (
            "glue",
            "create_crawler",
            {"Name": "c", "Role": ROLE, "Targets": {}, "Schedule": "cron(0 4 * * ? *)"},
        ),
        ("glue", "create_classifier", {"CsvClassifier": {"Name": "c"}}),
        ("logs", "put_destination", {"destinationName": "d", "targetArn": "a", "roleArn": "r"}),
    ],
)
def test_an_unsupported_operation_is_named(
    cloud: LocalCloud, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    client = cloud.client(service)
    name = client.meta.method_to_api_mapping[operation]
    with pytest.raises(ClientError, match=f"does not support {service}:{name}") as refused:
        getattr(client, operation)(**parameters)
    assert refused.value.response["Error"]["Code"] == "UnsupportedOperation"


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("glue", "create_session", {"Id": "s", "Role": ROLE, "Command": {"Name": "glueetl"}}),
        ("glue", "create_dev_endpoint", {"EndpointName": "e", "RoleArn": ROLE}),
        ("glue", "start_blueprint_run", {"BlueprintName": "b", "RoleArn": ROLE}),
        ("glue", "start_ml_evaluation_task_run", {"TransformId": "m"}),
        ("athena", "start_session", {"WorkGroup": "w", "EngineConfiguration": {"MaxConcurrentDpus": 2}}),
        ("athena", "create_capacity_reservation", {"Name": "c", "TargetDpus": 24}),
    ],
)
def test_an_operation_that_nothing_implements_is_an_error(
    cloud: LocalCloud, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    client = cloud.client(service)
    with pytest.raises(ClientError, match=client.meta.method_to_api_mapping[operation]):
        getattr(client, operation)(**parameters)


def test_a_template_with_a_trigger_is_refused(cloud: LocalCloud) -> None:
    trigger = {"Type": "AWS::Glue::Trigger", "Properties": {"Type": "ON_DEMAND", "Actions": []}}
    with pytest.raises(ClientError, match="AWS::Glue::Trigger"):
        cloud.client("cloudformation").create_stack(
            StackName="core-trigger", TemplateBody=json.dumps({"Resources": {"Trigger": trigger}})
        )


def test_a_target_that_would_never_be_called_is_refused(cloud: LocalCloud) -> None:
    events = cloud.client("events")
    events.put_rule(Name="core-untargeted", EventPattern=json.dumps({"source": ["core"]}))
    with pytest.raises(ClientError, match="does not support batch targets"):
        events.put_targets(
            Rule="core-untargeted",
            Targets=[{"Id": "1", "Arn": "arn:aws:batch:us-east-2:000000000000:job-queue/q"}],
        )


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
